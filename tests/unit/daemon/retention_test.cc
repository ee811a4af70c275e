#include "ndx/daemon/retention.h"

#include <catch2/catch.hpp>

#include "ndx/tests/support/fake_clock.h"
#include "ndx/tests/support/fake_retention.h"

namespace ndx::daemon {
namespace {

using Catch::Contains;

settings::v1::RetentionException& Add(settings::v1::RetentionSettings& settings,
                                      const std::string& name) {
  auto& exception = *settings.add_exceptions();
  exception.set_name(name);
  return exception;
}

TEST_CASE("settings become rules; none keep everything") {
  settings::v1::NodeSettings node;
  auto& settings = *node.mutable_journal()->mutable_retention();
  CHECK(RetentionOf(node, "node.yaml")->Retentions().empty());
  settings.set_security_level(4);
  Add(settings, "a.B").set_keep_days(9);
  Add(settings, "/a.C/D").set_keep_for_ever(true);
  const auto rules = RetentionOf(node, "node.yaml");
  REQUIRE(rules.ok());
  CHECK(rules->For("/a.B/X").keep_days == 9);
  CHECK(rules->For("/a.C/D").keep_days == 0);
  CHECK(rules->For("/a.C/E").keep_days == 184);
}

TEST_CASE("an exception says how long, once, and the refusal names the setting") {
  settings::v1::NodeSettings node;
  auto& settings = *node.mutable_journal()->mutable_retention();
  auto& exception = Add(settings, "a.B");
  CHECK_THAT(std::string(RetentionOf(node, "node.yaml").status().message()),
             Contains("node.yaml: journal.retention.exceptions, a.B"));
  exception.set_keep_days(3);
  exception.set_keep_for_ever(true);
  CHECK(absl::IsInvalidArgument(RetentionOf(node, "node.yaml").status()));
  exception.set_keep_for_ever(false);
  CHECK(RetentionOf(node, "node.yaml").ok());
  Add(settings, "a.B").set_keep_days(4);
  CHECK_THAT(std::string(RetentionOf(node, "node.yaml").status().message()),
             Contains("journal.retention: "));
}

TEST_CASE("a node that relays keeps no payloads of what others have answered, unless it says so") {
  settings::v1::NodeSettings node;
  CHECK(RetentionOf(node, "node.yaml")->AllDays().empty());
  node.mutable_relay()->set_key("file:relay.pem");
  CHECK(RetentionOf(node, "node.yaml")->AllDays() == std::vector<uint32_t>{0});
  node.mutable_relay()->set_keep_payloads(true);
  CHECK(RetentionOf(node, "node.yaml")->AllDays().empty());
}

TEST_CASE("what was removed and what is late is measured") {
  tests::FakeRetention retention;
  tests::FakeClock clock;
  telemetry::MetricRegistry metrics;
  AddRetentionMetrics(retention, clock, metrics);
  retention.the_status.exchanges_pruned = 5;
  retention.the_status.bytes_pruned = 600;
  retention.the_status.segment_bytes_freed = 4096;
  retention.the_status.lag = absl::Seconds(90);
  retention.the_status.oldest_kept = clock.Now() - absl::Seconds(30);
  retention.the_status.clock_ahead = absl::Hours(1);
  retention.the_status.kept_back = 2;
  const std::string page = metrics.Exposition();
  for (const char* line :
       {"ndx_payloads_pruned_total 5\n", "ndx_payload_bytes_pruned_total 600\n",
        "ndx_segment_bytes_freed_total 4096\n", "ndx_payload_oldest_seconds 30\n",
        "ndx_retention_lag_seconds 90\n", "ndx_retention_kept_back 2\n",
        "ndx_retention_clock_ahead_seconds 3600\n"}) {
    CHECK_THAT(page, Contains(line));
  }
}

}  // namespace
}  // namespace ndx::daemon
