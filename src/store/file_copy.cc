#include "ndx/store/file_copy.h"

#include <fcntl.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <system_error>

#include "absl/strings/str_cat.h"
#include "ndx/core/status_macros.h"
#include "posix_file.h"

namespace ndx::store {
namespace {

namespace fs = std::filesystem;

constexpr uint64_t kPieceBytes = uint64_t{1} << 20;

// Reads the beginning of a file, piece by piece, and writes it to another if there is one.
absl::StatusOr<FileDigest> Read(const PosixFile& from, PosixFile* to, uint64_t bytes_max,
                                CopyProgress progress) {
  NDX_ASSIGN_OR_RETURN(const uint64_t size, from.Size());
  FileDigest out{.bytes = std::min(size, bytes_max)};
  crypto::Sha256 sha256;
  for (uint64_t at = 0; at < out.bytes;) {
    const uint64_t piece = std::min(kPieceBytes, out.bytes - at);
    NDX_ASSIGN_OR_RETURN(const std::string bytes, from.ReadAt(at, piece));
    sha256.Add(bytes);
    if (to != nullptr) NDX_RETURN_IF_ERROR(to->WriteAt(at, bytes));
    at += piece;
    if (!progress(piece)) return absl::CancelledError("given up");
  }
  out.sha256 = sha256.Finish();
  return out;
}

absl::Status Sync(const fs::path& path) {
  NDX_ASSIGN_OR_RETURN(PosixFile file, PosixFile::Open(path.string(), O_RDONLY, nullptr));
  return file.SyncData();
}

}  // namespace

absl::Status PathFailed(const std::string& path, const std::error_code& error) {
  return absl::UnavailableError(absl::StrCat(path, ": ", error.message()));
}

absl::StatusOr<FileDigest> CopyFile(const std::string& from, const std::string& to,
                                    uint64_t bytes_max, CopyProgress progress) {
  NDX_ASSIGN_OR_RETURN(const PosixFile source, PosixFile::Open(from, O_RDONLY, nullptr));
  NDX_ASSIGN_OR_RETURN(PosixFile file, PosixFile::Open(to, O_WRONLY | O_CREAT | O_EXCL, nullptr));
  NDX_ASSIGN_OR_RETURN(const FileDigest copied, Read(source, &file, bytes_max, progress));
  NDX_RETURN_IF_ERROR(file.SyncData());
  return copied;
}

absl::StatusOr<FileDigest> DigestOfFile(const std::string& path, CopyProgress progress) {
  NDX_ASSIGN_OR_RETURN(const PosixFile source, PosixFile::Open(path, O_RDONLY, nullptr));
  return Read(source, nullptr, UINT64_MAX, progress);
}

absl::Status PublishDirectory(const std::string& from, const std::string& to) {
  std::error_code error;
  for (fs::recursive_directory_iterator at(from, error), end; !error && at != end;
       at.increment(error)) {
    NDX_RETURN_IF_ERROR(at->is_directory() ? SyncDirectory(at->path().string(), nullptr)
                                           : Sync(at->path()));
  }
  if (error) return PathFailed(from, error);
  NDX_RETURN_IF_ERROR(SyncDirectory(from, nullptr));
  if (std::rename(from.c_str(), to.c_str()) != 0) {
    return absl::ErrnoToStatus(errno, absl::StrCat(from, ": renaming to ", to));
  }
  return SyncDirectory(fs::path(to).parent_path().string(), nullptr);
}

}  // namespace ndx::store
