#include "ndx/broker/hop_times.h"

#include <catch2/catch.hpp>

namespace ndx::broker {
namespace {

TEST_CASE("a hop is what an exchange took beyond the peer's own time, smoothed") {
  HopTimes hops;
  CHECK(hops.Of("a") == 0);
  hops.Saw("a", 10'000, 2'000);
  CHECK(hops.Of("a") == 8'000);
  hops.Saw("a", 16'000, 0);
  CHECK(hops.Of("a") == 9'000);
  hops.Saw("a", 9'000, 0);
  CHECK(hops.Of("a") == 9'000);
  CHECK(hops.Of("b") == 0);
  hops.Saw("b", 5, 50);  // its clock is ahead
  CHECK(hops.Of("b") == 0);
}

TEST_CASE("a peer gives up sooner by the hop, and by a quarter of what is left at most") {
  HopTimes hops;
  CHECK(hops.DeadlineThere("a", 1'000, 101'000) == 101'000);
  hops.Saw("a", 10'000, 0);
  CHECK(hops.DeadlineThere("a", 1'000, 101'000) == 91'000);
  CHECK(hops.DeadlineThere("a", 1'000, 21'000) == 16'000);
  CHECK(hops.DeadlineThere("a", 1'000, 1'000) == 1'000);
  CHECK(hops.DeadlineThere("a", 2'000, 1'000) == 1'000);
}

}  // namespace
}  // namespace ndx::broker
