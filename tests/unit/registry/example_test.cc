// The example that people copy from, and the contracts of the national services as the registry
// reads them.
#include <catch2/catch.hpp>
#include <fstream>
#include <sstream>
#include <string>

#include "absl/strings/str_cat.h"
#include "ndx/registry/registry_source.h"
#include "ndx/settings/settings_loader.h"
#include "ndx/settings/v1/node_settings.pb.h"

namespace ndx::registry {
namespace {

const std::string kExample = absl::StrCat(NDX_SOURCE_DIR, "/config/example");
const std::string kDescriptors = NDX_DESCRIPTOR_DIR;

TEST_CASE("config/example: the node's settings load") {
  settings::v1::NodeSettings node;
  const absl::Status loaded = settings::LoadSettings({kExample + "/node.yaml"}, node, nullptr);
  INFO(loaded);
  REQUIRE(loaded.ok());
  CHECK(node.node().system() == "VN:GOV:G06:ndxp");
  CHECK(node.exchange().default_deadline().seconds() == 10);
  CHECK(node.exchange().in_flight() == 4096);
}

TEST_CASE("config/example: the registry loads") {
  const auto snapshot = LoadRegistry(
      {.paths = {kExample + "/registry.yaml"}, .descriptor_directories = {kDescriptors}});
  INFO(snapshot.status());
  REQUIRE(snapshot.ok());
  const MethodEntry* rows =
      (*snapshot)->FindMethod("/ndx.shared_catalogues.v1.SharedCataloguesService/ListRows");
  REQUIRE(rows != nullptr);
  CHECK((*snapshot)->GrantsOf("VN:GOV:H20.14:mot-cua", *rows).size() == 1);
  CHECK(rows->default_deadline == absl::Seconds(5));
  CHECK(rows->retry.attempts == 2);
  CHECK(rows->service->providers[0].endpoint.target == kExample + "/state/shared_catalogues.sock");
}

TEST_CASE(
    "the national services' contracts are complete: effect, replay and rules of every method") {
  std::string yaml =
      "members: [{code: G01, name_vi: A}]\nsystems: [{id: \"VN:GOV:G01:a\"}]\nservices:\n";
  const std::pair<const char*, const char*> services[] = {
      {"population", "PopulationService"},
      {"business_registry", "BusinessRegistryService"},
      {"social_insurance", "SocialInsuranceService"},
      {"land", "LandService"},
      {"shared_catalogues", "SharedCataloguesService"}};
  for (const auto& [package, service] : services) {
    absl::StrAppend(&yaml, "- name: ndx.", package, ".v1.", service,
                    "\n  descriptor_set: ", package,
                    ".binpb\n  providers: [{system: \"VN:GOV:G01:a\", endpoint: \"unix:/a\"}]\n");
  }
  const auto snapshot =
      BuildRegistry({{.name = "r.yaml", .text = yaml}}, {.descriptor_directories = {kDescriptors}});
  INFO(snapshot.status());
  REQUIRE(snapshot.ok());
  CHECK((*snapshot)->methods().size() > 15);
  for (const auto& method : (*snapshot)->methods()) {
    INFO(method->path);
    const auto& stated = method->descriptor->options().GetExtension(options::v1::method);
    CHECK(stated.effect() != options::v1::EFFECT_UNSPECIFIED);
    CHECK(stated.replay() != options::v1::REPLAY_POLICY_UNSPECIFIED);
    CHECK_FALSE(stated.title_vi().empty());
    CHECK_FALSE(method->client_streaming);
  }
}

}  // namespace
}  // namespace ndx::registry
