// The time by which retention is counted: the wall clock, as far as the passing of time bears it
// out.
//
// Thread-safety: thread-compatible.
//
// A wall clock that jumps forward must not let evidence expire. So this clock goes on with the
// monotonic one; the wall clock may be ahead only because the node did not run for a while, or
// because it is wrong, and nothing on the machine tells which. Up to a week is caught up at twice
// the speed, so that a wrong clock costs at most a day's worth of payloads a day, in view of an
// alarm; more than that waits until a person has confirmed the time, and retention goes on late
// meanwhile, by as much. A wall clock that is behind holds everything up to itself.
#pragma once

#include <cstdint>

#include "absl/time/time.h"

namespace ndx::journal {

// As far as the wall clock may be ahead without a person's word.
inline constexpr absl::Duration kPruneCatchUpMax = absl::Hours(7 * 24);
// Small steps of a clock that is kept right are no jump.
inline constexpr absl::Duration kPruneClockSlack = absl::Minutes(1);

class PruneClock {
 public:
  PruneClock(absl::Time trusted, int64_t monotonic_nanos)
      : trusted_(trusted), wall_(trusted), monotonic_nanos_(monotonic_nanos) {}

  // Takes note of both clocks.
  void Look(absl::Time wall, int64_t monotonic_nanos);

  // A person says that the wall clock is right.
  void Accept(absl::Time wall) { trusted_ = wall_ = wall; }

  // The time to count by.
  absl::Time now() const { return trusted_ < wall_ ? trusted_ : wall_; }
  absl::Time trusted() const { return trusted_; }
  // How far the wall clock is ahead of it.
  absl::Duration behind() const { return wall_ - now(); }
  // So far ahead that a person has to confirm it.
  bool held() const { return behind() > kPruneCatchUpMax; }

 private:
  absl::Time trusted_;
  absl::Time wall_;
  int64_t monotonic_nanos_;
};

}  // namespace ndx::journal
