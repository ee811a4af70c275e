// A backup's directory: files with their digests in a manifest, there whole or not at all. Private
// to this folder; the layout is in README.md.
//
// Thread-safety: thread-compatible. Blocks on the disk.
// Errors: kAlreadyExists for a place that is taken; kInvalidArgument and kDataLoss for what is no
// backup, or not the one that was written; kCancelled when told to give up.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "ndx/journal/v1/backup_manifest.pb.h"

namespace ndx::journal {

inline constexpr uint32_t kBackupFormatVersion = 1;
inline constexpr char kBackupManifest[] = "manifest.json";
inline constexpr size_t kBackupManifestBytesMax = size_t{64} << 20;
inline constexpr size_t kBackupNameBytesMax = 255;

// Told how many more bytes are done; false gives up.
using BackupProgress = std::function<bool(uint64_t)>;

// Relative, without "." and "..".
bool IsBackupFileName(absl::string_view name);

// Writes one. What is not finished is removed by the destructor.
class BackupWriter {
 public:
  // Neither the path nor <path>.partial may exist.
  static absl::StatusOr<BackupWriter> Create(const std::string& path, BackupProgress progress);
  ~BackupWriter();
  BackupWriter(BackupWriter&& other) noexcept;
  BackupWriter& operator=(BackupWriter&&) = delete;

  // Copies a file, or its first bytes_max bytes.
  absl::Status Copy(const std::string& from, const std::string& name, uint64_t bytes_max);
  // Copies the files of a directory and below it, but for what RocksDB logs and locks with and for
  // what goes away meanwhile.
  absl::Status CopyTree(const std::string& from, const std::string& name);
  absl::Status Write(const std::string& name, absl::string_view content);

  // Where a file or directory of this name may be made by others, and taken in once that is done.
  std::string PathOf(const std::string& name) const;
  absl::Status TakeIn(const std::string& name);
  absl::Status TakeInTree(const std::string& name);

  uint64_t files() const { return static_cast<uint64_t>(files_.files_size()); }

  // Puts the manifest, with the files, beside them and everything in place.
  absl::Status Finish(v1::BackupManifest manifest);

 private:
  BackupWriter(std::string path, BackupProgress progress)
      : path_(std::move(path)), progress_(std::move(progress)) {}
  absl::Status MakeParent(const std::string& name) const;

  std::string path_;  // empty once it is finished or moved from
  BackupProgress progress_;
  v1::BackupManifest files_;
};

// The manifest of a directory that should hold this.
absl::StatusOr<v1::BackupManifest> ReadBackupManifest(const std::string& directory,
                                                      v1::BackupContent content);

// Copies every file of the manifest to another directory; kDataLoss for the first that is not the
// one that was written.
absl::Status CopyBackup(const std::string& directory, const v1::BackupManifest& manifest,
                        const std::string& to, const BackupProgress& progress);

}  // namespace ndx::journal
