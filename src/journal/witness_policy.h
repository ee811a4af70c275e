// How many of which witnesses must have cosigned a checkpoint: k of n.
//
// Thread-safety: thread-safe.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "ndx/journal/cosignature.h"

namespace ndx::journal {

struct WitnessPolicy {
  std::vector<CosignatureVerifier> witnesses;  // no two of one name and key
  size_t required = 0;
};

// A witness's statement that was verified.
struct VerifiedCosignature {
  std::string witness;
  uint64_t unix_seconds = 0;  // the newest, where a note holds several of one witness
};

struct WitnessVerdict {
  // In the order of the policy; a witness counts once.
  std::vector<VerifiedCosignature> cosignatures;
  bool satisfied = false;
};

// Looks at the cosignatures of a checkpoint note; the log's own signature is somebody else's
// business. Signatures of others are ignored; one of a witness of the policy that does not verify
// condemns the note. kInvalidArgument for form, kPermissionDenied for a condemned note.
absl::StatusOr<WitnessVerdict> JudgeCosignatures(absl::string_view note,
                                                 const WitnessPolicy& policy);

}  // namespace ndx::journal
