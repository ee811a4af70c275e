// Bounds retries to a share of the calls made, so that retries never multiply an outage.
//
// Thread-safety: thread-safe, no locks. Units: one call earns `ratio` of a retry; at most
// `retries_max` are saved up. Source: the retry throttling of gRFC A6, with tokens earned by calls
// rather than by successes.
#pragma once

#include <atomic>
#include <cstdint>

namespace ndx::dispatch {

struct RetryBudgetOptions {
  // Retries earned by a call, in thousandths.
  int32_t milli_per_call = 100;
  // Most retries that can be saved up; also what a new budget holds.
  int32_t retries_max = 10;
};

class RetryBudget {
 public:
  explicit RetryBudget(const RetryBudgetOptions& options)
      : options_(options), milli_(options.retries_max * 1000) {}

  // Counts a first attempt.
  void CountCall();

  // Takes one retry from the budget; false when there is none.
  bool TryTake();

 private:
  const RetryBudgetOptions options_;
  std::atomic<int32_t> milli_;
};

}  // namespace ndx::dispatch
