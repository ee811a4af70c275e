// One process owns a directory.
//
// Thread-safety: thread-compatible. Ownership: released by the destructor and by the process's end.
#pragma once

#include <string>

#include "absl/status/statusor.h"

namespace ndx::store {

class DirectoryLock {
 public:
  // Takes the lock file LOCK in the directory. kFailedPrecondition, naming the owner's process id,
  // if another process (or another lock of this one) has it.
  static absl::StatusOr<DirectoryLock> Acquire(const std::string& directory);

  ~DirectoryLock();
  DirectoryLock(DirectoryLock&& other) noexcept;
  DirectoryLock& operator=(DirectoryLock&& other) noexcept;

 private:
  explicit DirectoryLock(int fd) : fd_(fd) {}
  int fd_ = -1;
};

}  // namespace ndx::store
