#include "backup_staging.h"

#include <filesystem>
#include <system_error>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "epoch_store.h"
#include "family_copy.h"
#include "ndx/core/status_macros.h"
#include "ndx/store/database.h"
#include "ndx/store/file_copy.h"
#include "store_layout.h"
#include "subject_keys.h"

namespace ndx::journal {
namespace {

namespace fs = std::filesystem;

std::string StagingPath(const std::string& journal_directory) {
  return absl::StrCat(journal_directory, "/backup.staging");
}

// A linked database's log may end within a write; opened once, it is whole.
absl::Status Settle(const store::DatabaseOptions& options) {
  return store::Database::Open(options, store::LogCheck::kPointInTime).status();
}

std::string NameOf(uint32_t epoch) {
  return fs::path(EpochDirectory("", epoch)).filename().string();
}

}  // namespace

absl::Status BackupStaging::RemoveLeftOver(const std::string& journal_directory) {
  std::error_code error;
  fs::remove_all(StagingPath(journal_directory), error);
  return error ? store::PathFailed(StagingPath(journal_directory), error) : absl::OkStatus();
}

absl::StatusOr<BackupStaging> BackupStaging::Create(const std::string& journal_directory) {
  NDX_RETURN_IF_ERROR(RemoveLeftOver(journal_directory));
  std::error_code error;
  fs::create_directory(StagingPath(journal_directory), error);
  if (error) return store::PathFailed(StagingPath(journal_directory), error);
  return BackupStaging(journal_directory);
}

BackupStaging::BackupStaging(BackupStaging&& other) noexcept
    : journal_directory_(std::exchange(other.journal_directory_, "")),
      segments_(std::move(other.segments_)) {}

BackupStaging::~BackupStaging() {
  if (!journal_directory_.empty()) (void)RemoveLeftOver(journal_directory_);
}

std::string BackupStaging::EpochPath(uint32_t epoch) const {
  return EpochDirectory(StagingPath(journal_directory_), epoch);
}

absl::Status BackupStaging::StageOpen(const RocksJournalParts& parts, uint32_t epoch,
                                      BackupWriter* keys) {
  const std::string staged = EpochPath(epoch);
  std::error_code error;
  fs::create_directory(staged, error);
  if (error) return store::PathFailed(staged, error);
  NDX_RETURN_IF_ERROR(parts.database.LinkTo(DatabaseDirectory(staged)));
  if (keys != nullptr) {
    NDX_RETURN_IF_ERROR(parts.subject_keys.LinkTo(SubjectKeyDirectory(staged)));
  }
  NDX_RETURN_IF_ERROR(LinkSegments(epoch));
  return TakeKeysOut(epoch, keys);
}

absl::Status BackupStaging::StageClosed(uint32_t epoch, BackupWriter* keys) {
  const std::string staged = EpochPath(epoch);
  const std::string directory = EpochDirectory(journal_directory_, epoch);
  std::error_code error;
  fs::create_directory(staged, error);
  if (error) return store::PathFailed(staged, error);
  NDX_RETURN_IF_ERROR(
      store::Database::LinkClosed(DatabaseDirectory(directory), DatabaseDirectory(staged)));
  if (keys != nullptr && store::Database::Exists(SubjectKeyDirectory(directory))) {
    NDX_RETURN_IF_ERROR(
        store::Database::LinkClosed(SubjectKeyDirectory(directory), SubjectKeyDirectory(staged)));
  }
  NDX_RETURN_IF_ERROR(LinkSegments(epoch));
  return TakeKeysOut(epoch, keys);
}

absl::Status BackupStaging::LinkSegments(uint32_t epoch) {
  const std::string from = SegmentDirectory(EpochDirectory(journal_directory_, epoch));
  const std::string to = SegmentDirectory(EpochPath(epoch));
  std::error_code error;
  fs::create_directory(to, error);
  if (!fs::exists(from, error)) return absl::OkStatus();
  for (fs::directory_iterator at(from, error), end; !error && at != end; at.increment(error)) {
    const fs::path linked = fs::path(to) / at->path().filename();
    const uint64_t bytes = at->file_size(error);
    if (!error) fs::create_hard_link(at->path(), linked, error);
    if (error) break;
    segments_[linked.string()] = bytes;
  }
  return error ? store::PathFailed(from, error) : absl::OkStatus();
}

absl::Status BackupStaging::TakeKeysOut(uint32_t epoch, BackupWriter* keys) {
  const store::DatabaseOptions options = JournalDatabaseOptions(EpochPath(epoch));
  {
    NDX_ASSIGN_OR_RETURN(const auto database,
                         store::Database::Open(options, store::LogCheck::kPointInTime));
    if (keys != nullptr) {
      NDX_RETURN_IF_ERROR(TakeWraps(epoch, *database, *keys));
    }
    NDX_RETURN_IF_ERROR(database->Empty(kKeyFamily));
  }
  NDX_RETURN_IF_ERROR(Settle(options));  // and its logs, in which keys stood, are gone
  return keys == nullptr ? absl::OkStatus() : TakeSubjectKeys(epoch, *keys);
}

absl::Status BackupStaging::TakeWraps(uint32_t epoch, const store::Database& database,
                                      BackupWriter& keys) const {
  const std::string name = absl::StrCat(NameOf(epoch), "/", kWrapsName);
  const std::string path = keys.PathOf(name);
  std::error_code error;
  fs::create_directories(path, error);
  if (error) return store::PathFailed(path, error);
  {
    NDX_ASSIGN_OR_RETURN(const auto wraps,
                         store::Database::Open(WrapDatabaseOptions(path), store::LogCheck::kWhole));
    NDX_RETURN_IF_ERROR(CopyFamily(database, kKeyFamily, *wraps, store::kDefaultFamily));
  }
  return keys.TakeInTree(name);
}

absl::Status BackupStaging::TakeSubjectKeys(uint32_t epoch, BackupWriter& keys) {
  const store::DatabaseOptions options = SubjectKeyDatabaseOptions(EpochPath(epoch));
  if (!store::Database::Exists(options.directory)) return absl::OkStatus();
  NDX_RETURN_IF_ERROR(Settle(options));
  NDX_RETURN_IF_ERROR(keys.CopyTree(options.directory, absl::StrCat(NameOf(epoch), "/keys")));
  std::error_code error;
  fs::remove_all(options.directory, error);
  return error ? store::PathFailed(options.directory, error) : absl::OkStatus();
}

uint64_t BackupStaging::bytes() const {
  uint64_t bytes = 0;
  std::error_code error;
  for (fs::recursive_directory_iterator at(StagingPath(journal_directory_), error), end;
       !error && at != end; at.increment(error)) {
    const auto segment = segments_.find(at->path().string());
    if (segment != segments_.end()) {
      bytes += segment->second;
    } else if (at->is_regular_file(error)) {
      bytes += at->file_size(error);
    }
  }
  return bytes;
}

absl::Status BackupStaging::CopyTo(uint32_t epoch, BackupWriter& journal) const {
  const std::string name = NameOf(epoch);
  NDX_RETURN_IF_ERROR(
      journal.CopyTree(DatabaseDirectory(EpochPath(epoch)), absl::StrCat(name, "/db")));
  // Also where there is no segment: a journal has the directory.
  std::error_code error;
  fs::create_directory(journal.PathOf(absl::StrCat(name, "/segments")), error);
  if (error) return store::PathFailed(name, error);
  for (const auto& [path, bytes] : segments_) {
    if (!absl::StartsWith(path, absl::StrCat(EpochPath(epoch), "/"))) continue;
    const std::string file = fs::path(path).filename().string();
    NDX_RETURN_IF_ERROR(journal.Copy(path, absl::StrCat(name, "/segments/", file), bytes));
  }
  return absl::OkStatus();
}

}  // namespace ndx::journal
