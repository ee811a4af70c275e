// Time as everything but the daemon sees it.
//
// Thread-safety: implementations are thread-safe.
#pragma once

#include <cstdint>

#include "absl/time/time.h"

namespace ndx::core {

class Clock {
 public:
  virtual ~Clock() = default;

  // Wall clock, for people and for validity dates. May jump.
  virtual absl::Time Now() const = 0;

  // Nanoseconds of a clock that never goes back within one boot; for durations and deadlines.
  virtual int64_t MonotonicNanos() const = 0;
};

}  // namespace ndx::core
