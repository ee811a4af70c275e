#include "ndx/broker/stages/meter_stage.h"

#include <catch2/catch.hpp>

#include "absl/strings/str_format.h"
#include "ndx/tests/support/exchange_fixture.h"
#include "ndx/tests/support/registry_fixture.h"

namespace ndx::broker {
namespace {

TEST_CASE("a grant's quota: the last exchange passes, the next one is told when to come back") {
  tests::ExchangeFixture f("Read");
  registry::GrantEntry grant = *f.x->decision.grant->grant;
  grant.quota_per_second = 2;
  registry::MethodGrant hold{.grant = &grant};
  f.x->decision.grant = &hold;
  routing::RateLimiter limiter;
  MeterStage stage(f.loop.clock(), limiter, f.journal, f.watch, f.limit_log, "node");
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
  MeterStage stage(f.loop.clock(), limiter, f.journal, shadow, f.limit_log, "node");
  for (int i = 0; i < 3; ++i) CHECK(stage.Enter(*f.x) == Flow::kNext);
  CHECK(f.x->outcome == Outcome::kUndecided);
  CHECK(f.limit_log.CountOf(telemetry::LogEvent::kLimitInShadow) == 2);
}

TEST_CASE("who walks through ten thousand persons is stopped and named, once; known ones go on") {
  tests::ExchangeFixture f("Read");
  const auto probe = tests::BuildProbeRegistry("");
  REQUIRE(probe.ok());
  f.x->route.method = (*probe)->FindMethod("/probe.v1.PeopleService/Verify");
  registry::GrantEntry grant = *f.x->decision.grant->grant;
  grant.subjects_per_day = 10'000;
  registry::MethodGrant hold{.grant = &grant};
  f.x->decision.grant = &hold;
  routing::RateLimiter limiter;
  MeterStage stage(f.loop.clock(), limiter, f.journal, f.watch, f.limit_log, "node");
  const auto ask = [&](int person) {
    // VerifyRequest.citizen_id
    f.x->request = transport::MakeMessage(absl::StrFormat("\x0a\x0c%06d000001", person));
    f.x->outcome = Outcome::kUndecided;
    stage.Enter(*f.x);
    return f.x->outcome == Outcome::kUndecided;
  };
  int answered = 0;
  for (int person = 0; person < 10'000; ++person) answered += ask(person) ? 1 : 0;
  CHECK(answered == 10'000);
  CHECK_FALSE(ask(10'000));
  CHECK(f.reason() == "SUBJECT_QUOTA_USED");
  CHECK_FALSE(f.x->refusal->parameters.at("owner").empty());
  CHECK_FALSE(ask(10'001));
  CHECK(ask(77));
  CHECK(f.limit_log.CountOf(telemetry::LogEvent::kBulkHarvesting) == 1);
}

TEST_CASE("a grant in shadow mode has a count of its own, and refuses nobody") {
  tests::ExchangeFixture f("Read");
  registry::GrantEntry grant = *f.x->decision.grant->grant;
  registry::GrantEntry stricter = grant;
  stricter.name = "stricter";
  stricter.quota_per_day = 2;
  const registry::MethodGrant hold{.grant = &grant};
  const registry::MethodGrant shadow{.grant = &stricter};
  f.x->decision.grant = &hold;
  routing::RateLimiter limiter;
  MeterStage stage(f.loop.clock(), limiter, f.journal, f.watch, f.limit_log, "node");
  for (int i = 0; i < 3; ++i) {
    f.x->decision.shadow = routing::ShadowVerdict{.grant = &shadow};
    CHECK(stage.Enter(*f.x) == Flow::kNext);
    CHECK(f.x->decision.shadow_differs() == (i == 2));
  }
  CHECK(f.x->decision.shadow->refusal->reason == exchange::v1::ERROR_REASON_QUOTA_USED);
  CHECK(f.x->outcome == Outcome::kUndecided);
}

TEST_CASE("what the deciding grant refuses is not taken from the one in shadow mode") {
  tests::ExchangeFixture f("Read");
  registry::GrantEntry grant = *f.x->decision.grant->grant;
  grant.quota_per_day = 1;
  registry::GrantEntry wider = grant;
  wider.name = "wider";
  wider.quota_per_day = 2;
  const registry::MethodGrant hold{.grant = &grant};
  const registry::MethodGrant shadow{.grant = &wider};
  f.x->decision.grant = &hold;
  routing::RateLimiter limiter;
  MeterStage stage(f.loop.clock(), limiter, f.journal, f.watch, f.limit_log, "node");
  for (int i = 0; i < 3; ++i) {
    f.x->decision.shadow = routing::ShadowVerdict{.grant = &shadow};
    CHECK(stage.Enter(*f.x) == Flow::kNext);
    CHECK((f.x->outcome == Outcome::kUndecided) == (i == 0));
    CHECK_FALSE(f.x->decision.shadow->refusal.has_value());
  }
}

TEST_CASE("the node's own services have no quota") {
  tests::ExchangeFixture f("Read");
  f.x->decision.grant = nullptr;
  routing::RateLimiter limiter;
  MeterStage stage(f.loop.clock(), limiter, f.journal, f.watch, f.limit_log, "node");
  CHECK(stage.Enter(*f.x) == Flow::kNext);
  CHECK(f.x->outcome == Outcome::kUndecided);
}

}  // namespace
}  // namespace ndx::broker
