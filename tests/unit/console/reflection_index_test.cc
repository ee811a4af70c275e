#include "ndx/console/reflection_index.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "google/protobuf/descriptor.pb.h"
#include "ndx/tests/support/registry_fixture.h"

namespace ndx::console {
namespace {

struct ReflectionIndexFixture {
  std::vector<std::string> own = {"ndx.console.v1.OperatorService"};
  ReflectionIndex index{*tests::BuildProbeRegistry(""), own};
};

TEST_CASE("registered services and the node's own are listed once, sorted") {
  const ReflectionIndexFixture f;
  CHECK(f.index.Services() == std::vector<std::string>{"ndx.console.v1.OperatorService",
                                                       "probe.v1.CatalogueService",
                                                       "probe.v1.PeopleService"});
}

TEST_CASE("files are found by name, by symbol and by extension") {
  const ReflectionIndexFixture f;
  REQUIRE(f.index.FileByName("probe/v1/probe.proto") != nullptr);
  CHECK(f.index.FileBySymbol("probe.v1.PeopleService")->name() == "probe/v1/probe.proto");
  CHECK(f.index.FileBySymbol("probe.v1.PeopleService.LookUp")->name() == "probe/v1/probe.proto");
  CHECK(f.index.FileBySymbol("probe.v1.Person.full_name")->name() == "probe/v1/probe.proto");
  CHECK(f.index.FileBySymbol("ndx.console.v1.OperatorService") != nullptr);
  CHECK(f.index.FileByExtension("google.protobuf.FieldOptions", 50701)->name() ==
        "ndx/options/v1/options.proto");
  CHECK(f.index.FileByName("nothing.proto") == nullptr);
  CHECK(f.index.FileBySymbol("probe.v1.Absent") == nullptr);
  CHECK(f.index.FileByExtension("google.protobuf.FieldOptions", 1) == nullptr);
  CHECK(f.index.FileByExtension("probe.v1.Absent", 1) == nullptr);
}

TEST_CASE("extension numbers of a type") {
  const ReflectionIndexFixture f;
  std::vector<int> numbers;
  REQUIRE(f.index.ExtensionNumbers("google.protobuf.MethodOptions", numbers));
  CHECK(std::find(numbers.begin(), numbers.end(), 50701) != numbers.end());
  REQUIRE(f.index.ExtensionNumbers("probe.v1.Person", numbers));
  CHECK(numbers.empty());
  CHECK_FALSE(f.index.ExtensionNumbers("probe.v1.Absent", numbers));
}

TEST_CASE("a file comes with all it imports, itself first") {
  const ReflectionIndexFixture f;
  const auto files = ReflectionIndex::Serialized(*f.index.FileByName("probe/v1/probe.proto"));
  std::vector<std::string> names;
  for (const std::string& serialized : files) {
    google::protobuf::FileDescriptorProto file;
    REQUIRE(file.ParseFromString(serialized));
    names.push_back(file.name());
  }
  REQUIRE_FALSE(names.empty());
  CHECK(names[0] == "probe/v1/probe.proto");
  for (const char* import : {"ndx/options/v1/options.proto", "google/protobuf/timestamp.proto",
                             "google/protobuf/descriptor.proto"}) {
    INFO(import);
    CHECK(std::count(names.begin(), names.end(), import) == 1);
  }
}

}  // namespace
}  // namespace ndx::console
