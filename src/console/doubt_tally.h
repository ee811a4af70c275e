// How many exchanges are in doubt, counted from the journal's leaves as it grows.
//
// Thread-safety: thread-safe. Update() blocks on the disk: not for an event loop.
// Limits: holds the names of those in doubt, some 60 bytes each; one look reads at most
// kDoubtLeavesPerLook leaves, so that the first look at a long journal is short too; what it has
// not reached yet shows in counted_to.
#pragma once

#include <cstdint>
#include <string>

#include "absl/container/flat_hash_set.h"
#include "ndx/core/mutex.h"
#include "ndx/journal/journal_reader.h"

namespace ndx::console {

inline constexpr uint64_t kDoubtLeavesPerLook = 200'000;

class DoubtTally {
 public:
  explicit DoubtTally(uint64_t leaves_per_look = kDoubtLeavesPerLook)
      : leaves_per_look_(leaves_per_look) {}

  struct Count {
    uint64_t in_doubt = 0;
    uint64_t counted_to = 0;  // leaves
  };

  // Reads on from where the last look ended. A leaf that cannot be read ends the look.
  Count Update(const journal::JournalReader& reader);

 private:
  const uint64_t leaves_per_look_;
  core::Mutex mutex_;
  Count count_ ABSL_GUARDED_BY(mutex_);
  absl::flat_hash_set<std::string> in_doubt_ ABSL_GUARDED_BY(mutex_);  // id and consumer
};

}  // namespace ndx::console
