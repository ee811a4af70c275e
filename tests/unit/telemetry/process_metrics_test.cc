#include "ndx/telemetry/process_metrics.h"

#include <catch2/catch.hpp>
#include <string>

namespace ndx::telemetry {
namespace {

double ValueOf(const std::string& text, const std::string& name) {
  const size_t at = text.find("\n" + name + " ");
  REQUIRE(at != std::string::npos);
  return std::stod(text.substr(at + name.size() + 2));
}

TEST_CASE("a process measures itself") {
  MetricRegistry metrics;
  AddProcessMetrics(metrics, "ndxd", "0.1.0", absl::FromUnixSeconds(1'750'000'000));
  const std::string text = metrics.Exposition();
  CHECK(ValueOf(text, "process_resident_memory_bytes") > 1e6);
  CHECK(ValueOf(text, "process_open_fds") >= 3);
  CHECK(ValueOf(text, "process_max_fds") >= ValueOf(text, "process_open_fds"));
  CHECK(ValueOf(text, "process_cpu_seconds_total") >= 0);
  CHECK(ValueOf(text, "process_start_time_seconds") == 1'750'000'000);
  CHECK_THAT(text, Catch::Contains("ndx_build_info{program=\"ndxd\",version=\"0.1.0\"} 1"));
}

}  // namespace
}  // namespace ndx::telemetry
