// Restore (khôi phục) of a journal from a backup, with the node stopped, and what it takes before a
// node serves with it.
//
// Thread-safety: thread-safe for different directories. Blocks; reads and writes everything.
// Errors: kInvalidArgument, kAlreadyExists, kNotFound for places; kFailedPrecondition for keys that
// may not be restored any more; kDataLoss, naming file or record, for what is not as it was backed
// up, and for a copy that something later contradicts. After an error nothing has been restored.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "ndx/journal/verify_journal.h"

namespace ndx::journal {

struct RestoreOptions {
  std::string from;            // a backup's directory
  std::string keys_directory;  // the backup of its keys; empty: no payload can be opened
  std::string to;              // the journal's directory: absent or empty
  // A later journal's directory, damaged or not: of what its store of subject keys no longer has,
  // the backup's keys are destroyed before anybody can use them.
  std::string erased_by;
  std::vector<std::string> vkeys;  // by which the journal is verified; at least one
  bool take_expired_keys = false;  // whoever says so answers for what was erased since
  absl::Time now;
  // Called now and then with bytes done and in all; may be empty. false gives up.
  std::function<bool(uint64_t, uint64_t)> progress;
};

struct RestoreSummary {
  std::string origin;
  std::string made;        // when the backup was
  uint64_t tree_size = 0;  // leaves that its newest checkpoint signs
  bool with_keys = false;
  uint64_t subjects_erased = 0;   // whose keys were destroyed, see erased_by
  uint64_t exchanges_erased = 0;  // whose payloads were closed with them
  VerifyReport verified;          // without problems
};

absl::StatusOr<RestoreSummary> RestoreJournal(const RestoreOptions& options);

// Notes in the mark of a restored journal that nothing came later, so that a node serves with it.
// known_files: receipts, checkpoints or files of checkpoint slots, of the journal's newest epoch,
// each signed by one of the keys. The copy must continue every one of them, and the newest must
// sign no less than the backup's own checkpoint: else it tells nothing about what came later.
// kFailedPrecondition if there is no mark, or no keys to go on with. Returns what was noted.
absl::StatusOr<std::string> AcceptRestoredJournal(const std::string& directory,
                                                  const std::vector<std::string>& vkeys,
                                                  const std::vector<std::string>& known_files,
                                                  absl::Time now);

}  // namespace ndx::journal
