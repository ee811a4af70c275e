// The files of an evidence bundle, as a directory or as one tar archive (POSIX ustar, plain files
// only, so that `tar` opens it anywhere).
//
// Thread-safety: thread-compatible; blocks on the disk.
// Names: relative, parts of [A-Za-z0-9._-], none of them "." or "..", at most 99 bytes.
// Errors: kInvalidArgument for a bad name or archive; kAlreadyExists for a place that is taken;
// kNotFound; kUnavailable if something cannot be read or written.
#pragma once

#include <cstdint>
#include <fstream>
#include <map>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace ndx::journal {

inline constexpr size_t kBundleNameBytesMax = 99;
inline constexpr size_t kBundleFileBytesMax = size_t{1} << 30;
inline constexpr size_t kBundleFilesMax = 100'000;

bool IsBundleName(absl::string_view name);

class BundleWriter {
 public:
  // An archive if the path ends in ".tar", else a directory. Neither may exist.
  static absl::StatusOr<BundleWriter> Create(const std::string& path);

  absl::Status Add(const std::string& name, absl::string_view bytes);
  // Nothing can be added afterwards.
  absl::Status Finish();

 private:
  BundleWriter() = default;
  std::string directory_;  // empty for an archive
  std::ofstream archive_;
};

class BundleReader {
 public:
  // A directory or an archive.
  static absl::StatusOr<BundleReader> Open(const std::string& path);

  // Sizes by name.
  const std::map<std::string, uint64_t>& files() const { return sizes_; }
  absl::StatusOr<std::string> Read(const std::string& name) const;

 private:
  BundleReader() = default;
  absl::Status ListDirectory();
  absl::Status ListArchive();

  std::string path_;
  bool is_archive_ = false;
  std::map<std::string, uint64_t> sizes_;
  std::map<std::string, uint64_t> offsets_;  // in the archive
};

}  // namespace ndx::journal
