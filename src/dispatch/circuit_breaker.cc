#include "ndx/dispatch/circuit_breaker.h"

#include <algorithm>

namespace ndx::dispatch {

CircuitBreaker::Admission CircuitBreaker::Allow(int64_t now_nanos) {
  if (state() == State::kClosed) return {};
  const core::MutexLock lock(mutex_);
  if (state() == State::kClosed) return {};
  if (now_nanos < probe_at_nanos_) {
    return {.allowed = false, .retry_after = absl::Nanoseconds(probe_at_nanos_ - now_nanos)};
  }
  if (probing_) return {.allowed = false, .retry_after = options_.pause_first};
  probing_ = true;
  state_.store(State::kHalfOpen, std::memory_order_release);
  return {};
}

void CircuitBreaker::Succeeded(int64_t now_nanos) {
  failures_in_a_row_.store(0, std::memory_order_relaxed);
  WindowIsBad(/*failed=*/false, now_nanos);
  if (state() == State::kClosed) return;
  const core::MutexLock lock(mutex_);
  probing_ = false;
  pause_ = absl::ZeroDuration();
  open_since_nanos_.store(0, std::memory_order_release);
  state_.store(State::kClosed, std::memory_order_release);
}

void CircuitBreaker::Failed(int64_t now_nanos) {
  const uint32_t failures = failures_in_a_row_.fetch_add(1, std::memory_order_relaxed) + 1;
  const bool window_is_bad = WindowIsBad(/*failed=*/true, now_nanos);
  const bool too_many = failures >= options_.failures_to_open || window_is_bad;
  if (state() == State::kClosed && !too_many) return;
  const core::MutexLock lock(mutex_);
  // Calls that were under way when the breaker opened say nothing new.
  if (state() == State::kOpen) return;
  Open(now_nanos);
}

void CircuitBreaker::Abandoned() {
  if (state() == State::kClosed) return;
  const core::MutexLock lock(mutex_);
  probing_ = false;
}

bool CircuitBreaker::WindowIsBad(bool failed, int64_t now_nanos) {
  int64_t began = window_began_nanos_.load(std::memory_order_relaxed);
  if (now_nanos - began >= absl::ToInt64Nanoseconds(options_.window) &&
      window_began_nanos_.compare_exchange_strong(began, now_nanos, std::memory_order_relaxed)) {
    window_calls_.store(0, std::memory_order_relaxed);
    window_failures_.store(0, std::memory_order_relaxed);
  }
  const uint32_t calls = window_calls_.fetch_add(1, std::memory_order_relaxed) + 1;
  const uint32_t failures =
      window_failures_.fetch_add(failed ? 1 : 0, std::memory_order_relaxed) + (failed ? 1 : 0);
  if (options_.failure_percent >= 100 || calls < options_.window_calls) return false;
  return uint64_t{failures} * 100 >= uint64_t{calls} * options_.failure_percent;
}

void CircuitBreaker::Open(int64_t now_nanos) {
  pause_ = pause_ == absl::ZeroDuration() ? options_.pause_first
                                          : std::min(pause_ * 2, options_.pause_max);
  probe_at_nanos_ = now_nanos + absl::ToInt64Nanoseconds(pause_);
  probing_ = false;
  if (open_since_nanos_.load(std::memory_order_relaxed) == 0) {
    open_since_nanos_.store(now_nanos, std::memory_order_release);
  }
  state_.store(State::kOpen, std::memory_order_release);
}

}  // namespace ndx::dispatch
