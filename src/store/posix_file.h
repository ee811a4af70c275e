// A file by descriptor, with the errors as Status and the test seam in its writes and syncs.
// Private to this folder.
//
// Thread-safety: positioned reads and writes are thread-safe; everything else thread-compatible.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "ndx/store/file_faults.h"

namespace ndx::store {

class PosixFile {
 public:
  // flags as for open(2). faults may be null.
  static absl::StatusOr<PosixFile> Open(const std::string& path, int flags, FileFaults* faults);
  ~PosixFile();
  PosixFile(PosixFile&& other) noexcept;
  PosixFile& operator=(PosixFile&& other) noexcept;

  absl::Status WriteAt(uint64_t offset, absl::string_view bytes);
  // Exactly size bytes; kDataLoss if the file is shorter.
  absl::StatusOr<std::string> ReadAt(uint64_t offset, size_t size) const;
  absl::StatusOr<uint64_t> Size() const;
  absl::Status Truncate(uint64_t size);
  absl::Status Allocate(uint64_t size);
  absl::Status SyncData();
  const std::string& path() const { return path_; }
  int fd() const { return fd_; }

 private:
  PosixFile(std::string path, int fd, FileFaults* faults)
      : path_(std::move(path)), fd_(fd), faults_(faults) {}
  std::string path_;
  int fd_ = -1;
  FileFaults* faults_ = nullptr;
};

// Makes a new or removed directory entry durable.
absl::Status SyncDirectory(const std::string& directory, FileFaults* faults);

}  // namespace ndx::store
