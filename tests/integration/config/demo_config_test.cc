// Loads config/demo as the node does, after config/demo/prepare has filled it in.
#include <sys/wait.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <cstdlib>
#include <fstream>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include "ndx/core/system_id.h"
#include "ndx/registry/registry_source.h"
#include "ndx/settings/settings_loader.h"
#include "ndx/settings/v1/node_settings.pb.h"
#include "ndx/tests/support/temp_dir.h"
#include "ndx/tools/datagen/places.h"

namespace ndx {
namespace {

const std::string kSource = NDX_SOURCE;
const std::string kDescriptors = NDX_DESCRIPTORS;

// config/demo, filled in.
class Prepared {
 public:
  Prepared() {
    const std::string command = kSource + "/config/demo/prepare " + dir.path() + " --nation " +
                                dir.path() + "/nation --descriptors " + kDescriptors +
                                " --listen 127.0.0.1:0 --user someone > " + dir.File("out") +
                                " 2>&1";
    const int status = std::system(command.c_str());
    std::ifstream file(dir.File("out"));
    std::ostringstream text;
    text << file.rdbuf();
    output = text.str();
    INFO(output);
    REQUIRE(WIFEXITED(status));
    REQUIRE(WEXITSTATUS(status) == 0);
  }

  std::shared_ptr<const registry::RegistrySnapshot> LoadRegistry() const {
    registry::RegistrySource source;
    source.paths = {dir.File("config/registry")};
    source.descriptor_directories = {kDescriptors};
    source.node_system = core::SystemId::Parse("VN:GOV:G01:ndxp").value();
    auto snapshot = registry::LoadRegistry(source);
    INFO(snapshot.status().ToString());
    REQUIRE(snapshot.ok());
    return *std::move(snapshot);
  }

