#include "ndx/dispatch/circuit_breaker.h"

#include <algorithm>

namespace ndx::dispatch {

CircuitBreaker::Admission CircuitBreaker::Allow(int64_t now_nanos) {
  if (state() == State::kClosed) return {};
  const absl::MutexLock lock(&mutex_);
  if (state() == State::kClosed) return {};
  if (now_nanos < probe_at_nanos_) {
    return {.allowed = false, .retry_after = absl::Nanoseconds(probe_at_nanos_ - now_nanos)};
  }
  if (probing_) return {.allowed = false, .retry_after = options_.pause_first};
  probing_ = true;
  state_.store(State::kHalfOpen, std::memory_order_release);
  return {};
}

void CircuitBreaker::Succeeded() {
  failures_in_a_row_.store(0, std::memory_order_relaxed);
  if (state() == State::kClosed) return;
  const absl::MutexLock lock(&mutex_);
  probing_ = false;
  pause_ = absl::ZeroDuration();
  open_since_nanos_.store(0, std::memory_order_release);
  state_.store(State::kClosed, std::memory_order_release);
}

void CircuitBreaker::Failed(int64_t now_nanos) {
  const uint32_t failures = failures_in_a_row_.fetch_add(1, std::memory_order_relaxed) + 1;
  const State before = state();
  if (before == State::kClosed && failures < options_.failures_to_open) return;
  const absl::MutexLock lock(&mutex_);
  // Calls that were under way when the breaker opened say nothing new.
  if (state() == State::kOpen) return;
  Open(now_nanos);
}

void CircuitBreaker::Abandoned() {
  if (state() == State::kClosed) return;
  const absl::MutexLock lock(&mutex_);
  probing_ = false;
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
