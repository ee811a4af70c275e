#include "ndx/console/service_catalogue.h"

#include <catch2/catch.hpp>
#include <set>
#include <string>

#include "ndx/tests/support/registry_fixture.h"
#include "ndx/tests/unit/console/console_fixture.h"

namespace ndx::console {
namespace {

const absl::Time kNow = absl::FromUnixSeconds(1'750'000'000);

std::shared_ptr<const registry::RegistrySnapshot> Registry() {
  auto snapshot = tests::BuildProbeRegistry(R"(
grants:
- {name: b, consumer: "VN:GOV:H55:mot-cua", methods: ["probe.v1.PeopleService/LookUp"],
   purposes: [tthc], legal_basis: QD 1}
- {name: a, consumer: "VN:GOV:H55:mot-cua", methods: ["probe.v1.PeopleService/LookUp"],
   valid_to: "2020-12-31", legal_basis: QD 0}
)");
  INFO(snapshot.status().ToString());
  REQUIRE(snapshot.ok());
  return *snapshot;
}

TEST_CASE("services are listed with providers, methods, rules and grants in the registry's order") {
  const auto registry = Registry();
  const auto response = ListServices(*registry, "", kNow);
  CHECK(response.registry_version() == registry->VersionHex());
  REQUIRE(response.services_size() == 2);
  const auto& people = response.services(0);
  CHECK(people.name() == "probe.v1.PeopleService");
  REQUIRE(people.providers_size() == 2);
  CHECK(people.providers(0).system() == "VN:GOV:G01:population");
  CHECK(people.providers(0).endpoint() == "embedded:people");
  const auto& look_up = people.methods(0);
  CHECK(look_up.name() == "LookUp");
  CHECK(look_up.path() == "/probe.v1.PeopleService/LookUp");
  CHECK(look_up.request_type() == "probe.v1.LookUpRequest");
  CHECK(look_up.rules().replay() == options::v1::REPLAY_POLICY_FREE);
  CHECK(look_up.default_deadline().seconds() == 3);
  REQUIRE(look_up.grants_size() == 2);
  CHECK(look_up.grants(0).name() == "b");
  CHECK(look_up.grants(0).in_force());
  CHECK(look_up.grants(0).purposes(0) == "tthc");
  CHECK_FALSE(look_up.grants(1).in_force());
  CHECK(people.methods(1).grants().empty());
  bool watch_streams = false;
  for (const auto& method : people.methods()) {
    if (method.name() == "Watch") watch_streams = method.server_streaming();
  }
  CHECK(watch_streams);
}

TEST_CASE("services are found by a part of their name") {
  const auto registry = Registry();
  CHECK(ListServices(*registry, "Catalogue", kNow).services_size() == 1);
  CHECK(ListServices(*registry, "nothing", kNow).services().empty());
}

TEST_CASE("descriptors come with their imports, imports first, and build") {
  const auto registry = Registry();
  for (const char* service : {"probe.v1.PeopleService", ""}) {
    const auto set = DescriptorsOf(*registry, service);
    REQUIRE(set.ok());
    google::protobuf::DescriptorPool pool;
    std::set<std::string> names;
    for (const auto& file : set->file()) {
      INFO(file.name());
      CHECK(names.insert(file.name()).second);
      REQUIRE(pool.BuildFile(file) != nullptr);
    }
    CHECK(pool.FindServiceByName("probe.v1.PeopleService") != nullptr);
  }
  CHECK(absl::IsNotFound(DescriptorsOf(*registry, "probe.v1.Absent").status()));
}

TEST_CASE("a registry is counted") {
  const auto counts = CountsOf(*Registry());
  CHECK(counts.members() == 3);
  CHECK(counts.systems() == 4);
  CHECK(counts.services() == 2);
  CHECK(counts.methods() == 8);
  CHECK(counts.grants() == 2);
}

}  // namespace
}  // namespace ndx::console
