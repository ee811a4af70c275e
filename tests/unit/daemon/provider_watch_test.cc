#include "ndx/daemon/provider_watch.h"

#include <catch2/catch.hpp>

#include "ndx/tests/support/fake_clock.h"
#include "ndx/tests/support/recorded_log.h"

namespace ndx::daemon {
namespace {

TEST_CASE("a provider that is cut off is counted and named, not without end") {
  tests::FakeClock clock;
  telemetry::MetricRegistry metrics;
  tests::RecordedLog log;
  ProviderWatch watch(clock, metrics, log);
  for (uint64_t i = 0; i <= kPeerLinesPerMinute; ++i) {
    watch.OnProviderCutOff("VN:GOV:G98:xau", "unix:/x", transport::ConnectionAttack::kPingFlood);
  }
  watch.OnProviderCutOff("VN:GOV:G97:khac", "unix:/y", transport::ConnectionAttack::kPingFlood);
  CHECK(log.CountOf(telemetry::LogEvent::kProviderCutOff) == kPeerLinesPerMinute + 1);
  CHECK(log.Contains(R"("provider":"VN:GOV:G98:xau","endpoint":"unix:/x","kind":"ping_flood")"));
  CHECK(log.Contains("VN:GOV:G97:khac"));
  CHECK_THAT(metrics.Exposition(),
             Catch::Contains(R"(ndx_provider_connections_cut_total{kind="ping_flood"} 5)"));
}

}  // namespace
}  // namespace ndx::daemon
