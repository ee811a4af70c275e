#include "ndx/registry/service_config.h"

#include <google/protobuf/struct.pb.h>
#include <google/protobuf/util/json_util.h>

#include <catch2/catch.hpp>
#include <map>
#include <string>

#include "ndx/tests/support/registry_fixture.h"

namespace ndx::registry {
namespace {

using google::protobuf::Struct;

constexpr char kGrants[] = R"(
grants:
- {name: a, consumer: "VN:GOV:H55:mot-cua", methods: [probe.v1.PeopleService/LookUp], legal_basis: QD 1}
- {name: b, consumer: "VN:GOV:H55:mot-cua", methods: [probe.v1.PeopleService/Register], legal_basis: QD 2}
- {name: c, consumer: "VN:GOV:H55:mot-cua", methods: [probe.v1.PeopleService/List], legal_basis: QD 3}
- {name: d, consumer: "VN:GOV:G09.20:ho-so", methods: [probe.v1.CatalogueService/Get], legal_basis: QD 4}
)";

// Whole, and its method configurations by "service/method".
struct Read {
  Struct whole;
  std::map<std::string, Struct> methods;
};

Read ConfigOf(const RegistrySnapshot& registry, const std::string& consumer) {
  Read read;
  const std::string json = ServiceConfigFor(registry, consumer);
  INFO(json);
  REQUIRE(google::protobuf::util::JsonStringToMessage(json, &read.whole).ok());
  for (const auto& each : read.whole.fields().at("methodConfig").list_value().values()) {
    const Struct& config = each.struct_value();
    const auto& name = config.fields().at("name").list_value().values(0).struct_value().fields();
    read.methods[name.at("service").string_value() + "/" + name.at("method").string_value()] =
        config;
  }
  return read;
}

TEST_CASE("who is granted a method is told its deadline, and where to ask again does no harm") {
  const auto registry = tests::BuildProbeRegistry(kGrants);
  REQUIRE(registry.ok());
  const Read read = ConfigOf(**registry, "VN:GOV:H55:mot-cua");
  CHECK(read.whole.fields().contains("loadBalancingConfig"));
  CHECK(read.whole.fields().contains("retryThrottling"));
  const auto& methods = read.methods;
  CHECK(methods.size() == 3);
  const auto& look_up = methods.at("probe.v1.PeopleService/LookUp").fields();
  CHECK(look_up.at("timeout").string_value() == "3.000s");
  CHECK(look_up.at("retryPolicy").struct_value().fields().at("maxAttempts").number_value() == 4);
  CHECK(look_up.at("retryPolicy")
            .struct_value()
            .fields()
            .at("retryableStatusCodes")
            .list_value()
            .values(0)
            .string_value() == "UNAVAILABLE");
  CHECK_FALSE(methods.at("probe.v1.PeopleService/Register").fields().contains("retryPolicy"));
  CHECK(methods.at("probe.v1.PeopleService/List").fields().contains("retryPolicy"));
}

TEST_CASE("another system's methods are not told") {
  const auto registry = tests::BuildProbeRegistry(kGrants);
  REQUIRE(registry.ok());
  CHECK(ConfigOf(**registry, "VN:GOV:G09.20:ho-so").methods.size() == 1);
  CHECK(ConfigOf(**registry, "VN:GOV:G77:x").methods.empty());
}

}  // namespace
}  // namespace ndx::registry
