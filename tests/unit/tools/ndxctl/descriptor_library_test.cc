#include "ndx/tools/ndxctl/descriptor_library.h"

#include <catch2/catch.hpp>
#include <fstream>
#include <string>

#include "ndx/tests/support/proto_source.h"
#include "ndx/tests/support/registry_fixture.h"
#include "ndx/tests/support/temp_dir.h"

namespace ndx::tools::ndxctl {
namespace {

google::protobuf::FileDescriptorSet ProbeSet() {
  const tests::ProtoSource source({{"probe/v1/probe.proto", tests::ProbeProto()}});
  google::protobuf::FileDescriptorSet set;
  REQUIRE(set.ParseFromString(source.DescriptorSet()));
  return set;
}

TEST_CASE("methods are found, and a miss says what there is") {
  const auto library = DescriptorLibrary::Build(ProbeSet());
  REQUIRE(library.ok());
  CHECK((*library)->FindMethod("probe.v1.PeopleService/Verify").ok());
  CHECK((*library)->FindMethod("/probe.v1.PeopleService/Verify").ok());
  const auto missing = (*library)->FindMethod("probe.v1.PeopleService/verify");
  CHECK(absl::IsNotFound(missing.status()));
  CHECK_THAT(std::string(missing.status().message()), Catch::Contains("LookUp, Verify, Register"));
  CHECK(absl::IsNotFound((*library)->FindMethod("probe.v1.Other/Verify").status()));
  CHECK(absl::IsInvalidArgument((*library)->FindMethod("Verify").status()));
}

TEST_CASE("JSON becomes a message and back, by names of the contract or lower camel case") {
  const auto library = DescriptorLibrary::Build(ProbeSet());
  REQUIRE(library.ok());
  const auto* type = (*library)->FindType("probe.v1.Person");
  REQUIRE(type != nullptr);
  for (const char* json :
       {R"({"citizen_id":"001","full_name":"Lê"})", R"({"citizenId":"001","fullName":"Lê"})"}) {
    const auto bytes = (*library)->ToBytes(*type, json);
    REQUIRE(bytes.ok());
    CHECK(*(*library)->ToJson(*type, *bytes, false) == R"({"citizen_id":"001","full_name":"Lê"})");
  }
  CHECK(absl::IsInvalidArgument((*library)->ToBytes(*type, R"({"citizenid":1})").status()));
  CHECK(absl::IsInvalidArgument((*library)->ToBytes(*type, "").status()));
  CHECK(absl::IsInvalidArgument((*library)->ToJson(*type, "\xff", false).status()));
  CHECK((*library)->FindType("probe.v1.Absent") == nullptr);
}

TEST_CASE("descriptors that miss an import are refused, naming the file") {
  auto set = ProbeSet();
  set.mutable_file()->DeleteSubrange(0, set.file_size() - 1);
  const auto library = DescriptorLibrary::Build(set);
  CHECK(absl::IsInvalidArgument(library.status()));
  CHECK_THAT(std::string(library.status().message()), Catch::Contains("probe/v1/probe.proto"));
}

TEST_CASE("descriptors are read from a file, and a bad file says so") {
  const tests::TempDir directory;
  const std::string file = directory.File("probe.binpb");
  std::ofstream(file) << ProbeSet().SerializeAsString();
  CHECK(DescriptorLibrary::FromFile(file).ok());
  std::ofstream(file) << "no descriptors";
  CHECK(absl::IsInvalidArgument(DescriptorLibrary::FromFile(file).status()));
  CHECK(absl::IsNotFound(DescriptorLibrary::FromFile(directory.File("absent")).status()));
}

}  // namespace
}  // namespace ndx::tools::ndxctl
