// Erasures repeated in a restored journal: keys that a later state of the same journal no longer
// has are destroyed in what was restored. Private to this folder.
//
// Thread-safety: thread-compatible.
// Errors: kInvalidArgument if the other is not a later state of the journal, kDataLoss if it cannot
// be read whole: a deletion at its end could then be missed.
#pragma once

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"

namespace ndx::journal {

struct ErasedAgain {
  uint64_t subjects = 0;   // whose keys were destroyed
  uint64_t exchanges = 0;  // whose exchange keys were, because a subject of them was erased later
};

// Both are directories of one epoch.
absl::StatusOr<ErasedAgain> EraseAgain(const std::string& restored, const std::string& later);

}  // namespace ndx::journal
