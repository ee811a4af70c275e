// Large byte strings in append-only files beside the database, each with a checksum.
//
// Thread-safety: thread-safe.
// Durability: what Append() returned is durable after the next Sync() that returns OK.
// Format: directory of files NNNNNNNN.seg (decimal number from 1). A file begins with "NDXSEG1\n"
// and u64 its number. A record: magic "NDXR", 24 bytes of label, u32 length, SHA-256 of the
// content, first 8 bytes of SHA-256(u64 number ‖ u64 offset ‖ the header before this field), then
// the content. Integers are big-endian. A new process begins a new file, so that nothing is ever
// written behind what a crash cut off.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "ndx/crypto/digest.h"
#include "ndx/store/file_faults.h"

namespace ndx::store {

inline constexpr size_t kSegmentLabelBytes = 24;
inline constexpr uint64_t kSegmentHeaderBytes = 16;
inline constexpr uint64_t kSegmentRecordHeaderBytes = 4 + kSegmentLabelBytes + 4 + 32 + 8;
inline constexpr size_t kSegmentContentBytesMax = size_t{1} << 30;

struct SegmentPlace {
  uint64_t segment = 0;
  uint64_t offset = 0;  // of the record's header
  uint32_t length = 0;  // of the content
};

struct SegmentOptions {
  std::string directory;                   // created if absent, unless read_only
  uint64_t bytes_max = uint64_t{1} << 30;  // a file that has reached this is followed by another
  bool read_only = false;
  FileFaults* faults = nullptr;  // must outlive the store
};

struct SegmentRecord {
  SegmentPlace place;
  std::string label;
  crypto::Digest digest{};
};

struct SegmentContent {
  std::string bytes;
  crypto::Digest digest{};  // their SHA-256, checked
};

class SegmentStore {
 public:
  static absl::StatusOr<std::unique_ptr<SegmentStore>> Open(const SegmentOptions& options);
  virtual ~SegmentStore() = default;

  // Appends a record, to be written with others by the next Sync(), or before; so an error of the
  // disk may be Sync()'s to tell. label has kSegmentLabelBytes; digest is the content's SHA-256,
  // computed by the caller, who needs it too.
  virtual absl::StatusOr<SegmentPlace> Append(absl::string_view label, absl::string_view content,
                                              const crypto::Digest& digest) = 0;

  // Makes everything appended so far durable. After an error nothing is known: stop.
  virtual absl::Status Sync() = 0;

  // The content; kDataLoss, naming file and offset, unless it is what was appended and still there.
  virtual absl::StatusOr<SegmentContent> Read(const SegmentPlace& place) const = 0;

  // Numbers of the files, ascending.
  virtual absl::StatusOr<std::vector<uint64_t>> Segments() const = 0;

  // Calls see with every record of a file whose header and content are whole. Stops at the first
  // that is not, with kDataLoss; kOutOfRange if there the file just ends (a crash cut it off).
  virtual absl::Status Walk(uint64_t segment,
                            absl::FunctionRef<void(const SegmentRecord&)> see) const = 0;
  // The same without looking at the contents.
  virtual absl::Status WalkHeaders(uint64_t segment,
                                   absl::FunctionRef<void(const SegmentRecord&)> see) const = 0;

  virtual absl::StatusOr<uint64_t> SizeOf(uint64_t segment) const = 0;

  // The lowest number of a file that may still be appended to.
  virtual uint64_t WrittenFrom() const = 0;
  // What is appended from now on goes to a new file.
  virtual void Roll() = 0;

  // Removes a file, durably. kFailedPrecondition for the newest, whose number must not be given
  // again, and for one that may still be appended to.
  virtual absl::Status Remove(uint64_t segment) = 0;
};

}  // namespace ndx::store
