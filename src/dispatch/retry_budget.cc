#include "ndx/dispatch/retry_budget.h"

#include <algorithm>

namespace ndx::dispatch {

void RetryBudget::CountCall() {
  const int32_t most = options_.retries_max * 1000;
  int32_t milli = milli_.load(std::memory_order_relaxed);
  while (milli < most) {
    const int32_t next = std::min(most, milli + options_.milli_per_call);
    if (milli_.compare_exchange_weak(milli, next, std::memory_order_relaxed)) return;
  }
}

bool RetryBudget::TryTake() {
  int32_t milli = milli_.load(std::memory_order_relaxed);
  while (milli >= 1000) {
    if (milli_.compare_exchange_weak(milli, milli - 1000, std::memory_order_relaxed)) return true;
  }
  return false;
}

}  // namespace ndx::dispatch
