// Backup (sao lưu) of an open journal, while exchanges go on. The layout is in README.md.
//
// The copy is of one moment: everything that the newest checkpoint signs when it begins, and
// perhaps a few leaves more. Keys go into a directory of their own or nowhere.
//
// Thread-safety: thread-safe; one backup of a journal at a time. Blocks: reads and copies
// everything. While keys are taken out, none are moved and nothing is erased; both then catch up.
// Errors: kInvalidArgument for places that do not do, kAlreadyExists for taken ones, kCancelled
// when told to give up; others of the disk. After an error neither directory is there.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "ndx/core/clock.h"
#include "ndx/core/random.h"

namespace ndx::journal {

class RocksJournal;

// For how long keys in a backup may be restored.
inline constexpr absl::Duration kBackupKeysKept = absl::Hours(7 * 24);
inline constexpr absl::Duration kBackupKeysKeptMax = absl::Hours(90 * 24);

struct BackupOptions {
  std::string directory;  // absolute; must not exist, its parent must
  // For the wrapped keys; likewise, and neither of the two inside the other. Empty: no keys, and
  // what is restored opens no payload.
  std::string keys_directory;
  absl::Duration keys_kept = kBackupKeysKept;  // at least an hour, at most kBackupKeysKeptMax
  std::string program_version;
  // Called now and then with bytes done and in all; may be empty. false gives up.
  std::function<bool(uint64_t, uint64_t)> progress;
};

struct BackupSummary {
  std::string backup_id;
  std::string origin;
  uint64_t tree_size = 0;
  uint64_t files = 0;
  uint64_t bytes = 0;
  absl::Time keys_not_after = absl::InfinitePast();  // where keys were backed up
  std::vector<std::string> left_out;                 // damaged earlier epochs, with the reason
};

// OK where such a backup may be tried; nothing is done.
absl::Status CheckBackupPlaces(const std::string& journal_directory, const BackupOptions& options);

absl::StatusOr<BackupSummary> BackUpJournal(const RocksJournal& journal,
                                            const BackupOptions& options, const core::Clock& clock,
                                            core::Random& random);

}  // namespace ndx::journal
