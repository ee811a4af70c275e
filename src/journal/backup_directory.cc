#include "backup_directory.h"

#include <algorithm>
#include <filesystem>
#include <system_error>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "json_text.h"
#include "ndx/core/status_macros.h"
#include "ndx/store/file_copy.h"
#include "ndx/store/whole_file.h"

namespace ndx::journal {
namespace {

namespace fs = std::filesystem;

constexpr char kPartialSuffix[] = ".partial";

// RocksDB's own log and lock, and files that are being written beside the one they are to replace.
bool HoldsNoRecord(const std::string& name) {
  return name == "LOCK" || absl::StartsWith(name, "LOG") ||
         absl::EndsWith(name, store::kUnfinishedSuffix);
}

absl::StatusOr<std::vector<std::string>> FilesUnder(const std::string& directory) {
  std::vector<std::string> names;
  std::error_code error;
  for (fs::recursive_directory_iterator at(directory, error), end; !error && at != end;
       at.increment(error)) {
    if (!at->is_regular_file() || HoldsNoRecord(at->path().filename().string())) continue;
    names.push_back(fs::relative(at->path(), directory, error).string());
  }
  if (error) return store::PathFailed(directory, error);
  std::sort(names.begin(), names.end());
  return names;
}

void Describe(const std::string& name, const store::FileDigest& digest, v1::BackupFile* file) {
  file->set_name(name);
  file->set_bytes(digest.bytes);
  file->set_sha256(absl::BytesToHexString(crypto::AsBytes(digest.sha256)));
}

}  // namespace

bool IsBackupFileName(absl::string_view name) {
  if (name.empty() || name.size() > kBackupNameBytesMax) return false;
  for (const absl::string_view part : absl::StrSplit(name, '/')) {
    if (part.empty() || part == "." || part == "..") return false;
  }
  return !absl::StrContains(name, '\0');
}

absl::StatusOr<BackupWriter> BackupWriter::Create(const std::string& path,
                                                  BackupProgress progress) {
  std::error_code error;
  for (const std::string& taken : {path, absl::StrCat(path, kPartialSuffix)}) {
    if (fs::exists(taken, error)) {
      return absl::AlreadyExistsError(absl::StrCat(taken, " exists; a backup is a new directory"));
    }
  }
  const std::string partial = absl::StrCat(path, kPartialSuffix);
  if (!fs::create_directory(partial, error)) return store::PathFailed(partial, error);
  fs::permissions(partial, fs::perms::owner_all, error);
  BackupWriter writer(path, std::move(progress));
  if (error) return store::PathFailed(partial, error);
  return writer;
}

BackupWriter::BackupWriter(BackupWriter&& other) noexcept
    : path_(std::exchange(other.path_, "")),
      progress_(std::move(other.progress_)),
      files_(std::move(other.files_)) {}

BackupWriter::~BackupWriter() {
  if (path_.empty()) return;
  std::error_code ignored;
  fs::remove_all(absl::StrCat(path_, kPartialSuffix), ignored);
}

std::string BackupWriter::PathOf(const std::string& name) const {
  return absl::StrCat(path_, kPartialSuffix, "/", name);
}

absl::Status BackupWriter::MakeParent(const std::string& name) const {
  const fs::path parent = fs::path(PathOf(name)).parent_path();
  std::error_code error;
  fs::create_directories(parent, error);
  return error ? store::PathFailed(parent.string(), error) : absl::OkStatus();
}

absl::Status BackupWriter::Copy(const std::string& from, const std::string& name,
                                uint64_t bytes_max) {
  NDX_RETURN_IF_ERROR(MakeParent(name));
  NDX_ASSIGN_OR_RETURN(const auto copied,
                       store::CopyFile(from, PathOf(name), bytes_max, progress_));
  Describe(name, copied, files_.add_files());
  return absl::OkStatus();
}

absl::Status BackupWriter::CopyTree(const std::string& from, const std::string& name) {
  NDX_ASSIGN_OR_RETURN(const auto names, FilesUnder(from));
  for (const std::string& file : names) {
    const absl::Status copied =
        Copy(absl::StrCat(from, "/", file), absl::StrCat(name, "/", file), UINT64_MAX);
    if (!absl::IsNotFound(copied)) NDX_RETURN_IF_ERROR(copied);
  }
  return absl::OkStatus();
}

absl::Status BackupWriter::Write(const std::string& name, absl::string_view content) {
  NDX_RETURN_IF_ERROR(MakeParent(name));
  NDX_RETURN_IF_ERROR(store::WriteWholeFile(PathOf(name), content, nullptr));
  Describe(name, {.bytes = content.size(), .sha256 = crypto::Sha256Of({content})},
           files_.add_files());
  return absl::OkStatus();
}

absl::Status BackupWriter::TakeIn(const std::string& name) {
  NDX_ASSIGN_OR_RETURN(const auto digest, store::DigestOfFile(PathOf(name), progress_));
  Describe(name, digest, files_.add_files());
  return absl::OkStatus();
}

absl::Status BackupWriter::TakeInTree(const std::string& name) {
  NDX_ASSIGN_OR_RETURN(const auto names, FilesUnder(PathOf(name)));
  for (const std::string& file : names) {
    NDX_RETURN_IF_ERROR(TakeIn(absl::StrCat(name, "/", file)));
  }
  return absl::OkStatus();
}

absl::Status BackupWriter::Finish(v1::BackupManifest manifest) {
  manifest.set_format_version(kBackupFormatVersion);
  manifest.mutable_files()->Swap(files_.mutable_files());
  NDX_RETURN_IF_ERROR(
      store::WriteWholeFile(PathOf(kBackupManifest), FormatJson(manifest), nullptr));
  NDX_RETURN_IF_ERROR(store::PublishDirectory(absl::StrCat(path_, kPartialSuffix), path_));
  path_.clear();
  return absl::OkStatus();
}

absl::StatusOr<v1::BackupManifest> ReadBackupManifest(const std::string& directory,
                                                      v1::BackupContent content) {
  const std::string path = absl::StrCat(directory, "/", kBackupManifest);
  const auto text = store::ReadWholeFile(path, kBackupManifestBytesMax);
  if (absl::IsNotFound(text.status())) {
    return absl::NotFoundError(
        absl::StrCat(directory, " holds no backup: it has no manifest.json"));
  }
  NDX_RETURN_IF_ERROR(text.status());
  v1::BackupManifest manifest;
  if (!ParseJson(*text, &manifest).ok()) {
    return absl::DataLossError(absl::StrCat(path, " cannot be read as a backup's manifest"));
  }
  if (manifest.format_version() != kBackupFormatVersion) {
    return absl::FailedPreconditionError(absl::StrCat(
        path, " is of format ", manifest.format_version(), "; this program reads format ",
        kBackupFormatVersion, ". It was made by version ", manifest.program_version(),
        ": use that one or a later one."));
  }
  if (manifest.content() != content) {
    return absl::InvalidArgumentError(absl::StrCat(
        directory, content == v1::BACKUP_CONTENT_KEYS ? " holds no keys" : " holds no journal",
        "; journal and keys of a backup are two directories"));
  }
  for (const v1::BackupFile& file : manifest.files()) {
    if (IsBackupFileName(file.name())) continue;
    return absl::DataLossError(absl::StrCat(path, " names a file that no backup has"));
  }
  return manifest;
}

absl::Status CopyBackup(const std::string& directory, const v1::BackupManifest& manifest,
                        const std::string& to, const BackupProgress& progress) {
  for (const v1::BackupFile& file : manifest.files()) {
    const fs::path target = fs::path(to) / file.name();
    std::error_code error;
    fs::create_directories(target.parent_path(), error);
    if (error) return store::PathFailed(target.parent_path().string(), error);
    const std::string source = absl::StrCat(directory, "/", file.name());
    const auto copied = store::CopyFile(source, target.string(), UINT64_MAX, progress);
    if (absl::IsNotFound(copied.status())) {
      return absl::DataLossError(absl::StrCat(source, " is missing"));
    }
    NDX_RETURN_IF_ERROR(copied.status());
    v1::BackupFile found;
    Describe(file.name(), *copied, &found);
    if (found.sha256() != file.sha256() || found.bytes() != file.bytes()) {
      return absl::DataLossError(
          absl::StrCat(source, " is not the file that was backed up: its SHA-256 is another"));
    }
  }
  return absl::OkStatus();
}

}  // namespace ndx::journal
