// Stops calls to a provider that keeps failing, and lets one through now and then to see whether it
// is back.
//
//   closed ──failures in a row──▶ open ──pause over──▶ half open ──probe answered──▶ closed
//                                  ▲                      │
//                                  └──probe failed, pause doubled
//
// Thread-safety: thread-safe; one breaker serves all event loops. Allow() takes no lock while the
// breaker is closed. Time is given by the caller: nanoseconds of core::Clock::MonotonicNanos().
#pragma once

#include <atomic>
#include <cstdint>

#include "absl/base/thread_annotations.h"
#include "absl/time/time.h"
#include "ndx/core/mutex.h"

namespace ndx::dispatch {

struct CircuitBreakerOptions {
  // Transport failures in a row that open the breaker.
  uint32_t failures_to_open = 5;
  // Share of failures, in percent, that opens it too once a window holds enough calls; 100 switches
  // this rule off.
  uint32_t failure_percent = 50;
  uint32_t window_calls = 20;
  absl::Duration window = absl::Seconds(30);
  // How long it stays open the first time; doubled after each failed probe.
  absl::Duration pause_first = absl::Seconds(10);
  absl::Duration pause_max = absl::Minutes(1);
};

class CircuitBreaker {
 public:
  enum class State { kClosed, kOpen, kHalfOpen };

  struct Admission {
    bool allowed = true;
    // Set when not allowed: how long until the next probe.
    absl::Duration retry_after = absl::ZeroDuration();
  };

  explicit CircuitBreaker(const CircuitBreakerOptions& options) : options_(options) {}
  CircuitBreaker(const CircuitBreaker&) = delete;
  CircuitBreaker& operator=(const CircuitBreaker&) = delete;

  // May a call be sent now? In the half-open state one call at a time is, as the probe. Every
  // allowed call must be followed by exactly one of Succeeded, Failed and Abandoned.
  Admission Allow(int64_t now_nanos);

  // The provider answered, whatever it said.
  void Succeeded(int64_t now_nanos);

  // The provider could not be reached, did not answer in time, or broke the protocol.
  void Failed(int64_t now_nanos);

  // The call ended without telling anything about the provider (the caller cancelled).
  void Abandoned();

  State state() const { return state_.load(std::memory_order_acquire); }

  // Monotonic time of the failure that opened the breaker; 0 while it is closed.
  int64_t open_since_nanos() const { return open_since_nanos_.load(std::memory_order_acquire); }

 private:
  // Counts the outcome in the window and tells whether its share of failures is too high. Windows
  // follow one another without overlap; calls that end while one window gives way to the next may
  // be counted in either.
  bool WindowIsBad(bool failed, int64_t now_nanos);
  void Open(int64_t now_nanos) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const CircuitBreakerOptions options_;
  std::atomic<State> state_{State::kClosed};
  std::atomic<uint32_t> failures_in_a_row_{0};
  std::atomic<int64_t> open_since_nanos_{0};
  std::atomic<int64_t> window_began_nanos_{0};
  std::atomic<uint32_t> window_calls_{0};
  std::atomic<uint32_t> window_failures_{0};
  core::Mutex mutex_;
  absl::Duration pause_ ABSL_GUARDED_BY(mutex_) = absl::ZeroDuration();
  int64_t probe_at_nanos_ ABSL_GUARDED_BY(mutex_) = 0;
  bool probing_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace ndx::dispatch
