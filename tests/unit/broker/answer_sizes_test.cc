#include "ndx/broker/answer_sizes.h"

#include <catch2/catch.hpp>

namespace ndx::broker {
namespace {

TEST_CASE("answers that have become large are expected soon, of each method for itself") {
  AnswerSizes sizes;
  CHECK(sizes.Expected("/a") == 0);
  for (int i = 0; i < 80; ++i) sizes.Saw("/a", 1 << 20);
  CHECK(sizes.Expected("/a") > 900 << 10);
  CHECK(sizes.Expected("/a") <= 1 << 20);
  CHECK(sizes.Expected("/b") == 0);
  for (int i = 0; i < 600; ++i) sizes.Saw("/a", 100);
  CHECK(sizes.Expected("/a") >= 100);
  CHECK(sizes.Expected("/a") < 400);
}

TEST_CASE("one large answer among many small ones counts for little") {
  AnswerSizes sizes;
  for (int i = 0; i < 3000; ++i) sizes.Saw("/a", i % 1000 == 999 ? 10 << 20 : 10 << 10);
  CHECK(sizes.Expected("/a") < 350 << 10);
  for (int i = 0; i < 300; ++i) sizes.Saw("/a", 10 << 10);
  CHECK(sizes.Expected("/a") < 20 << 10);
}

}  // namespace
}  // namespace ndx::broker
