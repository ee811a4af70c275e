#include "ndx/registry/registry_source.h"

#include <catch2/catch.hpp>
#include <fstream>
#include <string>

#include "absl/strings/str_replace.h"
#include "ndx/tests/support/registry_fixture.h"
#include "ndx/tests/support/temp_dir.h"
#include "probe_loading.h"

namespace ndx::registry {
namespace {

using tests::GrantWith;
using tests::LoadService;
using tests::LoadWith;

TEST_CASE("the fixtures of these tests load") {
  CHECK(LoadWith("") == "ok");
  CHECK(LoadWith(GrantWith("purposes: [tthc]")) == "ok");
  CHECK(LoadService("    endpoint: \"unix:/run/a.sock\"\n") == "ok");
}

TEST_CASE("all faults are listed at once") {
  const std::string error = LoadWith(
      "members: [{code: x, name_vi: B}]\nsystems: [{id: y}]\n"
      "grants: [{name: G, consumer: z, methods: [m], legal_basis: l}]");
  for (const char* part : {"members[0].code", "systems[0].id", "grants[0].name",
                           "grants[0].consumer", "grants[0].methods[0]"}) {
    CHECK_THAT(error, Catch::Contains(part));
  }
}

TEST_CASE("a registry is a directory of files, and descriptor sets beside it or elsewhere") {
  const tests::TempDir dir;
  const tests::TempDir descriptors;
  const std::string& yaml = tests::ProbeRegistryYaml();
  const size_t at = yaml.find("services:");
  std::ofstream(dir.File("1-systems.yaml")) << yaml.substr(0, at);
  std::ofstream(dir.File("2-services.yaml")) << absl::StrReplaceAll(
      yaml.substr(at), {{"embedded:people", "unix:/run/people.sock"},
                        {"adapter: people", "descriptor_set: people.binpb"},
                        {"- name: probe.v1.CatalogueService\n",
                         "- name: probe.v1.CatalogueService\n  descriptor_set: people.binpb\n"}});
  const auto write = [](const std::string& path, const std::string& bytes) {
    std::ofstream(path, std::ios::binary) << bytes;
  };
  RegistrySource source{.paths = {dir.path()}};
  CHECK_THAT(std::string(LoadRegistry(source).status().message()),
             Catch::Contains("2-services.yaml:3: services[0].descriptor_set: \"people.binpb\" is "
                             "not there"));
  write(descriptors.File("people.binpb"), tests::ProbeSource().embedded_adapters.at("people"));
  source.descriptor_directories = {descriptors.path()};
  const auto loaded = LoadRegistry(source);
  INFO(loaded.status());
  REQUIRE(loaded.ok());
  CHECK((*loaded)->FindMethod("/probe.v1.PeopleService/LookUp") != nullptr);
  // The one beside the registry comes first.
  write(dir.File("people.binpb"), "broken");
  CHECK_THAT(std::string(LoadRegistry(source).status().message()),
             Catch::Contains("is no google.protobuf.FileDescriptorSet"));
}

}  // namespace
}  // namespace ndx::registry
