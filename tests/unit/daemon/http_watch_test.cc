#include "ndx/daemon/http_watch.h"

#include <catch2/catch.hpp>

#include "ndx/tests/support/fake_clock.h"
#include "ndx/tests/support/recorded_log.h"

namespace ndx::daemon {
namespace {

TEST_CASE("a peer that an HTTP port refuses is counted and named, not without end") {
  tests::FakeClock clock;
  telemetry::MetricRegistry metrics;
  tests::RecordedLog log;
  HttpWatch watch(clock, metrics, log);
  for (uint64_t i = 0; i <= kPeerLinesPerMinute; ++i) watch.OnRefused("192.0.2.1:4", "malformed");
  CHECK(log.CountOf(telemetry::LogEvent::kConnectionRefused) == kPeerLinesPerMinute);
  CHECK(log.Contains(R"("peer":"192.0.2.1:4","cause":"malformed","for":"http")"));
  CHECK_THAT(metrics.Exposition(),
             Catch::Contains(R"(ndx_http_refused_total{cause="malformed"} 4)"));
}

}  // namespace
}  // namespace ndx::daemon
