#include "ndx/dispatch/concurrency_limit.h"

#include <catch2/catch.hpp>

namespace ndx::dispatch {
namespace {

TEST_CASE("a provider takes its limit of calls and not one more") {
  ConcurrencyLimit limit(2);
  CHECK(limit.TryEnter());
  CHECK(limit.TryEnter());
  CHECK_FALSE(limit.TryEnter());
  limit.Leave();
  CHECK(limit.TryEnter());
  CHECK(limit.calls() == 2);
}

}  // namespace
}  // namespace ndx::dispatch
