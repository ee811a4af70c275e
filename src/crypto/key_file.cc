#include "ndx/crypto/key_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

#include "absl/strings/str_cat.h"
#include "ndx/core/status_macros.h"
#include "ndx/crypto/aes_gcm.h"

namespace ndx::crypto {
namespace {

class FileDescriptor {
 public:
  explicit FileDescriptor(int fd) : fd_(fd) {}
  ~FileDescriptor() {
    if (fd_ >= 0) close(fd_);
  }
  FileDescriptor(const FileDescriptor&) = delete;
  FileDescriptor& operator=(const FileDescriptor&) = delete;
  int get() const { return fd_; }

 private:
  int fd_;
};

absl::Status FileError(const std::string& path, absl::string_view doing) {
  return absl::ErrnoToStatus(errno, absl::StrCat("key file ", path, ": ", doing));
}

absl::Status CheckOwnerOnly(const std::string& path, const struct stat& status) {
  if (!S_ISREG(status.st_mode)) {
    return absl::PermissionDeniedError(absl::StrCat("key file ", path, " is not a regular file"));
  }
  if (status.st_uid != geteuid() && status.st_uid != 0) {
    return absl::PermissionDeniedError(absl::StrCat("key file ", path, " belongs to another user"));
  }
  if ((status.st_mode & 0077) != 0) {
    return absl::PermissionDeniedError(
        absl::StrCat("key file ", path, " can be used by others; run: chmod 600 ", path));
  }
  if (status.st_size > static_cast<off_t>(kKeyFileBytesMax)) {
    return absl::InvalidArgumentError(absl::StrCat("key file ", path, " is too long"));
  }
  return absl::OkStatus();
}

absl::Status WriteAll(int fd, absl::string_view content, const std::string& path) {
  while (!content.empty()) {
    const ssize_t wrote = write(fd, content.data(), content.size());
    if (wrote < 0 && errno == EINTR) continue;
    if (wrote < 0) return FileError(path, "writing");
    content.remove_prefix(static_cast<size_t>(wrote));
  }
  if (fsync(fd) != 0) return FileError(path, "syncing");
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<SecretBytes> ReadKeyFile(const std::string& path) {
  const FileDescriptor file(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK));
  if (file.get() < 0) return FileError(path, "opening");
  struct stat status {};
  if (fstat(file.get(), &status) != 0) return FileError(path, "reading its mode");
  NDX_RETURN_IF_ERROR(CheckOwnerOnly(path, status));
  SecretBytes content(static_cast<size_t>(status.st_size));
  size_t got = 0;
  while (got < content.size()) {
    const ssize_t n = read(file.get(), content.data() + got, content.size() - got);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return FileError(path, "reading");
    if (n == 0) break;
    got += static_cast<size_t>(n);
  }
  content.Truncate(got);
  return content;
}

absl::Status WriteKeyFile(const std::string& path, absl::string_view content) {
  const FileDescriptor file(open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  if (file.get() < 0) return FileError(path, "creating");
  NDX_RETURN_IF_ERROR(WriteAll(file.get(), content, path));
  std::string folder = std::filesystem::path(path).parent_path().string();
  if (folder.empty()) folder = ".";
  const FileDescriptor directory(open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (directory.get() < 0 || fsync(directory.get()) != 0) {
    return FileError(path, "syncing its directory");
  }
  return absl::OkStatus();
}

absl::StatusOr<SecretBytes> ReadAesKeyFile(const std::string& path) {
  NDX_ASSIGN_OR_RETURN(SecretBytes key, ReadKeyFile(path));
  if (key.size() != kAesKeyBytes) {
    return absl::InvalidArgumentError(absl::StrCat("key file ", path, " must hold 32 raw bytes"));
  }
  return key;
}

absl::StatusOr<Ed25519PrivateKey> ReadEd25519KeyFile(const std::string& path) {
  NDX_ASSIGN_OR_RETURN(const SecretBytes pem, ReadKeyFile(path));
  auto key = Ed25519PrivateKey::FromPem(pem.view());
  if (!key.ok()) {
    return absl::InvalidArgumentError(
        absl::StrCat("key file ", path, ": ", key.status().message()));
  }
  return key;
}

}  // namespace ndx::crypto
