#include "ndx/transport/gzip.h"

#include <zlib.h>

#include <algorithm>

#include "ndx/core/status_macros.h"

namespace ndx::transport {
namespace {

constexpr int kGzipWindowBits = 15 + 16;  // 16: gzip wrapper, as zlib.h has it

Bytef* ToZlib(const char* bytes) { return reinterpret_cast<Bytef*>(const_cast<char*>(bytes)); }

// Ends the zlib stream however the function is left.
class InflateStream {
 public:
  InflateStream() { NDX_CHECK(inflateInit2(&stream_, kGzipWindowBits) == Z_OK); }
  ~InflateStream() { inflateEnd(&stream_); }
  InflateStream(const InflateStream&) = delete;
  InflateStream& operator=(const InflateStream&) = delete;
  z_stream* operator->() { return &stream_; }
  z_stream* get() { return &stream_; }

 private:
  z_stream stream_{};
};

}  // namespace

absl::StatusOr<std::string> Gunzip(absl::string_view compressed, size_t bytes_max,
                                   size_t ratio_max) {
  const size_t allowed =
      std::min(bytes_max, std::max(kGzipRatioFreeBytes, compressed.size() * ratio_max));
  InflateStream inflater;
  inflater->next_in = ToZlib(compressed.data());
  inflater->avail_in = static_cast<uInt>(compressed.size());
  std::string out;
  size_t filled = 0;
  while (true) {
    // One byte past what is allowed tells "exactly at the limit" from "over it".
    out.resize(std::min(allowed + 1, std::max<size_t>(4096, out.size() * 2)));
    inflater->next_out = ToZlib(out.data() + filled);
    inflater->avail_out = static_cast<uInt>(out.size() - filled);
    const int result = inflate(inflater.get(), Z_NO_FLUSH);
    filled = out.size() - inflater->avail_out;
    if (filled > allowed) {
      return absl::ResourceExhaustedError("a compressed message expands beyond its limit");
    }
    if (result == Z_STREAM_END) break;
    if (result != Z_OK || (inflater->avail_in == 0 && inflater->avail_out > 0)) {
      return absl::InternalError("a compressed message is not valid gzip");
    }
  }
  if (inflater->avail_in != 0) {
    return absl::InternalError("a compressed message has bytes after its gzip data");
  }
  out.erase(filled);
  return out;
}

std::string Gzip(absl::string_view bytes) {
  z_stream stream{};
  NDX_CHECK(deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, kGzipWindowBits, 8,
                         Z_DEFAULT_STRATEGY) == Z_OK);
  std::string out(deflateBound(&stream, static_cast<uLong>(bytes.size())), '\0');
  stream.next_in = ToZlib(bytes.data());
  stream.avail_in = static_cast<uInt>(bytes.size());
  stream.next_out = ToZlib(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  NDX_CHECK(deflate(&stream, Z_FINISH) == Z_STREAM_END);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

}  // namespace ndx::transport
