#include "ndx/dispatch/stop_switch.h"

#include <catch2/catch.hpp>
#include <fstream>
#include <string>

#include "ndx/tests/support/temp_dir.h"

namespace ndx::dispatch {
namespace {

constexpr char kPopulation[] = "ndx.population.v1.PopulationService";
constexpr char kLand[] = "ndx.land.v1.LandService";
constexpr char kProvider[] = "VN:GOV:G01:dan-cu";

StopOrder OrderFor(StopScope scope) {
  return {.scope = std::move(scope),
          .since = absl::FromUnixSeconds(1'779'948'000) + absl::Nanoseconds(7),
          .operator_name = "an",
          .reason = "SC 12: \"sự cố\" # x",
          .leaf_index = 41};
}

TEST_CASE("a stop is for everything, for a service, or for a provider") {
  const tests::TempDir directory;
  const auto stops = StopSwitch::Open(directory.File("stops.yaml"));
  REQUIRE(stops.ok());
  CHECK_FALSE((*stops)->Stopped(kPopulation, kProvider));

  REQUIRE((*stops)->Stop(OrderFor({.service = kPopulation})).ok());
  CHECK((*stops)->Stopped(kPopulation, kProvider));
  CHECK((*stops)->StoppedMethod("/ndx.population.v1.PopulationService/VerifyCitizen", "VN:x"));
  CHECK_FALSE((*stops)->Stopped(kLand, kProvider));

  REQUIRE((*stops)->Stop(OrderFor({.provider = kProvider})).ok());
  CHECK((*stops)->Stopped(kLand, kProvider));
  CHECK_FALSE((*stops)->Stopped(kLand, "VN:GOV:G02:khac"));

  REQUIRE((*stops)->Stop(OrderFor({})).ok());
  CHECK((*stops)->Stopped(kLand, "VN:GOV:G02:khac"));
  CHECK((*stops)->Stopped("", ""));

  REQUIRE((*stops)->Resume({}).ok());
  CHECK_FALSE((*stops)->Stopped(kLand, "VN:GOV:G02:khac"));
  CHECK((*stops)->Stopped(kPopulation, "VN:x"));
}

TEST_CASE("orders outlive the process; each is given and taken back once") {
  const tests::TempDir directory;
  const std::string path = directory.File("stops.yaml");
  {
    const auto stops = StopSwitch::Open(path);
    REQUIRE(stops.ok());
    REQUIRE((*stops)->Stop(OrderFor({})).ok());
    REQUIRE((*stops)->Stop(OrderFor({.service = kLand})).ok());
    CHECK(absl::IsAlreadyExists((*stops)->Stop(OrderFor({.service = kLand}))));
    CHECK(absl::IsNotFound((*stops)->Resume({.service = kPopulation})));
  }
  const auto again = StopSwitch::Open(path);
  INFO(again.status());
  REQUIRE(again.ok());
  CHECK((*again)->Stopped(kPopulation, kProvider));
  const auto orders = (*again)->Orders();
  REQUIRE(orders.size() == 2);
  CHECK(orders[0].scope.everything());
  CHECK(orders[1].scope == StopScope{.service = kLand});
  CHECK(orders[1].since == OrderFor({}).since);
  CHECK(orders[1].operator_name == "an");
  CHECK(orders[1].reason == OrderFor({}).reason);
  CHECK(orders[1].leaf_index == 41);
  REQUIRE((*again)->Resume({}).ok());
  REQUIRE((*again)->Resume({.service = kLand}).ok());
  CHECK((*again)->Orders().empty());
  CHECK((*StopSwitch::Open(path))->Orders().empty());
}

TEST_CASE("whoever listens hears of every change once it is in force") {
  const tests::TempDir directory;
  const auto stops = StopSwitch::Open(directory.File("stops.yaml"));
  REQUIRE(stops.ok());
  std::string heard;
  (*stops)->AddListener([&] { heard += (*stops)->Stopped("", "") ? "stopped " : "resumed "; });
  REQUIRE((*stops)->Stop(OrderFor({})).ok());
  REQUIRE((*stops)->Resume({}).ok());
  CHECK(heard == "stopped resumed ");
}

TEST_CASE("a list that cannot be read is no empty list") {
  const tests::TempDir directory;
  const std::string path = directory.File("stops.yaml");
  const std::string first = "# ndx: what this node has been told to stop, format 1\n";
  for (const std::string& text : {std::string(), std::string("orders: []\n"), first + "orders: 5\n",
                                  first + "orders:\n  - {service: a}\n"}) {
    std::ofstream(path) << text;
    const auto stops = StopSwitch::Open(path);
    INFO(text);
    REQUIRE(absl::IsInvalidArgument(stops.status()));
    CHECK(stops.status().message().find(path) != std::string::npos);
  }
}

TEST_CASE("there is a most of orders") {
  const tests::TempDir directory;
  const std::string path = directory.File("stops.yaml");
  {
    std::ofstream file(path);
    file << "# ndx: what this node has been told to stop, format 1\norders:\n";
    for (size_t i = 0; i < kStopOrdersMax; ++i) {
      file << "  - {service: a.S" << i
           << ", since: 2026-12-01T00:00:00Z, operator_name: an, reason: r}\n";
    }
  }
  const auto stops = StopSwitch::Open(path);
  REQUIRE(stops.ok());
  CHECK(absl::IsResourceExhausted((*stops)->Stop(OrderFor({}))));
  REQUIRE((*stops)->Resume({.service = "a.S7"}).ok());
  CHECK((*stops)->Stop(OrderFor({})).ok());
}

}  // namespace
}  // namespace ndx::dispatch
