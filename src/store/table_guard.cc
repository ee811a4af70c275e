#include "table_guard.h"

#include <rocksdb/file_checksum.h>

#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "ndx/core/big_endian.h"

namespace ndx::store {
namespace {

using rocksdb::FSRandomAccessFile;
using rocksdb::IODebugContext;
using rocksdb::IOOptions;
using rocksdb::IOStatus;

// The footer of a block-based table of format 5: type of checksum, two handles padded with zeros,
// version, magic. Numbers in RocksDB's files are little-endian.
constexpr size_t kFooterBytes = 53;
constexpr size_t kHandlesAt = 1;
constexpr size_t kVersionAt = 41;
constexpr absl::string_view kVersionAndMagic("\5\0\0\0\xf7\xcf\xf4\x85\xb7\x41\xe2\x88", 12);
constexpr char kCrc32c = 1;
// Tables written before this guard. Their blocks' checksum is one that it cannot compute, so only
// their footer is looked at; a compaction writes them anew. No single bit makes one out of the
// other.
constexpr char kXxh3 = 4;
// Type of compression and checksum behind each block.
constexpr size_t kTrailerBytes = 5;
constexpr uint64_t kMetaBlockBytesMax = uint64_t{16} << 20;
constexpr absl::string_view kPropertiesName = "rocksdb.properties";
constexpr uint32_t kMaskDelta = 0xa282ead8;

struct BlockPlace {
  uint64_t offset = 0;
  uint64_t size = 0;  // without its trailer
};

std::optional<uint64_t> TakeVarint(absl::string_view* bytes) {
  uint64_t value = 0;
  for (uint32_t shift = 0; shift < 64 && !bytes->empty(); shift += 7) {
    const auto byte = static_cast<unsigned char>(bytes->front());
    bytes->remove_prefix(1);
    value |= uint64_t{byte & 0x7fU} << shift;
    if (byte == 0 && shift > 0) return std::nullopt;  // not as anybody writes it
    if ((byte & 0x80U) == 0) return value;
  }
  return std::nullopt;
}

std::optional<BlockPlace> TakePlace(absl::string_view* bytes) {
  const auto offset = TakeVarint(bytes);
  const auto size = TakeVarint(bytes);
  if (!offset.has_value() || !size.has_value()) return std::nullopt;
  return BlockPlace{.offset = *offset, .size = *size};
}

uint32_t LittleEndian32(absl::string_view bytes) {
  return __builtin_bswap32(core::ReadBigEndian<uint32_t>(bytes));
}

// RocksDB keeps a checksum of data that may hold checksums turned and shifted.
uint32_t MaskedCrc32c(const std::string& bytes) {
  const auto generator =
      rocksdb::GetFileChecksumGenCrc32cFactory()->CreateFileChecksumGenerator({});
  generator->Update(bytes.data(), bytes.size());
  generator->Finalize();
  const auto crc = core::ReadBigEndian<uint32_t>(generator->GetChecksum());
  return ((crc >> 15) | (crc << 17)) + kMaskDelta;
}

class TableTail {
 public:
  TableTail(const FSRandomAccessFile& file, uint64_t size) : file_(file), size_(size) {}

  // What is wrong with it; empty if nothing is.
  std::string Fault() const {
    if (size_ < kFooterBytes) return "it ends too early";
    const auto footer = Read(size_ - kFooterBytes, kFooterBytes);
    if (!footer.has_value()) return "its footer cannot be read";
    absl::string_view handles = *footer;
    const char checksum = footer->front();
    if ((checksum != kCrc32c && checksum != kXxh3) ||
        handles.substr(kVersionAt) != kVersionAndMagic) {
      return "its footer was changed";
    }
    handles = handles.substr(kHandlesAt, kVersionAt - kHandlesAt);
    const auto meta_index = TakePlace(&handles);
    const auto index = TakePlace(&handles);
    if (!meta_index.has_value() || !index.has_value() ||
        handles.find_first_not_of('\0') != absl::string_view::npos) {
      return "its footer was changed";
    }
    if (checksum == kXxh3) return "";
    const auto names = SoundBlock(*meta_index);
    if (!names.has_value()) return "its index of meta blocks was changed";
    const auto properties = PropertiesIn(*names);
    if (!properties.has_value() || !SoundBlock(*properties).has_value()) {
      return "its properties were changed";
    }
    return "";
  }

 private:
  std::optional<std::string> Read(uint64_t offset, size_t bytes) const {
    std::string buffer(bytes, '\0');
    rocksdb::Slice got;
    const IOStatus status = file_.Read(offset, bytes, IOOptions(), &got, buffer.data(), nullptr);
    if (!status.ok() || got.size() != bytes) return std::nullopt;
    return got.ToString();
  }

  // A block whose checksum is right, without its trailer.
  std::optional<std::string> SoundBlock(const BlockPlace& place) const {
    if (place.size > kMetaBlockBytesMax || place.offset > size_ ||
        place.size + kTrailerBytes > size_ - place.offset) {
      return std::nullopt;
    }
    auto block = Read(place.offset, static_cast<size_t>(place.size) + kTrailerBytes);
    if (!block.has_value()) return std::nullopt;
    const uint32_t stored = LittleEndian32(absl::string_view(*block).substr(place.size + 1));
    block->resize(place.size + 1);  // the checksum covers the type of compression
    if (MaskedCrc32c(*block) != stored) return std::nullopt;
    block->resize(place.size);
    return block;
  }

  // The place of the properties in the index of meta blocks: entries of bytes shared with the key
  // before, bytes of the key that are not, bytes of the value; key; value.
  static std::optional<BlockPlace> PropertiesIn(absl::string_view entries) {
    std::string key;
    while (true) {
      const auto shared = TakeVarint(&entries);
      const auto own = TakeVarint(&entries);
      const auto value = TakeVarint(&entries);
      if (!shared.has_value() || !own.has_value() || !value.has_value()) return std::nullopt;
      if (*shared > key.size() || *own > entries.size() || *value > entries.size() - *own) {
        return std::nullopt;
      }
      key.resize(*shared);
      absl::StrAppend(&key, entries.substr(0, *own));
      absl::string_view place = entries.substr(*own, *value);
      if (key == kPropertiesName) return TakePlace(&place);
      entries.remove_prefix(*own + *value);
    }
  }

  const FSRandomAccessFile& file_;
  const uint64_t size_;
};

class GuardedFileSystem final : public rocksdb::FileSystemWrapper {
 public:
  using FileSystemWrapper::FileSystemWrapper;

  const char* Name() const override { return "NdxGuardedFileSystem"; }

  IOStatus NewRandomAccessFile(const std::string& path, const rocksdb::FileOptions& options,
                               std::unique_ptr<FSRandomAccessFile>* out,
                               IODebugContext* debug) override {
    IOStatus status = FileSystemWrapper::NewRandomAccessFile(path, options, out, debug);
    if (!status.ok() || !absl::EndsWith(path, ".sst")) return status;
    uint64_t size = 0;
    IOStatus sized = FileSystemWrapper::GetFileSize(path, IOOptions(), &size, debug);
    if (!sized.ok()) return sized;
    const std::string fault = TableTail(**out, size).Fault();
    if (fault.empty()) return status;
    out->reset();
    return IOStatus::Corruption(absl::StrCat(path, ": ", fault));
  }
};

}  // namespace

std::shared_ptr<rocksdb::FileSystem> NewGuardedFileSystem(
    const std::shared_ptr<rocksdb::FileSystem>& other) {
  return std::make_shared<GuardedFileSystem>(other);
}

}  // namespace ndx::store
