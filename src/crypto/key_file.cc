#include "ndx/crypto/key_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <system_error>

#include "absl/strings/str_cat.h"
#include "ndx/core/status_macros.h"
#include "ndx/crypto/aes_gcm.h"

namespace ndx::crypto {
namespace {

constexpr absl::string_view kDescriptors = "/proc/self/fd/";

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

absl::Status Refused(const std::string& path, absl::string_view english,
                     absl::string_view vietnamese) {
  return absl::PermissionDeniedError(
      absl::StrCat("key file ", path, " ", english, " (tệp khóa ", vietnamese, ")"));
}

absl::Status CheckOwnerOnly(const std::string& path, const struct stat& status) {
  if (!S_ISREG(status.st_mode)) {
    return Refused(path, "is not a regular file", "không phải là tệp thường");
  }
  if (status.st_uid != geteuid() && status.st_uid != 0) {
    return Refused(path, "belongs to another user; run: chown it to the user of this program",
                   "thuộc người dùng khác; hãy chown cho người dùng chạy chương trình này");
  }
  if ((status.st_mode & 0077) != 0) {
    return Refused(path, absl::StrCat("can be used by others; run: chmod 600 ", path),
                   "cho người khác dùng được; chạy lệnh chmod 600 như trên");
  }
  if (status.st_size > static_cast<off_t>(kKeyFileBytesMax)) {
    return absl::InvalidArgumentError(absl::StrCat("key file ", path, " is too long"));
  }
  return absl::OkStatus();
}

// Whoever may write in one of the directories on the way could put a file of their own there. With
// the sticky bit they cannot, but could have put the first one there, for a link to lead to.
absl::Status CheckPlace(const std::string& path, int fd) {
  namespace fs = std::filesystem;
  // A descriptor that was handed over has no place.
  if (path.compare(0, kDescriptors.size(), kDescriptors.data()) == 0) return absl::OkStatus();
  std::error_code error;
  const fs::path real = fs::read_symlink(absl::StrCat(kDescriptors.data(), fd), error);
  if (error) return FileError(path, "finding out where it is");
  const bool is_link = fs::is_symlink(path, error);
  for (fs::path place = real.parent_path();; place = place.parent_path()) {
    struct stat status {};
    if (stat(place.c_str(), &status) != 0) return FileError(path, "looking at its directory");
    const bool sticky = (status.st_mode & S_ISVTX) != 0;
    const bool led_here = is_link && place == real.parent_path();
    if ((status.st_mode & S_IWOTH) != 0 && (!sticky || led_here)) {
      return Refused(
          path,
          absl::StrCat("is in a place where everybody may write; run: chmod o-w ", place.c_str()),
          "nằm trong thư mục mà ai cũng ghi được; chạy lệnh chmod o-w như trên");
    }
    if (!place.has_relative_path()) return absl::OkStatus();
  }
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
  NDX_RETURN_IF_ERROR(CheckPlace(path, file.get()));
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
