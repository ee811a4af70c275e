#include "space_guard.h"

#include "ndx/core/status_macros.h"

namespace ndx::journal {

absl::Status SpaceGuard::Start() {
  core::MutexLock lock(mutex_);
  const absl::Status held = ballast_.Hold();
  if (!held.ok() && !absl::IsResourceExhausted(held)) return held;
  space_ = LookNow();
  return absl::OkStatus();
}

Space SpaceGuard::Look() {
  const int64_t now = clock_.MonotonicNanos();
  int64_t next = next_look_ns_.load(std::memory_order_relaxed);
  const int64_t after = now + absl::ToInt64Nanoseconds(options_.interval);
  // One of several callers looks; the others take what was seen last.
  if (now < next || !next_look_ns_.compare_exchange_strong(next, after)) return space_;
  core::MutexLock lock(mutex_);
  space_ = LookNow();
  return space_;
}

Space SpaceGuard::LookNow() {
  const auto free = options_.free_bytes();
  if (!free.ok()) return Space::kLow;
  if (ballast_.held() && *free < options_.free_bytes_min / kBallastShare) {
    (void)ballast_.Release();
  } else if (!ballast_.held() && *free >= options_.free_bytes_min + ballast_.bytes()) {
    (void)ballast_.Hold();
  }
  if (!ballast_.held()) return Space::kLast;
  return *free < options_.free_bytes_min ? Space::kLow : Space::kEnough;
}

}  // namespace ndx::journal
