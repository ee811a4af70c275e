#include "posix_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "absl/strings/str_cat.h"
#include "ndx/core/status_macros.h"

namespace ndx::store {
namespace {

absl::Status FileError(const std::string& path, absl::string_view doing) {
  return absl::ErrnoToStatus(errno, absl::StrCat(path, ": ", doing));
}

}  // namespace

absl::StatusOr<PosixFile> PosixFile::Open(const std::string& path, int flags, FileFaults* faults) {
  const int fd = open(path.c_str(), flags | O_CLOEXEC, 0600);
  if (fd < 0) return FileError(path, "opening");
  return PosixFile(path, fd, faults);
}

PosixFile::~PosixFile() {
  if (fd_ >= 0) close(fd_);
}

PosixFile::PosixFile(PosixFile&& other) noexcept
    : path_(std::move(other.path_)), fd_(std::exchange(other.fd_, -1)), faults_(other.faults_) {}

PosixFile& PosixFile::operator=(PosixFile&& other) noexcept {
  std::swap(path_, other.path_);
  std::swap(fd_, other.fd_);
  std::swap(faults_, other.faults_);
  return *this;
}

absl::Status PosixFile::WriteAt(uint64_t offset, absl::string_view bytes) {
  if (faults_ != nullptr) NDX_RETURN_IF_ERROR(faults_->BeforeWrite(path_, bytes.size()));
  while (!bytes.empty()) {
    const ssize_t wrote = pwrite(fd_, bytes.data(), bytes.size(), static_cast<off_t>(offset));
    if (wrote < 0 && errno == EINTR) continue;
    if (wrote < 0) return FileError(path_, "writing");
    bytes.remove_prefix(static_cast<size_t>(wrote));
    offset += static_cast<uint64_t>(wrote);
  }
  return absl::OkStatus();
}

absl::StatusOr<std::string> PosixFile::ReadAt(uint64_t offset, size_t size) const {
  std::string bytes(size, '\0');
  size_t got = 0;
  while (got < size) {
    const ssize_t n = pread(fd_, bytes.data() + got, size - got, static_cast<off_t>(offset + got));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return FileError(path_, "reading");
    if (n == 0) return absl::DataLossError(absl::StrCat(path_, ": ends too early"));
    got += static_cast<size_t>(n);
  }
  return bytes;
}

absl::StatusOr<uint64_t> PosixFile::Size() const {
  struct stat status {};
  if (fstat(fd_, &status) != 0) return FileError(path_, "reading its size");
  return static_cast<uint64_t>(status.st_size);
}

absl::Status PosixFile::Truncate(uint64_t size) {
  if (ftruncate(fd_, static_cast<off_t>(size)) != 0) return FileError(path_, "truncating");
  return absl::OkStatus();
}

absl::Status PosixFile::Allocate(uint64_t size) {
  const int error = posix_fallocate(fd_, 0, static_cast<off_t>(size));
  if (error != 0) return absl::ErrnoToStatus(error, absl::StrCat(path_, ": allocating"));
  return absl::OkStatus();
}

absl::Status PosixFile::SyncData() {
  if (faults_ != nullptr) NDX_RETURN_IF_ERROR(faults_->BeforeSync(path_));
  if (fdatasync(fd_) != 0) return FileError(path_, "syncing");
  return absl::OkStatus();
}

absl::Status SyncDirectory(const std::string& directory, FileFaults* faults) {
  if (faults != nullptr) NDX_RETURN_IF_ERROR(faults->BeforeSync(directory));
  const int fd = open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return FileError(directory, "opening");
  const int result = fsync(fd);
  close(fd);
  if (result != 0) return FileError(directory, "syncing");
  return absl::OkStatus();
}

}  // namespace ndx::store
