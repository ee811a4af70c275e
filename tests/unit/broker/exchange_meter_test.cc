#include "ndx/broker/exchange_meter.h"

#include <catch2/catch.hpp>

#include "absl/strings/match.h"
#include "ndx/tests/support/exchange_fixture.h"
#include "ndx/tests/support/recorded_log.h"

namespace ndx::broker {
namespace {

class ExchangeMeterFixture : public tests::ExchangeFixture {
 public:
  explicit ExchangeMeterFixture(const std::string& method) : ExchangeFixture(method) {}

  void End(Outcome outcome, exchange::v1::ErrorReason reason) {
    x->outcome = outcome;
    if (reason != exchange::v1::ERROR_REASON_UNSPECIFIED) {
      x->refusal = core::Refusal{.reason = reason};
    }
    meter.Ended(*x);
  }
  bool Exposes(absl::string_view line) const {
    return absl::StrContains(metrics.Exposition(), line);
  }

  telemetry::MetricRegistry metrics;
  tests::RecordedLog log;
  ExchangeMetrics families{metrics};
  ExchangeMeter meter{loop.clock(), families, log};
};

TEST_CASE("an answered exchange is counted and timed under its method") {
  ExchangeMeterFixture f("Read");
  f.x->provider_nanos = 2'000'000;
  f.loop.Advance(absl::Milliseconds(3));
  f.End(Outcome::kAnswered, exchange::v1::ERROR_REASON_UNSPECIFIED);
  f.meter.Ended(*f.x);
  CHECK(
      f.Exposes("ndx_exchanges_total{method=\"ledger.v1.LedgerService/Read\","
                "outcome=\"answered\",reason=\"\"} 2"));
  CHECK(
      f.Exposes("ndx_exchange_duration_seconds_count{method=\"ledger.v1.LedgerService/Read\"} 2"));
  CHECK(
      f.Exposes("ndx_exchange_provider_seconds_count{method=\"ledger.v1.LedgerService/Read\"} 2"));
  CHECK(f.log.CountOf(telemetry::LogEvent::kExchangeAnswered) == 2);
  CHECK(f.log.Contains(f.x->id.ToString()));
}

TEST_CASE("every other end is counted with its reason and logged as what it is") {
  struct Case {
    Outcome outcome;
    exchange::v1::ErrorReason reason;
    std::string labels;
    telemetry::LogEvent event;
  };
  const Case cases[] = {
      {Outcome::kRefused, exchange::v1::ERROR_REASON_NO_GRANT,
       "outcome=\"refused\",reason=\"NO_GRANT\"", telemetry::LogEvent::kExchangeRefused},
      {Outcome::kFailed, exchange::v1::ERROR_REASON_READ_TIMED_OUT,
       "outcome=\"failed\",reason=\"READ_TIMED_OUT\"", telemetry::LogEvent::kExchangeFailed},
      {Outcome::kInDoubt, exchange::v1::ERROR_REASON_OUTCOME_UNKNOWN,
       "outcome=\"in_doubt\",reason=\"OUTCOME_UNKNOWN\"", telemetry::LogEvent::kExchangeInDoubt},
  };
  for (const Case& each : cases) {
    ExchangeMeterFixture f("Change");
    f.End(each.outcome, each.reason);
    CAPTURE(each.labels);
    CHECK(f.Exposes(each.labels + "} 1"));
    CHECK(f.log.CountOf(each.event) == 1);
  }
  ExchangeMeterFixture f("Read");
  f.x->status.code = 5;
  f.End(Outcome::kAnswered, exchange::v1::ERROR_REASON_UNSPECIFIED);
  CHECK(f.Exposes("outcome=\"answered\",reason=\"PROVIDER_ERROR\"} 1"));
}

TEST_CASE("paths that callers make up share one label and are not logged") {
  ExchangeMeterFixture f("");
  f.x->path = "/made.up/Path";
  f.End(Outcome::kRefused, exchange::v1::ERROR_REASON_METHOD_UNKNOWN);
  CHECK(f.Exposes("method=\"unknown\",outcome=\"refused\""));
  CHECK_FALSE(f.log.Contains("made.up"));
}

TEST_CASE("outcomes have names") {
  CHECK(OutcomeName(Outcome::kUndecided) == "undecided");
  CHECK(OutcomeName(Outcome::kInDoubt) == "in_doubt");
}

}  // namespace
}  // namespace ndx::broker
