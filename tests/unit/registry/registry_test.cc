#include "ndx/registry/registry.h"

#include <catch2/catch.hpp>
#include <fstream>
#include <string>

#include "absl/strings/str_replace.h"
#include "ndx/registry/contract_change.h"
#include "ndx/tests/support/proto_source.h"
#include "ndx/tests/support/registry_fixture.h"
#include "ndx/tests/support/temp_dir.h"

namespace ndx::registry {
namespace {

TEST_CASE("a reload puts a good registry in force and keeps the old one on error") {
  const tests::TempDir dir;
  const auto write = [&](const std::string& text) { std::ofstream(dir.File("r.yaml")) << text; };
  write(tests::ProbeRegistryYaml());
  RegistrySource source = tests::ProbeSource();
  source.paths = {dir.File("r.yaml")};
  const auto registry = Registry::Open(source);
  REQUIRE(registry.ok());
  const auto first = (*registry)->Current();

  write(tests::ProbeRegistryYaml() + "nonsense: 1\n");
  CHECK((*registry)->Reload().status().code() == absl::StatusCode::kInvalidArgument);
  CHECK((*registry)->Current() == first);

  write("members: [{code: G05, name_vi: A}]");
  const auto reloaded = (*registry)->Reload();
  REQUIRE(reloaded.ok());
  CHECK((*registry)->Current() == *reloaded);
  CHECK((*reloaded)->version() != first->version());
  CHECK((*reloaded)->FindMember("G05") != nullptr);
  // Whoever began with the old one still has it whole.
  CHECK(first->FindMethod("/probe.v1.PeopleService/LookUp")->input->full_name() ==
        "probe.v1.LookUpRequest");
}

TEST_CASE("a reload that breaks a contract is refused, and one that adds to it is not") {
  const tests::TempDir dir;
  const auto write = [&](const std::string& total) {
    const std::string text =
        absl::StrReplaceAll(tests::ProbeProto(), {{"int32 total = 3;", total}});
    std::ofstream(dir.File("people.binpb"), std::ios::binary)
        << tests::ProtoSource(tests::ProtoSource::Files{{"probe/v1/probe.proto", text}})
               .DescriptorSet();
  };
  write("int32 total = 3;");
  std::ofstream(dir.File("r.yaml")) << absl::StrReplaceAll(
      tests::ProbeRegistryYaml(),
      {{"adapter: people", "descriptor_set: people.binpb"},
       {"- name: probe.v1.CatalogueService\n",
        "- name: probe.v1.CatalogueService\n  descriptor_set: people.binpb\n"}});
  RegistrySource source = tests::ProbeSource();
  source.paths = {dir.File("r.yaml")};
  const auto registry = Registry::Open(source);
  INFO(registry.status());
  REQUIRE(registry.ok());
  const auto first = (*registry)->Current();

  write("int64 total = 3;");
  const auto refused = (*registry)->Reload();
  CHECK(*BrokenServiceOf(refused.status()) == "probe.v1.PeopleService");
  CHECK_THAT(std::string(refused.status().message()),
             Catch::Contains("probe/v1/probe.proto: probe.v1.LookUpResponse.total FIELD_TYPE"));
  CHECK((*registry)->Current() == first);
  write("int32 total = 3; string more = 4;");
  CHECK((*registry)->Reload().ok());
  CHECK((*registry)->Current() != first);
}

TEST_CASE("a node does not open a registry that is missing") {
  CHECK(Registry::Open({.paths = {"/nowhere/r.yaml"}}).status().code() ==
        absl::StatusCode::kNotFound);
}

TEST_CASE("a registry made elsewhere cannot be reloaded") {
  Registry registry(*tests::BuildProbeRegistry(""));
  CHECK(registry.Current() != nullptr);
  CHECK(registry.Reload().status().code() == absl::StatusCode::kFailedPrecondition);
}

}  // namespace
}  // namespace ndx::registry
