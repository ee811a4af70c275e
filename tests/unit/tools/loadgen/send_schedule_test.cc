#include "ndx/tools/loadgen/send_schedule.h"

#include <catch2/catch.hpp>

namespace ndx::tools::loadgen {
namespace {

TEST_CASE("schedule: requests are evenly spaced from the beginning on") {
  const SendSchedule schedule(1'000, 4);
  CHECK(schedule.IntendedNanos(0) == 1'000);
  CHECK(schedule.IntendedNanos(1) == 250'001'000);
  CHECK(schedule.IntendedNanos(4) == 1'000'001'000);
}

TEST_CASE("schedule: it does not drift at a rate that divides no second") {
  const SendSchedule schedule(0, 30'000);
  CHECK(schedule.IntendedNanos(1) == 33'333);
  CHECK(schedule.IntendedNanos(30'000) == 1'000'000'000);
  // A day later.
  CHECK(schedule.IntendedNanos(uint64_t{30'000} * 86'400) == int64_t{86'400} * 1'000'000'000);
}

TEST_CASE("schedule: slower than one a second") {
  const SendSchedule schedule(0, 0.01);
  CHECK(schedule.IntendedNanos(1) == 100'000'000'000);
}

}  // namespace
}  // namespace ndx::tools::loadgen
