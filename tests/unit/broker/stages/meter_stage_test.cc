#include "ndx/broker/stages/meter_stage.h"

#include <catch2/catch.hpp>

#include "ndx/tests/support/exchange_fixture.h"

namespace ndx::broker {
namespace {

TEST_CASE("a grant's quota: the last exchange passes, the next one is told when to come back") {
  tests::ExchangeFixture f("Read");
  registry::GrantEntry grant = *f.x->decision.grant->grant;
  grant.quota_per_second = 2;
  registry::MethodGrant hold{.grant = &grant};
  f.x->decision.grant = &hold;
  routing::RateLimiter limiter;
  MeterStage stage(f.loop.clock(), limiter, f.watch);
  for (int i = 0; i < 2; ++i) {
    CHECK(stage.Enter(*f.x) == Flow::kNext);
    CHECK(f.x->outcome == Outcome::kUndecided);
  }
  CHECK(stage.Enter(*f.x) == Flow::kNext);
  CHECK(f.reason() == "QUOTA_USED");
  CHECK(f.x->refusal->retry_after.has_value());
  CHECK(f.x->refusal->quota_subject == "one-stop");
}

TEST_CASE("a quota in shadow mode refuses nobody") {
  tests::ExchangeFixture f("Read");
  registry::GrantEntry grant = *f.x->decision.grant->grant;
  grant.quota_per_second = 1;
  registry::MethodGrant hold{.grant = &grant};
  f.x->decision.grant = &hold;
  routing::RateLimiter limiter;
  telemetry::MetricRegistry metrics;
  const LimitWatch shadow({Limit::kQuota}, metrics, f.limit_log);
  MeterStage stage(f.loop.clock(), limiter, shadow);
  for (int i = 0; i < 3; ++i) CHECK(stage.Enter(*f.x) == Flow::kNext);
  CHECK(f.x->outcome == Outcome::kUndecided);
  CHECK(f.limit_log.CountOf(telemetry::LogEvent::kLimitInShadow) == 2);
}

TEST_CASE("the node's own services have no quota") {
  tests::ExchangeFixture f("Read");
  f.x->decision.grant = nullptr;
  routing::RateLimiter limiter;
  MeterStage stage(f.loop.clock(), limiter, f.watch);
  CHECK(stage.Enter(*f.x) == Flow::kNext);
  CHECK(f.x->outcome == Outcome::kUndecided);
}

}  // namespace
}  // namespace ndx::broker
