// The real clock. Only src/daemon, tools and tests of real time construct it.
//
// Thread-safety: thread-safe.
#pragma once

#include "ndx/core/clock.h"

namespace ndx::core {

class SystemClock final : public Clock {
 public:
  absl::Time Now() const override;
  int64_t MonotonicNanos() const override;
};

}  // namespace ndx::core
