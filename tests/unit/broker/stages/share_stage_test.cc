#include "ndx/broker/stages/share_stage.h"

#include <catch2/catch.hpp>

#include "ndx/tests/support/exchange_fixture.h"

namespace ndx::broker {
namespace {

struct Door {
  Door(tests::ExchangeFixture& f, Capacity& capacity, const LimitWatch& watch)
      : early({.clock = f.loop.clock(),
               .random = f.random,
               .capacity = capacity,
               .watch = watch,
               .refusals = refusals,
               .metrics = metrics},
              tests::kNodeContact) {}
  telemetry::MetricRegistry registry;
  ExchangeMetrics metrics{registry};
  RefusalCounter refusals;
  EarlyRefusal early;
};

// A node that was seen to need 400 ms for each record.
void Overload(tests::ExchangeFixture& f, Capacity& capacity) {
  for (int window = 0; window < 5; ++window) {
    for (int i = 0; i < 10; ++i) capacity.Recorded(400'000'000, f.loop.clock().MonotonicNanos());
    f.loop.Advance(absl::Milliseconds(100));
  }
  REQUIRE(capacity.limit().has_value());
}

TEST_CASE("an overloaded node refuses what is beyond its capacity, with a hint; nobody else does") {
  tests::ExchangeFixture f("Read");
  Capacity capacity{{}};
  Door door(f, capacity, f.watch);
  ShareStage stage(f.loop.clock(), capacity, f.watch, door.early);
  CHECK(stage.Enter(*f.x) == Flow::kNext);
  CHECK(f.x->outcome == Outcome::kUndecided);
  Overload(f, capacity);
  int let_in = 0;
  for (; f.x->outcome == Outcome::kUndecided && let_in < 1000; ++let_in) stage.Enter(*f.x);
  CHECK(let_in > 1);
  CHECK(let_in < 50);
  CHECK(f.reason() == "NODE_OVERLOADED");
  CHECK(*f.x->refusal->retry_after >= absl::Milliseconds(200));
  CHECK(f.x->refusal->parameters.contains("retry_after"));
}

TEST_CASE("an exchange that was let in at the door is not asked again") {
  tests::ExchangeFixture f("Read");
  Capacity capacity{{}};
  Door door(f, capacity, f.watch);
  ShareStage stage(f.loop.clock(), capacity, f.watch, door.early);
  Overload(f, capacity);
  f.x->share_taken = true;
  for (int i = 0; i < 1000; ++i) stage.Enter(*f.x);
  CHECK(f.x->outcome == Outcome::kUndecided);
}

TEST_CASE("capacity in shadow mode refuses nobody") {
  tests::ExchangeFixture f("Read");
  telemetry::MetricRegistry metrics;
  const LimitWatch shadow({Limit::kCapacity}, metrics, f.limit_log);
  Capacity capacity{{}};
  Door door(f, capacity, shadow);
  ShareStage stage(f.loop.clock(), capacity, shadow, door.early);
  Overload(f, capacity);
  for (int i = 0; i < 1000; ++i) stage.Enter(*f.x);
  CHECK(f.x->outcome == Outcome::kUndecided);
  CHECK(f.limit_log.CountOf(telemetry::LogEvent::kLimitInShadow) > 900);
}

}  // namespace
}  // namespace ndx::broker
