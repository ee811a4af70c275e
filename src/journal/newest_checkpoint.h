// What the journal in a directory has signed last, read without opening the journal.
//
// Thread-safety: thread-safe. Writes nothing.
// Errors: kNotFound where there is no journal, kDataLoss where no slot can be read,
// kPermissionDenied where no slot holds a checkpoint signed by a given key.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "ndx/crypto/ed25519.h"
#include "ndx/journal/checkpoint.h"

namespace ndx::journal {

struct SignedCheckpoint {
  std::string note;
  Checkpoint checkpoint;
  std::string vkey;  // the key that it verifies by
};

// Of a file with checkpoint slots.
absl::StatusOr<SignedCheckpoint> NewestCheckpointIn(const std::string& slot_file,
                                                    const std::vector<std::string>& vkeys);

// Of the newest epoch in a node's own journal, signed by one of its keys; nullopt where nothing was
// ever signed.
absl::StatusOr<std::optional<SignedCheckpoint>> NewestOwnCheckpoint(
    const std::string& directory, const std::string& node,
    absl::Span<const crypto::Ed25519PrivateKey> signing);

}  // namespace ndx::journal
