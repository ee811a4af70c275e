#include "ndx/dispatch/retry_budget.h"

#include <catch2/catch.hpp>

namespace ndx::dispatch {
namespace {

TEST_CASE("retries are bounded to a share of the calls") {
  RetryBudget budget({.milli_per_call = 100, .retries_max = 2});
  CHECK(budget.TryTake());
  CHECK(budget.TryTake());
  CHECK_FALSE(budget.TryTake());
  for (int call = 0; call < 9; ++call) budget.CountCall();
  CHECK_FALSE(budget.TryTake());
  budget.CountCall();
  CHECK(budget.TryTake());
  CHECK_FALSE(budget.TryTake());
}

TEST_CASE("a quiet time saves up no more than the limit") {
  RetryBudget budget({.milli_per_call = 1000, .retries_max = 2});
  for (int call = 0; call < 100; ++call) budget.CountCall();
  CHECK(budget.TryTake());
  CHECK(budget.TryTake());
  CHECK_FALSE(budget.TryTake());
}

}  // namespace
}  // namespace ndx::dispatch
