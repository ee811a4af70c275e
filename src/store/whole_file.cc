#include "ndx/store/whole_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <filesystem>

#include "absl/strings/str_cat.h"
#include "ndx/core/status_macros.h"
#include "posix_file.h"

namespace ndx::store {
namespace {

std::string DirectoryOf(const std::string& path) {
  const std::string parent = std::filesystem::path(path).parent_path().string();
  return parent.empty() ? "." : parent;
}

}  // namespace

absl::Status WriteWholeFile(const std::string& path, absl::string_view content,
                            FileFaults* faults) {
  const std::string beside = absl::StrCat(path, kUnfinishedSuffix);
  {
    NDX_ASSIGN_OR_RETURN(PosixFile file,
                         PosixFile::Open(beside, O_WRONLY | O_CREAT | O_TRUNC, faults));
    NDX_RETURN_IF_ERROR(file.WriteAt(0, content));
    NDX_RETURN_IF_ERROR(file.SyncData());
  }
  if (std::rename(beside.c_str(), path.c_str()) != 0) {
    return absl::ErrnoToStatus(errno, absl::StrCat(path, ": renaming"));
  }
  return SyncDirectory(DirectoryOf(path), faults);
}

absl::StatusOr<std::string> ReadWholeFile(const std::string& path, size_t bytes_max) {
  NDX_ASSIGN_OR_RETURN(const PosixFile file, PosixFile::Open(path, O_RDONLY, nullptr));
  NDX_ASSIGN_OR_RETURN(const uint64_t size, file.Size());
  if (size > bytes_max) return absl::DataLossError(absl::StrCat(path, ": is too long"));
  return file.ReadAt(0, static_cast<size_t>(size));
}

absl::Status RemoveFile(const std::string& path, FileFaults* faults) {
  if (unlink(path.c_str()) != 0 && errno != ENOENT) {
    return absl::ErrnoToStatus(errno, absl::StrCat(path, ": removing"));
  }
  return SyncDirectory(DirectoryOf(path), faults);
}

}  // namespace ndx::store
