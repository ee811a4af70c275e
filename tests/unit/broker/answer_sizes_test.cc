#include "ndx/broker/answer_sizes.h"

#include <catch2/catch.hpp>

namespace ndx::broker {
namespace {

TEST_CASE("the largest answer of late is expected, of each method for itself") {
  AnswerSizes sizes;
  CHECK(sizes.Expected("/a") == 0);
  sizes.Saw("/a", 100);
  sizes.Saw("/a", 64'000);
  CHECK(sizes.Expected("/a") == 64'000);
  CHECK(sizes.Expected("/b") == 0);
  sizes.Saw("/a", 0);
  CHECK(sizes.Expected("/a") == 63'000);
  for (int i = 0; i < 600; ++i) sizes.Saw("/a", 100);
  CHECK(sizes.Expected("/a") >= 100);
  CHECK(sizes.Expected("/a") < 200);
}

}  // namespace
}  // namespace ndx::broker
