#include "ndx/core/system_clock.h"

#include <ctime>

#include "absl/time/clock.h"

namespace ndx::core {

absl::Time SystemClock::Now() const { return absl::Now(); }

int64_t SystemClock::MonotonicNanos() const {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return int64_t{now.tv_sec} * 1'000'000'000 + now.tv_nsec;
}

}  // namespace ndx::core
