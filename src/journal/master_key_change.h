// The change of the master key: everything wrapped by it is wrapped by the one that follows, and
// the old wraps are scrubbed from the files. Private to this folder.
//
// In each database: (1) the header names the next key, synced; (2) rows are wrapped anew in synced
// batches, so that some are under one key and some under the other; (3) one batch: the header names
// the next key alone, and a scrub is due; (4) the scrub. Cut off anywhere, the next start with both
// keys goes on; without both it refuses, until (3).
//
// Thread-safety: thread-safe; nobody else writes to the database meanwhile.
// Errors: kInvalidArgument for keys that are not the store's, with what to do; kDataLoss for an
// unreadable header; those of the database.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "ndx/crypto/secret_bytes.h"
#include "ndx/store/database.h"

namespace ndx::journal {

struct MasterKeys {
  crypto::SecretBytes current;
  std::optional<crypto::SecretBytes> previous;  // while it is changed

  MasterKeys Clone() const;
};

// Check values (master_key.h) of a store's header.
struct MasterKeyChecks {
  absl::string_view present;
  absl::string_view next;
};

// Whether a store's keys must be wrapped anew: false if they are under the current key, true if
// under the previous one. kInvalidArgument if neither. what: "this journal", for the text.
absl::StatusOr<bool> MustRewrap(absl::string_view what, const MasterKeyChecks& store,
                                const MasterKeys& keys);

struct Rewrapped {
  uint64_t keys = 0;
  uint64_t unreadable = 0;  // opened by neither key, left as they are
};

// A journal's database: intake and reference keys. unrecorded: a serialized UnrecordedKeyChange, to
// be kept until a leaf says so; may be empty.
absl::StatusOr<Rewrapped> RewrapJournalKeys(store::Database& database, const MasterKeys& keys,
                                            const std::string& unrecorded);

// A store of subject keys: name key, house key, the subjects' keys.
absl::StatusOr<Rewrapped> RewrapSubjectKeys(store::Database& database, const MasterKeys& keys);

// Does the scrub that a change has left due.
absl::Status ScrubJournalKeys(store::Database& database);
absl::Status ScrubSubjectKeys(store::Database& database);

// Both databases of an epoch that nobody has open. One whose keys are under the current key
// already is no work.
absl::StatusOr<Rewrapped> RewrapEpoch(const std::string& epoch_directory, const MasterKeys& keys);

}  // namespace ndx::journal
