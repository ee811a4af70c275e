#include "ndx/dispatch/circuit_breaker.h"

#include <catch2/catch.hpp>

namespace ndx::dispatch {
namespace {

constexpr int64_t kSecond = 1'000'000'000;

CircuitBreakerOptions ThreeFailures() {
  return {.failures_to_open = 3,
          .failure_percent = 100,
          .pause_first = absl::Seconds(1),
          .pause_max = absl::Seconds(4)};
}

TEST_CASE("a breaker opens at its limit of failures in a row and not one before") {
  CircuitBreaker breaker(ThreeFailures());
  for (int i = 0; i < 2; ++i) breaker.Failed(kSecond);
  CHECK(breaker.Allow(kSecond).allowed);
  breaker.Succeeded(kSecond);
  for (int i = 0; i < 2; ++i) breaker.Failed(kSecond);
  CHECK(breaker.Allow(kSecond).allowed);
  breaker.Failed(kSecond);
  const auto refused = breaker.Allow(kSecond);
  CHECK_FALSE(refused.allowed);
  CHECK(refused.retry_after == absl::Seconds(1));
  CHECK(breaker.open_since_nanos() == kSecond);
}

TEST_CASE("after the pause exactly one probe goes through") {
  CircuitBreaker breaker(ThreeFailures());
  for (int i = 0; i < 3; ++i) breaker.Failed(0);
  CHECK_FALSE(breaker.Allow(kSecond - 1).allowed);
  CHECK(breaker.Allow(kSecond).allowed);
  CHECK(breaker.state() == CircuitBreaker::State::kHalfOpen);
  CHECK_FALSE(breaker.Allow(kSecond).allowed);

  SECTION("its success closes the breaker") {
    breaker.Succeeded(kSecond);
    CHECK(breaker.state() == CircuitBreaker::State::kClosed);
    CHECK(breaker.open_since_nanos() == 0);
    CHECK(breaker.Allow(kSecond).allowed);
  }
  SECTION("its failure doubles the pause, up to the longest") {
    int64_t now = kSecond;
    for (const int64_t pause : {2, 4, 4}) {
      breaker.Failed(now);
      CHECK_FALSE(breaker.Allow(now + pause * kSecond - 1).allowed);
      now += pause * kSecond;
      CHECK(breaker.Allow(now).allowed);
    }
  }
  SECTION("an abandoned probe lets the next one through") {
    breaker.Abandoned();
    CHECK(breaker.Allow(kSecond).allowed);
  }
}

TEST_CASE("a share of failures opens the breaker too, once the window holds enough calls") {
  CircuitBreaker breaker({.failures_to_open = 100,
                          .failure_percent = 50,
                          .window_calls = 4,
                          .window = absl::Seconds(10),
                          .pause_first = absl::Seconds(1)});
  breaker.Failed(20 * kSecond);
  breaker.Failed(20 * kSecond);
  breaker.Succeeded(20 * kSecond);
  CHECK(breaker.Allow(20 * kSecond).allowed);
  SECTION("the fourth call makes three failures of four") {
    breaker.Failed(20 * kSecond);
    CHECK_FALSE(breaker.Allow(20 * kSecond).allowed);
  }
  SECTION("a new window forgets the old one") {
    breaker.Failed(30 * kSecond);
    CHECK(breaker.Allow(30 * kSecond).allowed);
  }
}

TEST_CASE("calls that were under way when the breaker opened do not lengthen the pause") {
  CircuitBreaker breaker(ThreeFailures());
  for (int i = 0; i < 10; ++i) breaker.Failed(0);
  CHECK(breaker.Allow(kSecond).allowed);
}

}  // namespace
}  // namespace ndx::dispatch
