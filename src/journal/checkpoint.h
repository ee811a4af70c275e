// Checkpoints (C2SP tlog-checkpoint): a signed note that states a tree's size and root.
//
// Thread-safety: thread-safe.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "ndx/journal/merkle.h"
#include "ndx/journal/signed_note.h"

namespace ndx::journal {

struct Checkpoint {
  std::string origin;
  TreeHead head;
};

// <node>/journal/<epoch>.
std::string OriginOf(absl::string_view node, uint32_t epoch);

// The three lines.
std::string FormatCheckpoint(const Checkpoint& checkpoint);

// kInvalidArgument unless the text is three lines: extensions are not accepted.
absl::StatusOr<Checkpoint> ParseCheckpoint(absl::string_view text);

// A checkpoint of anybody's log: lines may follow the third. What they mean is for that log to say.
struct ForeignCheckpoint {
  Checkpoint checkpoint;
  std::vector<std::string> extensions;
};
absl::StatusOr<ForeignCheckpoint> ParseForeignCheckpoint(absl::string_view text);

// The signed note. NDX_CHECKs that the signer's name is the origin.
std::string SignCheckpoint(const Checkpoint& checkpoint, const NoteSigner& signer);

// Verifies the note and reads the checkpoint. A verifier counts only if its name is the origin.
absl::StatusOr<Checkpoint> OpenCheckpoint(absl::string_view note,
                                          absl::Span<const NoteVerifier> verifiers);

}  // namespace ndx::journal
