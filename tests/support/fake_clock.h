// A clock that moves only when told to.
//
// Thread-safety: thread-safe.
#pragma once

#include <atomic>

#include "ndx/core/clock.h"

namespace ndx::tests {

class FakeClock final : public core::Clock {
 public:
  explicit FakeClock(absl::Time start = absl::FromUnixSeconds(1'750'000'000))
      : unix_nanos_(absl::ToUnixNanos(start)) {}

  absl::Time Now() const override { return absl::FromUnixNanos(unix_nanos_.load()); }
  int64_t MonotonicNanos() const override { return monotonic_nanos_.load(); }

  // Moves both clocks.
  void Advance(absl::Duration by) {
    unix_nanos_ += absl::ToInt64Nanoseconds(by);
    monotonic_nanos_ += absl::ToInt64Nanoseconds(by);
  }

  // Moves the wall clock alone, as an administrator or a bad time server does.
  void Jump(absl::Duration by) { unix_nanos_ += absl::ToInt64Nanoseconds(by); }

 private:
  std::atomic<int64_t> unix_nanos_;
  std::atomic<int64_t> monotonic_nanos_{1'000'000'000};
};

}  // namespace ndx::tests
