#include "ndx/daemon/access_watch.h"

#include <catch2/catch.hpp>
#include <string>

#include "ndx/registry/access_request.h"
#include "ndx/tests/support/registry_fixture.h"
#include "ndx/tests/unit/console/console_fixture.h"

namespace ndx::daemon {
namespace {

using telemetry::LogEvent;

constexpr char kEnding[] = R"(
grants:
- {name: soon, consumer: "VN:GOV:H55:mot-cua", methods: ["probe.v1.PeopleService/Verify"], legal_basis: QD, valid_to: "2025-07-01"}
- {name: later, consumer: "VN:GOV:H55:mot-cua", methods: ["probe.v1.PeopleService/Verify"], legal_basis: QD, valid_to: "2026-07-01"}
)";

struct Watched {
  tests::ConsoleFixture fixture;
  registry::Registry registry{*tests::BuildProbeRegistry(kEnding)};
  telemetry::MetricRegistry metrics;
  AccessWatch watch{{registry, &fixture.access_desk(), fixture.clock(), fixture.log()}, 30};

  Watched() { watch.AddMetrics(metrics); }

  uint64_t Ask() {
    console::v1::AccessWish wish;
    wish.set_consumer("VN:GOV:H55:mot-cua");
    wish.add_methods("probe.v1.PeopleService/LookUp");
    wish.add_answer_fields("total");
    wish.add_purposes("tthc");
    wish.set_legal_basis("QD 12");
    wish.set_per_day(9);
    wish.set_valid_to("2099-12-31");
    const auto asked =
        fixture.access_desk().Ask({.name = "an", .roles = {}}, wish, "counter", false);
    REQUIRE(asked.ok());
    return asked->number();
  }
  bool Shows(const std::string& line) const {
    return metrics.Exposition().find(line + "\n") != std::string::npos;
  }
};

TEST_CASE("a grant whose end is near is called to mind once a day") {
  Watched watched;  // on 2025-06-15
  watched.watch.Tick();
  watched.watch.Tick();
  CHECK(watched.fixture.log().CountOf(LogEvent::kGrantEndsSoon) == 1);
  CHECK(watched.fixture.log().Contains("\"grant\":\"soon\""));
  CHECK(watched.Shows("ndx_grants_ending 1"));
  watched.fixture.clock().Advance(absl::Hours(24));
  watched.watch.Tick();
  CHECK(watched.fixture.log().CountOf(LogEvent::kGrantEndsSoon) == 2);
  watched.fixture.clock().Advance(absl::Hours(24 * 20));
  watched.watch.Tick();
  CHECK(watched.fixture.log().CountOf(LogEvent::kGrantEndsSoon) == 2);
  CHECK(watched.Shows("ndx_grants_ending 0"));
}

TEST_CASE("a request that waits too long is counted and called to mind, then expires") {
  Watched watched;
  const uint64_t number = watched.Ask();
  watched.watch.Tick();
  CHECK(watched.Shows("ndx_access_requests_waiting 1"));
  CHECK(watched.Shows("ndx_access_requests_overdue 0"));
  const auto& options = watched.fixture.access_desk().options();
  watched.fixture.clock().Advance(options.overdue_after);
  watched.watch.Tick();
  CHECK(watched.Shows("ndx_access_requests_overdue 1"));
  CHECK(watched.fixture.log().CountOf(LogEvent::kAccessRequestOverdue) == 1);
  CHECK(watched.fixture.log().Contains("\"waits_for\":\"owner\""));
  watched.fixture.clock().Advance(options.expires_after);
  watched.watch.Tick();
  CHECK(registry::StateOf(*watched.fixture.access_desk().Find(number)) ==
        registry::v1::ACCESS_REQUEST_STATE_EXPIRED);
  CHECK(watched.Shows("ndx_access_requests_waiting 0"));
}

TEST_CASE("many requests expire a few at a time") {
  Watched watched;
  for (size_t i = 0; i < kExpireAtOnce + 2; ++i) watched.Ask();
  watched.fixture.clock().Advance(watched.fixture.access_desk().options().expires_after);
  watched.watch.Tick();
  CHECK(watched.Shows("ndx_access_requests_waiting 2"));
  watched.watch.Tick();
  CHECK(watched.Shows("ndx_access_requests_waiting 0"));
}

TEST_CASE("where the registry is files, only grants are looked at") {
  Watched watched;
  AccessWatch files({watched.registry, nullptr, watched.fixture.clock(), watched.fixture.log()},
                    30);
  telemetry::MetricRegistry metrics;
  files.AddMetrics(metrics);
  files.Tick();
  CHECK(watched.fixture.log().CountOf(LogEvent::kGrantEndsSoon) == 1);
  CHECK(metrics.Exposition().find("ndx_access_requests") == std::string::npos);
}

}  // namespace
}  // namespace ndx::daemon
