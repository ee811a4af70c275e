#include <grpcpp/client_context.h>

#include <catch2/catch.hpp>
#include <fstream>
#include <memory>
#include <string>

#include "absl/strings/str_replace.h"
#include "ndx/registry/contract_change.h"
#include "ndx/tests/support/proto_source.h"
#include "ndx/tests/support/registry_fixture.h"
#include "ndx/tests/support/temp_dir.h"
#include "ndx/tests/unit/console/console_fixture.h"

namespace ndx::console {
namespace {

using tests::ConsoleFixture;

v1::CheckRegistryResponse Check(ConsoleFixture& fixture, const std::string& more) {
  v1::CheckRegistryRequest request;
  auto* base = request.add_files();
  base->set_name("base.yaml");
  base->set_text(tests::ProbeRegistryYaml());
  if (!more.empty()) {
    auto* file = request.add_files();
    file->set_name("more.yaml");
    file->set_text(more);
  }
  grpc::ClientContext context;
  v1::CheckRegistryResponse response;
  REQUIRE(fixture.stub().CheckRegistry(&context, request, &response).ok());
  return response;
}

TEST_CASE("registry files are checked and not put in force") {
  ConsoleFixture fixture;
  const auto good = Check(fixture, "");
  CHECK(good.valid());
  CHECK(good.counts().services() == 2);
  CHECK(good.version() != good.version_in_force());
  CHECK(good.version_in_force() == fixture.registry().VersionHex());
}

TEST_CASE("every fault of a registry is a line with file, path and value") {
  ConsoleFixture fixture;
  const auto bad = Check(fixture,
                         "grants:\n- {name: x, consumer: nobody, methods: [nothing], "
                         "legal_basis: y}\n");
  CHECK_FALSE(bad.valid());
  REQUIRE_FALSE(bad.faults().empty());
  CHECK_THAT(bad.faults(0), Catch::Contains("more.yaml:"));
  CHECK(bad.version().empty());
}

TEST_CASE("files and reloads that break a contract are refused as such") {
  ConsoleFixture fixture;
  const tests::TempDir directory;
  const std::string set = directory.File("people.binpb");
  std::ofstream(set, std::ios::binary)
      << tests::ProtoSource(tests::ProtoSource::Files{
                                {"probe/v1/probe.proto",
                                 absl::StrReplaceAll(tests::ProbeProto(),
                                                     {{"int32 total = 3;", "int64 total = 3;"}})}})
             .DescriptorSet();
  v1::CheckRegistryRequest request;
  auto* file = request.add_files();
  file->set_name("base.yaml");
  file->set_text(absl::StrReplaceAll(
      tests::ProbeRegistryYaml(),
      {{"adapter: people", "descriptor_set: " + set},
       {"- name: probe.v1.CatalogueService\n",
        "- name: probe.v1.CatalogueService\n  descriptor_set: " + set + "\n"}}));
  grpc::ClientContext checking;
  v1::CheckRegistryResponse checked;
  REQUIRE(fixture.stub().CheckRegistry(&checking, request, &checked).ok());
  CHECK_FALSE(checked.valid());
  REQUIRE(checked.faults_size() == 1);
  CHECK_THAT(checked.faults(0), Catch::Contains("probe.v1.LookUpResponse.total FIELD_TYPE"));

  fixture.control().reload =
      [](const OperatorAct&) -> absl::StatusOr<std::shared_ptr<const registry::RegistrySnapshot>> {
    registry::v1::ContractDifference difference;
    difference.set_breaking(true);
    difference.set_service("probe.v1.PeopleService");
    return registry::RefuseIfBreaking({difference});
  };
  grpc::ClientContext reloading;
  v1::ReloadRegistryResponse reloaded;
  const grpc::Status status = fixture.stub().ReloadRegistry(&reloading, {}, &reloaded);
  CHECK(tests::ReasonOf(status) == "CONTRACT_BREAKS");
  CHECK_THAT(tests::TextOf(status, "vi"), Catch::Contains("probe.v1.PeopleService"));
}

TEST_CASE("services and descriptors of the registry in force") {
  ConsoleFixture fixture;
  {
    grpc::ClientContext context;
    v1::ListServicesResponse response;
    REQUIRE(fixture.stub().ListServices(&context, {}, &response).ok());
    CHECK(response.services_size() == 2);
    CHECK(response.registry_version() == fixture.registry().VersionHex());
  }
  v1::GetDescriptorsRequest request;
  request.set_service("probe.v1.PeopleService");
  v1::GetDescriptorsResponse response;
  {
    grpc::ClientContext context;
    REQUIRE(fixture.stub().GetDescriptors(&context, request, &response).ok());
    CHECK(response.descriptors().file_size() > 1);
  }
  request.set_service("probe.v1.Absent");
  grpc::ClientContext context;
  CHECK(fixture.stub().GetDescriptors(&context, request, &response).error_code() ==
        grpc::StatusCode::NOT_FOUND);
}

TEST_CASE("a reload names the operator, and its error leaves the old registry") {
  ConsoleFixture fixture;
  v1::ReloadRegistryRequest request;
  request.set_reason("QD 12");
  fixture.control().reload = [&](const OperatorAct& act)
      -> absl::StatusOr<std::shared_ptr<const registry::RegistrySnapshot>> {
    CHECK(act.operator_name == ConsoleFixture::OperatorName());
    CHECK(act.action == "ReloadRegistry");
    CHECK(act.reason == "QD 12");
    return tests::BuildProbeRegistry("");
  };
  v1::ReloadRegistryResponse response;
  {
    grpc::ClientContext context;
    REQUIRE(fixture.stub().ReloadRegistry(&context, request, &response).ok());
  }
  CHECK(response.version_before() == fixture.registry().VersionHex());
  CHECK(response.version() != response.version_before());
  CHECK(response.counts().members() == 3);
  fixture.control().reload =
      [](const OperatorAct&) -> absl::StatusOr<std::shared_ptr<const registry::RegistrySnapshot>> {
    return absl::InvalidArgumentError("base.yaml:1: wrong");
  };
  grpc::ClientContext context;
  const grpc::Status status = fixture.stub().ReloadRegistry(&context, request, &response);
  CHECK(status.error_code() == grpc::StatusCode::INVALID_ARGUMENT);
  CHECK(status.error_message() == "base.yaml:1: wrong");
}

}  // namespace
}  // namespace ndx::console
