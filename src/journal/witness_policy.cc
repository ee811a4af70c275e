#include "ndx/journal/witness_policy.h"

#include <algorithm>
#include <optional>

#include "absl/strings/str_cat.h"
#include "ndx/core/status_macros.h"

namespace ndx::journal {

absl::StatusOr<WitnessVerdict> JudgeCosignatures(absl::string_view note,
                                                 const WitnessPolicy& policy) {
  NDX_ASSIGN_OR_RETURN(const Note parsed, ParseNote(note));
  WitnessVerdict verdict;
  for (const CosignatureVerifier& witness : policy.witnesses) {
    std::optional<uint64_t> newest;
    for (const NoteSignature& signature : parsed.signatures) {
      if (!witness.Owns(signature)) continue;
      const std::optional<uint64_t> time = witness.Verify(parsed.text, signature);
      if (!time.has_value()) {
        return absl::PermissionDeniedError(
            absl::StrCat("the cosignature of ", witness.name(), " does not verify"));
      }
      newest = std::max(newest.value_or(0), *time);
    }
    if (newest.has_value()) {
      verdict.cosignatures.push_back({.witness = witness.name(), .unix_seconds = *newest});
    }
  }
  verdict.satisfied = verdict.cosignatures.size() >= policy.required;
  return verdict;
}

}  // namespace ndx::journal
