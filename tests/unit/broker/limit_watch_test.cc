#include "ndx/broker/limit_watch.h"

#include <catch2/catch.hpp>

#include "ndx/settings/v1/node_settings.pb.h"
#include "ndx/tests/support/recorded_log.h"

namespace ndx::broker {
namespace {

TEST_CASE("a limit refuses and counts; in shadow mode it counts, logs and lets through") {
  telemetry::MetricRegistry metrics;
  tests::RecordedLog log;
  const LimitWatch watch({Limit::kQuota}, metrics, log);
  CHECK(watch.Refuses(Limit::kInFlight, ""));
  CHECK(log.lines().empty());
  CHECK_FALSE(watch.Refuses(Limit::kQuota, "VN:GOV:H55:mot-cua"));
  CHECK_FALSE(watch.Refuses(Limit::kQuota, "VN:GOV:H55:mot-cua"));
  REQUIRE(log.lines().size() == 2);
  CHECK(log.lines()[0].find("exchange.limit_in_shadow") != std::string::npos);
  CHECK(log.lines()[0].find("VN:GOV:H55:mot-cua") != std::string::npos);
  const std::string text = metrics.Exposition();
  CHECK(text.find("ndx_limit_exceeded_total{limit=\"in_flight\",mode=\"refused\"} 1\n") !=
        std::string::npos);
  CHECK(text.find("ndx_limit_exceeded_total{limit=\"quota\",mode=\"shadow\"} 2\n") !=
        std::string::npos);
}

TEST_CASE("the settings' names are those of the limits, in the same order") {
  for (size_t i = 0; i < kLimits; ++i) {
    std::string name = settings::v1::NodeLimit_Name(static_cast<settings::v1::NodeLimit>(i + 1));
    name = name.substr(std::string("NODE_LIMIT_").size());
    for (char& c : name) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    CHECK(name == LimitName(static_cast<Limit>(i)));
  }
  CHECK(settings::v1::NodeLimit_ARRAYSIZE == kLimits + 1);
}

}  // namespace
}  // namespace ndx::broker
