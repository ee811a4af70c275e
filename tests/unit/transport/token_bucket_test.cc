#include "ndx/transport/token_bucket.h"

#include <catch2/catch.hpp>

namespace ndx::transport {
namespace {

TEST_CASE("a bucket allows its burst, then its rate") {
  constexpr int64_t kSecond = 1'000'000'000;
  TokenBucket bucket({.burst = 3, .per_second = 2});
  int64_t now = 5 * kSecond;
  for (int i = 0; i < 3; ++i) CHECK(bucket.Take(now));
  CHECK_FALSE(bucket.Take(now));
  now += kSecond / 2;
  CHECK(bucket.Take(now));
  CHECK_FALSE(bucket.Take(now));
  now += 100 * kSecond;  // never more than the burst
  for (int i = 0; i < 3; ++i) CHECK(bucket.Take(now));
  CHECK_FALSE(bucket.Take(now));
}

TEST_CASE("tokens that are earned fill the bucket no higher than its burst") {
  TokenBucket bucket({.burst = 2, .per_second = 0});
  CHECK(bucket.Take(1));
  CHECK(bucket.Take(1));
  bucket.Give(0.5);
  CHECK_FALSE(bucket.Take(1));
  bucket.Give(0.5);
  CHECK(bucket.Take(1));
  bucket.Give(100);
  CHECK(bucket.Take(1));
  CHECK(bucket.Take(1));
  CHECK_FALSE(bucket.Take(1));
}

}  // namespace
}  // namespace ndx::transport
