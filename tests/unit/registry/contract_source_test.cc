#include "ndx/registry/contract_source.h"

#include <catch2/catch.hpp>
#include <fstream>
#include <string>
#include <vector>

#include "ndx/tests/support/proto_source.h"
#include "ndx/tests/support/registry_fixture.h"
#include "ndx/tests/support/temp_dir.h"

namespace ndx::registry {
namespace {

using Catch::Contains;

std::string PeopleSet() { return tests::ProbeSource().embedded_adapters.at("people"); }

void WriteTo(const std::string& file, const std::string& bytes) {
  std::ofstream(file, std::ios::binary) << bytes;
}

TEST_CASE("a contract is read from beside the registry, a descriptor directory, or what is kept") {
  const tests::TempDir dir;
  WriteTo(dir.File("a.binpb"), "in the directory");
  RegistrySource source;
  source.descriptor_directories = {dir.path()};
  CHECK(*ReadContract("a.binpb", "/nowhere/a.binpb", source) == "in the directory");
  WriteTo(dir.File("b.binpb"), "beside");
  CHECK(*ReadContract("a.binpb", dir.File("b.binpb"), source) == "beside");
  CHECK(absl::IsNotFound(ReadContract("c.binpb", "c.binpb", source).status()));

  const std::string name = ContractName("kept");
  CHECK_THAT(name, Catch::StartsWith("sha256:"));
  CHECK_THAT(std::string(ReadContract(name, name, source).status().message()),
             Contains("registry export --contracts"));
  source.kept_contract = [](absl::string_view sha256) -> absl::StatusOr<std::string> {
    if (sha256 == *DigestInContractName(ContractName("kept"))) return std::string("kept");
    return absl::NotFoundError("no");
  };
  CHECK(*ReadContract(name, name, source) == "kept");
}

TEST_CASE("a contract that was exported is found by its content, and held against it") {
  const tests::TempDir dir;
  RegistrySource source;
  source.descriptor_directories = {dir.path()};
  const std::string name = ContractName("exported");
  WriteTo(dir.File(*ContractFile(name)), "exported");
  CHECK(*ReadContract(name, name, source) == "exported");
  CHECK(*ReadContract(name, dir.File(name), RegistrySource()) == "exported");
  WriteTo(dir.File(*ContractFile(name)), "altered");
  CHECK(absl::IsInvalidArgument(ReadContract(name, name, source).status()));
}

TEST_CASE("names by content are 64 small hexadecimal digits") {
  CHECK(DigestInContractName("sha256:" + std::string(64, 'a'))->size() == 32);
  for (const std::string& bad :
       {std::string("a.binpb"), "sha256:" + std::string(63, 'a'), "sha256:" + std::string(64, 'A'),
        "sha256:../" + std::string(61, 'a'), std::string(64, 'a')}) {
    CHECK_FALSE(DigestInContractName(bad).has_value());
    CHECK_FALSE(ContractFile(bad).has_value());
  }
}

TEST_CASE("an entry comes to name its contract by content; what an adapter brings stays") {
  const tests::TempDir dir;
  WriteTo(dir.File("people.binpb"), PeopleSet());
  RegistrySource source = tests::ProbeSource();
  v1::Service service;
  service.set_name("probe.v1.PeopleService");
  service.set_descriptor_set(dir.File("people.binpb"));
  std::vector<std::string> contracts;
  REQUIRE(NameContractByContent(service, source, &contracts).ok());
  CHECK(service.descriptor_set() == ContractName(PeopleSet()));
  CHECK(contracts == std::vector<std::string>{PeopleSet()});
  v1::Service again = service;
  again.set_descriptor_set(dir.File("people.binpb"));
  REQUIRE(NameContractByContent(again, source, &contracts).ok());
  CHECK(contracts.size() == 1);

  v1::Service embedded;
  embedded.set_adapter("people");
  REQUIRE(NameContractByContent(embedded, source, &contracts).ok());
  CHECK(embedded.descriptor_set().empty());
  service.set_descriptor_set(dir.File("gone.binpb"));
  CHECK_THAT(std::string(NameContractByContent(service, source, &contracts).message()),
             Contains("probe.v1.PeopleService") && Contains("is not there"));
}

TEST_CASE("a service's contract is loaded alone") {
  const RegistrySource source = tests::ProbeSource();
  v1::Service service;
  service.set_name("probe.v1.PeopleService");
  service.set_adapter("people");
  const auto loaded = LoadedContract::Load(service, source);
  REQUIRE(loaded.ok());
  CHECK((*loaded)->service().FindMethodByName("LookUp") != nullptr);
  service.set_name("probe.v1.Other");
  CHECK(absl::IsInvalidArgument(LoadedContract::Load(service, source).status()));
  service.set_adapter("gone");
  CHECK(absl::IsNotFound(LoadedContract::Load(service, source).status()));
}

}  // namespace
}  // namespace ndx::registry
