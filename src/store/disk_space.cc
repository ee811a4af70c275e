#include "ndx/store/disk_space.h"

#include <fcntl.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <cerrno>

#include "absl/strings/str_cat.h"
#include "ndx/core/status_macros.h"
#include "posix_file.h"

namespace ndx::store {

absl::StatusOr<uint64_t> FreeBytes(const std::string& directory) {
  struct statvfs status {};
  if (statvfs(directory.c_str(), &status) != 0) {
    return absl::ErrnoToStatus(errno, absl::StrCat(directory, ": reading its free space"));
  }
  return uint64_t{status.f_bavail} * status.f_frsize;
}

absl::Status Ballast::Hold() {
  NDX_ASSIGN_OR_RETURN(PosixFile file, PosixFile::Open(path_, O_RDWR | O_CREAT, nullptr));
  NDX_ASSIGN_OR_RETURN(const uint64_t size, file.Size());
  if (size > bytes_) NDX_RETURN_IF_ERROR(file.Truncate(bytes_));
  if (size < bytes_) {
    const absl::Status allocated = file.Allocate(bytes_);
    if (!allocated.ok()) {
      (void)file.Truncate(0);  // half a ballast only takes room
      return absl::ResourceExhaustedError(allocated.message());
    }
  }
  held_ = true;
  return absl::OkStatus();
}

absl::Status Ballast::Release() {
  held_ = false;
  if (unlink(path_.c_str()) != 0 && errno != ENOENT) {
    return absl::ErrnoToStatus(errno, absl::StrCat(path_, ": removing"));
  }
  return absl::OkStatus();
}

}  // namespace ndx::store