  tests::TempDir dir;
  std::string output;
};

TEST_CASE("config/demo: the node's settings load") {
  const Prepared demo;
  CHECK(demo.output == demo.dir.File("config/node.yaml") + "\n");
  settings::v1::NodeSettings node;
  const absl::Status status =
      settings::LoadSettings({demo.dir.File("config/node.yaml")}, node, nullptr);
  INFO(status.ToString());
  REQUIRE(status.ok());
  CHECK(core::SystemId::Parse(node.node().system()).ok());
  CHECK(node.listener().addresses(0) == "127.0.0.1:0");
  CHECK(node.operator_api().operators(0).user() == "someone");
  for (const std::string& path :
       {node.listener().tls().certificate_file(), node.listener().tls().key_file(),
        node.listener().client_ca_file(), node.listener().crl_files(0),
        node.journal().signing_key().substr(5), node.journal().master_key().substr(5)}) {
    INFO(path);
    CHECK(std::ifstream(path).good());
  }
}

TEST_CASE("config/demo: the registry loads and grants what the scene needs, and no more") {
  const Prepared demo;
  const auto registry = demo.LoadRegistry();
  struct Case {
    std::string consumer;
    std::string method;
    bool granted;
  };
  const std::string population = "/ndx.population.v1.PopulationService/";
  const std::string land = "/ndx.land.v1.LandService/";
  const std::string insurance = "/ndx.social_insurance.v1.SocialInsuranceService/";
  const std::string enterprises = "/ndx.business_registry.v1.BusinessRegistryService/";
  for (const Case& c : std::vector<Case>{
           {"VN:GOV:H55.990:mot-cua", population + "VerifyCitizen", true},
           {"VN:GOV:H55.990:mot-cua", population + "LookUpCitizen", true},
           {"VN:GOV:H55.990:mot-cua", population + "GetHousehold", true},
           {"VN:GOV:H55.990:mot-cua", insurance + "FindInsuranceNumber", true},
           {"VN:GOV:H55.990:mot-cua", insurance + "CheckHealthCard", true},
           {"VN:GOV:H55.990:mot-cua", land + "GetParcel", true},
           {"VN:GOV:H55.990:mot-cua", land + "GetCertificate", true},
           {"VN:GOV:H55.990:mot-cua", land + "ListParcelsOfHolder", true},
           {"VN:GOV:H55.990:mot-cua", land + "RegisterChange", true},
           {"VN:GOV:H55.990:mot-cua", enterprises + "GetEnterprise", true},
           {"VN:GOV:H55.990:mot-cua", "/ndx.shared_catalogues.v1.SharedCataloguesService/ListRows",
            true},
           {"VN:GOV:H55.990:mot-cua",
            "/ndx.shared_catalogues.v1.SharedCataloguesService/UpsertRows", false},
           {"VN:GOV:H55.990:mot-cua", population + "SubmitCitizenList", false},
           {"VN:GOV:G12:bhxh-doi-soat", population + "VerifyCitizen", true},
           {"VN:GOV:G12:bhxh-doi-soat", population + "LookUpCitizen", true},
           {"VN:GOV:G12:bhxh-doi-soat", land + "GetParcel", false},
           {"VN:GOV:H20.14:mot-cua", population + "VerifyCitizen", true},
           {"VN:GOV:H20.14:mot-cua", land + "GetParcel", false},
           {"VN:GOV:G12:thue", land + "ListChanges", true},
           {"VN:GOV:G12:thue", land + "RegisterChange", false},
           {"VN:GOV:G12:thue", enterprises + "ListDossiers", true},
       }) {
    INFO(c.consumer << " " << c.method);
    REQUIRE(registry->FindSystem(c.consumer) != nullptr);
    const registry::MethodEntry* method = registry->FindMethod(c.method);
    REQUIRE(method != nullptr);
    CHECK(!registry->GrantsOf(c.consumer, *method).empty() == c.granted);
  }
  CHECK(registry->FindSystem("VN:GOV:H55.990:chua-dang-ky") == nullptr);
}

TEST_CASE("config/demo: what a change needs is stated") {
  const Prepared demo;
  const auto registry = demo.LoadRegistry();
  const registry::GrantEntry* change = registry->FindGrant("mot-cua-bien-dong");
  REQUIRE(change != nullptr);
  CHECK(change->dossier_required);
  CHECK(change->officer_required);
  CHECK(change->procedure_required);
  CHECK(change->purposes == std::vector<std::string>{"dang-ky-bien-dong"});
  // Every purpose stands in some grant, and every grant but the catalogues' asks for one.
  for (const auto& purpose : registry->purposes()) {
    INFO(purpose->code);
    CHECK(std::any_of(registry->grants().begin(), registry->grants().end(), [&](const auto& grant) {
      return std::count(grant->purposes.begin(), grant->purposes.end(), purpose->code) == 1;
    }));
  }
  for (const auto& grant : registry->grants()) {
    INFO(grant->name);
    const bool catalogues = grant->name.find("danh-muc") != std::string::npos;
    CHECK(grant->purposes.empty() == catalogues);
  }
}

TEST_CASE("config/demo: the merged commune has a new code, and the old one has ended") {
  const Prepared demo;
  const auto registry = demo.LoadRegistry();
  const registry::MemberEntry* now = registry->FindMember("H55.990");
  const registry::MemberEntry* before = registry->FindMember("000.12.90.H03");
  REQUIRE(now != nullptr);
  REQUIRE(before != nullptr);
  CHECK(before == registry->FindMember("H03.90.12"));
  CHECK(before->successor == now);
  const absl::CivilDay last(2025, 6, 30);
  CHECK(before->in_use.Contains(last));
  CHECK_FALSE(before->in_use.Contains(last + 1));
  CHECK_FALSE(now->in_use.Contains(last));
  CHECK(now->in_use.Contains(last + 1));
  // The same commune that the synthetic nation of the demo (seed 1) makes.
  const tools::datagen::Places places(1);
  const tools::datagen::Commune& commune = places.communes()[places.merged_commune()];
  const auto contains = [](const std::string& text, std::string part) {
    part[0] = 'p';  // "phường Trung Lâm" within a sentence
    return text.find(part) != std::string::npos;
  };
  CHECK(contains(now->name_vi, commune.name));
  CHECK(contains(before->name_vi, commune.former_name));
}

TEST_CASE(
    "config/demo: every provider is a database of its own, and every system has certificates") {
  const Prepared demo;
  const auto registry = demo.LoadRegistry();
  std::vector<std::string> endpoints;
  int national = 0;
  for (const auto& service : registry->services()) {
    if (service->of_node) continue;
    ++national;
    REQUIRE(service->providers.size() == 1);
    CHECK(service->providers[0].endpoint.kind == registry::Endpoint::Kind::kUnix);
    endpoints.push_back(service->providers[0].endpoint.target);
  }
  CHECK(national == 5);
  std::sort(endpoints.begin(), endpoints.end());
  CHECK(std::unique(endpoints.begin(), endpoints.end()) == endpoints.end());
  for (const auto& system : registry->systems()) {
    INFO(system->id.text());
    CHECK_FALSE(system->certificates.empty());
  }
  CHECK(registry->FindSystem("VN:GOV:H55.990:mot-cua")->certificates.size() == 4);
}

}  // namespace
}  // namespace ndx
