#include "ndx/journal/prune_clock.h"

#include <catch2/catch.hpp>

#include "ndx/tests/support/fake_clock.h"

namespace ndx::journal {
namespace {

constexpr absl::Duration kDay = absl::Hours(24);

struct Clocks {
  Clocks() : prune(clock.Now(), clock.MonotonicNanos()), start(clock.Now()) {}
  void Look() { prune.Look(clock.Now(), clock.MonotonicNanos()); }
  void Pass(absl::Duration time) {
    clock.Advance(time);
    Look();
  }
  void Jump(absl::Duration by) {
    clock.Jump(by);
    Look();
  }
  absl::Duration gone() const { return prune.now() - start; }

  tests::FakeClock clock;
  PruneClock prune;
  const absl::Time start;
};

TEST_CASE("time that passes is counted") {
  Clocks c;
  c.Pass(400 * kDay);
  CHECK(c.gone() == 400 * kDay);
  CHECK(c.prune.behind() == absl::ZeroDuration());
  c.Jump(kPruneClockSlack);
  CHECK(c.gone() == 400 * kDay + kPruneClockSlack);
  c.Jump(kPruneClockSlack + absl::Nanoseconds(1));
  CHECK(c.gone() == 400 * kDay + kPruneClockSlack);
}

TEST_CASE("a clock that jumps by a day is caught up with in a day, and not at once") {
  Clocks c;
  c.Jump(kDay);
  CHECK(c.gone() == absl::ZeroDuration());
  CHECK(c.prune.behind() == kDay);
  CHECK_FALSE(c.prune.held());
  c.Pass(kDay / 2);
  CHECK(c.gone() == kDay);
  c.Pass(kDay / 2);
  CHECK(c.gone() == 2 * kDay);
  CHECK(c.prune.behind() == absl::ZeroDuration());
}

TEST_CASE("a clock ahead by more than a week costs nothing, and a person can confirm it") {
  Clocks c;
  c.Jump(kPruneCatchUpMax);
  CHECK_FALSE(c.prune.held());
  c.Jump(absl::Nanoseconds(1));
  CHECK(c.prune.held());
  c.Jump(365 * kDay);
  c.Pass(30 * kDay);
  // What really passed.
  CHECK(c.gone() == 30 * kDay);
  CHECK(c.prune.held());
  c.prune.Accept(c.clock.Now());
  CHECK(c.gone() == 30 * kDay + 365 * kDay + kPruneCatchUpMax + absl::Nanoseconds(1));
  CHECK_FALSE(c.prune.held());
}

TEST_CASE("a clock that was ahead and is set right has cost nothing") {
  Clocks c;
  c.Jump(365 * kDay);
  c.Pass(kDay);
  c.Jump(-365 * kDay);
  CHECK(c.gone() == kDay);
  CHECK(c.prune.behind() == absl::ZeroDuration());
}

TEST_CASE("a clock that is behind holds back, and is no jump when it is set right") {
  Clocks c;
  c.Pass(10 * kDay);
  c.Jump(-5 * kDay);
  CHECK(c.gone() == 5 * kDay);
  c.Jump(5 * kDay);
  CHECK(c.gone() == 10 * kDay);
  CHECK(c.prune.behind() == absl::ZeroDuration());
}

}  // namespace
}  // namespace ndx::journal
