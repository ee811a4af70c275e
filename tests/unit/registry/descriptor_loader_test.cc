// Descriptor sets as a registry meets them, good and hostile.
#include <catch2/catch.hpp>
#include <string>

#include "google/protobuf/descriptor.pb.h"
#include "ndx/options/v1/options.pb.h"
#include "ndx/registry/registry_source.h"
#include "ndx/tests/support/proto_source.h"
#include "ndx/tests/support/registry_fixture.h"

namespace ndx::registry {
namespace {

using google::protobuf::FileDescriptorProto;
using google::protobuf::FileDescriptorSet;

FileDescriptorSet ProbeSet() {
  FileDescriptorSet set;
  REQUIRE(set.ParseFromString(tests::ProbeSource().embedded_adapters.at("people")));
  return set;
}

std::string Load(const std::string& descriptor_set) {
  const auto built = BuildRegistry({{.name = "r.yaml", .text = tests::ProbeRegistryYaml()}},
                                   {.embedded_adapters = {{"people", descriptor_set}}});
  return built.ok() ? "ok" : std::string(built.status().message());
}

std::string Load(const FileDescriptorSet& set) { return Load(set.SerializeAsString()); }

FileDescriptorProto& FileNamed(FileDescriptorSet& set, const std::string& name) {
  for (FileDescriptorProto& file : *set.mutable_file()) {
    if (file.name() == name) return file;
  }
  FAIL("no such file");
  return *set.mutable_file(0);
}

FileDescriptorProto& Probe(FileDescriptorSet& set) {
  return FileNamed(set, "probe/v1/probe.proto");
}

void Remove(FileDescriptorSet& set, const std::string& name) {
  for (int i = set.file_size() - 1; i >= 0; --i) {
    if (set.file(i).name() == name) set.mutable_file()->DeleteSubrange(i, 1);
  }
}

TEST_CASE("options are understood in the snapshot's own pool") {
  const auto snapshot = tests::BuildProbeRegistry("");
  REQUIRE(snapshot.ok());
  const auto* method = (*snapshot)->FindMethod("/probe.v1.PeopleService/Register");
  REQUIRE(method != nullptr);
  CHECK(method->descriptor->options().GetExtension(options::v1::method).write_ahead());
  const auto* field = method->input->FindFieldByName("citizen_id");
  CHECK(field->options().GetExtension(options::v1::field).required());
  CHECK(method->input->file()->pool() == &(*snapshot)->pool());
}

TEST_CASE("what the program has need not be in the set, and is the program's when it is") {
  FileDescriptorSet set = ProbeSet();
  Remove(set, "google/protobuf/timestamp.proto");
  Remove(set, "ndx/options/v1/options.proto");
  Remove(set, "google/protobuf/descriptor.proto");
  CHECK(Load(set) == "ok");

  set = ProbeSet();
  FileNamed(set, "google/protobuf/timestamp.proto").clear_message_type();
  CHECK(Load(set) == "ok");
}

TEST_CASE("the order of the files does not matter") {
  const FileDescriptorSet set = ProbeSet();
  FileDescriptorSet reversed;
  for (int i = set.file_size() - 1; i >= 0; --i) *reversed.add_file() = set.file(i);
  CHECK(Load(reversed) == "ok");
}

TEST_CASE("descriptor sets that are none, or do not build, are refused with the reason") {
  CHECK_THAT(Load("\xFF\xFF\xFF"), Catch::Contains("is no google.protobuf.FileDescriptorSet"));
  CHECK_THAT(Load(""), Catch::Contains("has no file in it"));
  FileDescriptorSet set = ProbeSet();
  const FileDescriptorProto copy = Probe(set);
  *set.add_file() = copy;
  CHECK_THAT(Load(set), Catch::Contains("has probe/v1/probe.proto twice"));

  set = ProbeSet();
  Probe(set).add_dependency("other/away.proto");
  CHECK_THAT(Load(set), Catch::Contains("lacks the import other/away.proto"));

  set = ProbeSet();
  Probe(set).add_dependency("probe/v1/probe.proto");
  CHECK_THAT(Load(set), Catch::Contains("imports in a circle"));

  set = ProbeSet();
  Probe(set).mutable_service(0)->mutable_method(0)->set_input_type(".probe.v1.Gone");
  CHECK_THAT(Load(set), Catch::Contains("does not build: probe/v1/probe.proto: "));

  set = ProbeSet();
  Probe(set).mutable_message_type(0)->mutable_field(0)->set_number(2);
  CHECK_THAT(Load(set), Catch::Contains("does not build"));
}

TEST_CASE("a descriptor set is read up to its limit") {
  CHECK_THAT(Load(std::string(kDescriptorSetBytesMax + 1, 'x')),
             Catch::Contains("is over 16777216 bytes"));
  CHECK_THAT(Load(std::string(kDescriptorSetBytesMax, 'x')), !Catch::Contains("is over"));
}

std::string SetOf(const std::string& package, const std::string& shared) {
  return tests::ProtoSource(
             tests::ProtoSource::Files{
                 {"shared.proto", "syntax = \"proto3\"; message Shared { " + shared + " }"},
                 {package + ".proto",
                  "syntax = \"proto3\"; package " + package +
                      "; import \"shared.proto\"; service Does { rpc Do(Shared) "
                      "returns (Shared); }"}})
      .DescriptorSet();
}

TEST_CASE("two sets may share a file only when it is the same") {
  const std::string yaml = R"(
members: [{code: G01, name_vi: A}]
systems: [{id: "VN:GOV:G01:a"}]
services:
- {name: one.Does, adapter: one, providers: [{system: "VN:GOV:G01:a", endpoint: "embedded:one"}]}
- {name: two.Does, adapter: two, providers: [{system: "VN:GOV:G01:a", endpoint: "embedded:two"}]}
)";
  const auto load = [&](const std::string& second) {
    return BuildRegistry({{.name = "r.yaml", .text = yaml}},
                         {.embedded_adapters = {{"one", SetOf("one", "int32 a = 1;")},
                                                {"two", SetOf("two", second)}}});
  };
  CHECK(load("int32 a = 1;").ok());
  CHECK_THAT(std::string(load("int64 a = 1;").status().message()),
             Catch::Contains("has another shared.proto than adapter one"));
}

}  // namespace
}  // namespace ndx::registry
