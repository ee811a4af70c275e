// Opens what a journal keeps on disk, with the keys of the settings: the newest epoch, its store of
// subject keys, and, while the master key is changed, every epoch before. Private to this folder.
//
// Thread-safety: thread-safe.
// Errors: as RocksJournal::Open().
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "epoch_store.h"
#include "master_key_change.h"
#include "ndx/core/clock.h"
#include "ndx/core/random.h"
#include "ndx/journal/rocks_journal.h"
#include "subject_keys.h"

namespace ndx::journal {

struct OpenedStores {
  std::unique_ptr<EpochStore> epoch;
  std::unique_ptr<SubjectKeys> subjects;
  uint64_t keys_rewrapped = 0;
  std::vector<std::string> remarks;  // for StartFindings
};

// The master key stays with the caller, who has the lock of the directory.
absl::StatusOr<OpenedStores> OpenStores(const RocksJournalOptions& options,
                                        const RocksJournalKeys& keys, const core::Clock& clock,
                                        core::Random& random);

// The KEY_ROTATED leaf of a change of keys.
v1::JournalLeaf KeyRotationLeaf(std::string note, const KeyChange& change);

// The leaf that a change of the master key still waits for; nullopt if none does.
absl::StatusOr<std::optional<v1::JournalLeaf>> UnrecordedKeyChange(const store::Database& database);

}  // namespace ndx::journal
