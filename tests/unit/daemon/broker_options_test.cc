#include "ndx/daemon/broker_options.h"

#include <catch2/catch.hpp>

#include "ndx/settings/settings_loader.h"

namespace ndx::daemon {
namespace {

// A node's settings with this section in addition to what is required.
settings::v1::NodeSettings With(const std::string& exchange) {
  settings::v1::NodeSettings node;
  REQUIRE(settings::ParseSettings({{.name = "node.yaml", .text = R"(
node: {system: "VN:GOV:G01:ndxp", origin: o, contact: trực ban}
listener: {addresses: ["127.0.0.1:0"], tls: {certificate_file: c, key_file: k}, client_ca_file: ca}
registry: {paths: [r]}
journal: {directory: d, signing_key: s, master_key: m}
)" + exchange}},
                                  node, nullptr)
              .ok());
  return node;
}

TEST_CASE("the limits of exchanges, as they stand where nothing is said of them") {
  const broker::BrokerOptions options = BrokerOptionsOf(With(""));
  CHECK(options.node == "VN:GOV:G01:ndxp");
  CHECK(options.contact == "trực ban");
  CHECK(options.admission.in_flight_max == 4096);
  CHECK(options.admission.in_flight_per_consumer_max == 1024);
  CHECK(options.admission.memory_bytes_max == uint64_t{1} << 30);
  CHECK(options.admission.memory_bytes_per_consumer_max / 50 == (uint64_t{1} << 30) / 100);
  CHECK(options.capacity.record_time_target == absl::Milliseconds(200));
  CHECK(options.limits_in_shadow.empty());
}

TEST_CASE("what the settings say of them, and which are in shadow mode") {
  const broker::BrokerOptions options = BrokerOptionsOf(
      With("exchange: {in_flight: 7, in_flight_per_consumer: 3, memory_bytes: 100MiB, "
           "memory_per_consumer_percent: 20, record_time_target: 1s, shadow_limits: [CAPACITY, "
           "quota]}"));
  CHECK(options.admission.in_flight_max == 7);
  CHECK(options.admission.in_flight_per_consumer_max == 3);
  CHECK(options.admission.memory_bytes_per_consumer_max == uint64_t{20} << 20);
  CHECK(options.capacity.record_time_target == absl::Seconds(1));
  CHECK(options.limits_in_shadow ==
        std::set<broker::Limit>{broker::Limit::kCapacity, broker::Limit::kQuota});
}

}  // namespace
}  // namespace ndx::daemon
