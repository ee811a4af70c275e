// The gRPC wire codecs on hostile bytes: framing in any pieces gives the same messages, gzip keeps
// its limits, and every encoding comes back from its own text.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "fuzz_check.h"
#include "ndx/transport/base64.h"
#include "ndx/transport/grpc_timeout.h"
#include "ndx/transport/gzip.h"
#include "ndx/transport/message_deframer.h"
#include "ndx/transport/metadata.h"
#include "ndx/transport/percent_encoding.h"

namespace {

using ndx::transport::Message;
using ndx::transport::MessageDeframer;

constexpr size_t kMessageBytesMax = 1 << 16;

struct Deframed {
  size_t messages = 0;
  bool failed = false;
  friend bool operator==(const Deframed&, const Deframed&) = default;
};

// Feeds the bytes in pieces of at most piece_bytes.
Deframed Deframe(absl::string_view bytes, size_t piece_bytes) {
  MessageDeframer deframer({.message_bytes_max = kMessageBytesMax});
  deframer.allow_gzip();
  Deframed seen;
  while (!bytes.empty() && !seen.failed) {
    absl::string_view piece = bytes.substr(0, piece_bytes);
    bytes.remove_prefix(piece.size());
    while (!piece.empty() && !seen.failed) {
      Message message;
      seen.failed = !deframer.Feed(&piece, &message).ok();
      if (message != nullptr) ++seen.messages;
    }
    FUZZ_CHECK(deframer.buffered_bytes() <= 4 * kMessageBytesMax);
  }
  return seen;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const absl::string_view bytes(reinterpret_cast<const char*>(data), size);
  FUZZ_CHECK(Deframe(bytes, bytes.size() + 1) == Deframe(bytes, 1));

  if (const auto plain = ndx::transport::Gunzip(bytes, kMessageBytesMax, 100); plain.ok()) {
    FUZZ_CHECK(plain->size() <= kMessageBytesMax);
  }
  std::string decoded;
  if (ndx::transport::DecodeBase64(bytes, &decoded)) {
    std::string again;
    FUZZ_CHECK(ndx::transport::DecodeBase64(ndx::transport::EncodeBase64(decoded), &again));
    FUZZ_CHECK(again == decoded);
  }
  FUZZ_CHECK(ndx::transport::PercentDecode(ndx::transport::PercentEncode(bytes)) == bytes);
  ndx::transport::PercentDecode(bytes);
  if (const auto nanos = ndx::transport::ParseGrpcTimeout(bytes); nanos.has_value()) {
    FUZZ_CHECK(*nanos >= 0 && *nanos <= ndx::transport::kTimeoutNanosMax);
    FUZZ_CHECK(*ndx::transport::ParseGrpcTimeout(ndx::transport::FormatGrpcTimeout(*nanos)) <=
               *nanos);
  }
  ndx::transport::Metadata metadata;
  const size_t half = std::min<size_t>(bytes.size() / 2, 40);
  const bool added = metadata.AddFromWire(bytes.substr(0, half), bytes.substr(half)).ok();
  FUZZ_CHECK(added || metadata.empty());
  FUZZ_CHECK(!metadata.AddFromWire("x-bin", bytes).ok() || metadata.Contains("x-bin"));
  return 0;
}
