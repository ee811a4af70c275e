#include "ndx/journal/prune_clock.h"

#include <algorithm>

namespace ndx::journal {

void PruneClock::Look(absl::Time wall, int64_t monotonic_nanos) {
  const absl::Duration elapsed =
      absl::Nanoseconds(std::max<int64_t>(0, monotonic_nanos - monotonic_nanos_));
  monotonic_nanos_ = std::max(monotonic_nanos, monotonic_nanos_);
  wall_ = wall;
  if (wall <= trusted_) return;
  if (wall <= trusted_ + elapsed + kPruneClockSlack) {
    trusted_ = wall;
    return;
  }
  const bool catches_up = wall - (trusted_ + elapsed) <= kPruneCatchUpMax;
  trusted_ = std::min(wall, trusted_ + (catches_up ? 2 : 1) * elapsed);
}

}  // namespace ndx::journal
