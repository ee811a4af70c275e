// Where a backup is put together beside the journal: linked files of one moment, from which the
// keys are taken out before anything is copied away. Private to this folder.
//
//   <journal>/backup.staging/epoch-NNNN/  db/  segments/   keys/ while keys are backed up
//
// Thread-safety: thread-compatible.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "backup_directory.h"
#include "rocks_journal_parts.h"

namespace ndx::journal {

class BackupStaging {
 public:
  // Of the journal in this directory; what an earlier process left is removed.
  static absl::StatusOr<BackupStaging> Create(const std::string& journal_directory);
  ~BackupStaging();
  BackupStaging(BackupStaging&& other) noexcept;
  BackupStaging& operator=(BackupStaging&&) = delete;

  // Removes what a process that was killed left: it holds keys.
  static absl::Status RemoveLeftOver(const std::string& journal_directory);

  // Puts an epoch together and takes its keys out, into `keys` if there is one. Nothing may be
  // moved or erased meanwhile.
  absl::Status StageOpen(const RocksJournalParts& parts, uint32_t epoch, BackupWriter* keys);
  absl::Status StageClosed(uint32_t epoch, BackupWriter* keys);

  // Copies what was staged of an epoch, without keys.
  absl::Status CopyTo(uint32_t epoch, BackupWriter& journal) const;

  // Bytes that CopyTo() of every epoch will copy.
  uint64_t bytes() const;

 private:
  explicit BackupStaging(std::string journal_directory)
      : journal_directory_(std::move(journal_directory)) {}
  std::string EpochPath(uint32_t epoch) const;
  absl::Status LinkSegments(uint32_t epoch);
  absl::Status TakeKeysOut(uint32_t epoch, BackupWriter* keys);
  absl::Status TakeWraps(uint32_t epoch, const store::Database& database, BackupWriter& keys) const;
  absl::Status TakeSubjectKeys(uint32_t epoch, BackupWriter& keys);

  std::string journal_directory_;             // empty once moved from
  std::map<std::string, uint64_t> segments_;  // bytes by path, as they were when linked
};

}  // namespace ndx::journal
