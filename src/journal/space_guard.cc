#include "space_guard.h"

#include "ndx/core/status_macros.h"

namespace ndx::journal {

absl::Status SpaceGuard::Start() {
  core::MutexLock lock(mutex_);
  absl::Status held = ballast_.Hold();
  if (!held.ok() && !absl::IsResourceExhausted(held)) return held;
  return LookNow();
}

Space SpaceGuard::Look() {
  const int64_t now = clock_.MonotonicNanos();
  int64_t next = next_look_ns_.load(std::memory_order_relaxed);
  const int64_t after = now + absl::ToInt64Nanoseconds(options_.interval);
  // One of several callers looks; the others take what was seen last.
  if (now < next || !next_look_ns_.compare_exchange_strong(next, after)) return space_;
  absl::Status looked;
  {
    core::MutexLock lock(mutex_);
    looked = LookNow();
  }
  if (!looked.ok()) options_.on_failed_disk(looked);
  return space_;
}

absl::Status SpaceGuard::LookNow() {
  const auto free = options_.free_bytes();
  if (!free.ok()) {
    space_ = Space::kLow;
    return free.status();
  }
  if (ballast_.held() && *free < options_.free_bytes_min / kBallastShare) {
    (void)ballast_.Release();
  } else if (!ballast_.held() && *free >= options_.free_bytes_min + ballast_.bytes()) {
    (void)ballast_.Hold();
  }
  const bool low = *free < options_.free_bytes_min;
  space_ = !ballast_.held() ? Space::kLast : low ? Space::kLow : Space::kEnough;
  return absl::OkStatus();
}

}  // namespace ndx::journal
