#include "ndx/registry/check_plan.h"

#include <catch2/catch.hpp>
#include <string>

#include "ndx/tests/support/proto_source.h"
#include "ndx/tests/support/registry_fixture.h"

namespace ndx::registry {
namespace {

const CheckPlan::FieldCheck* Find(const CheckPlan::MessageChecks& checks, const std::string& name) {
  for (const auto& check : checks.checks) {
    if (check.field->name() == name) return &check;
  }
  return nullptr;
}

TEST_CASE("fields with rules are collected, those without are not") {
  const tests::ProtoSource schema(
      tests::ProtoSource::Files{{"probe/v1/probe.proto", tests::ProbeProto()}});
  const auto plan = CheckPlan::Compile(schema.Type("probe.v1.LookUpRequest"));
  REQUIRE(plan.ok());
  const auto& root = *plan->root();
  REQUIRE(Find(root, "name") != nullptr);
  CHECK(Find(root, "name")->required);
  REQUIRE(Find(root, "card") != nullptr);
  CHECK(Find(root, "card")->format == options::v1::FORMAT_IDENTITY_CARD);
  CHECK(Find(root, "page") == nullptr);
  CHECK(root.index.at(4) == static_cast<size_t>(Find(root, "name") - root.checks.data()));
  // A type that contains itself is collected once.
  REQUIRE(Find(root, "people") != nullptr);
  const auto* person = Find(root, "people")->below;
  REQUIRE(person != nullptr);
  CHECK(Find(*person, "children")->below == person);
  CHECK(Find(*person, "addresses")->below != nullptr);
  CHECK(Find(*person, "seen") == nullptr);
}

TEST_CASE("a type without any rule has no plan") {
  const tests::ProtoSource schema(
      tests::ProtoSource::Files{{"probe/v1/probe.proto", tests::ProbeProto()}});
  CHECK(CheckPlan::Compile(schema.Type("probe.v1.Nothing"))->root() == nullptr);
  CHECK(CheckPlan().root() == nullptr);
}

TEST_CASE("a format on a field that is no text is a mistake of the contract") {
  const tests::ProtoSource schema(tests::ProtoSource::Files{{"a.proto", R"(
    syntax = "proto3"; import "ndx/options/v1/options.proto";
    message Bad { int64 code = 1 [(ndx.options.v1.field) = {format: FORMAT_CITIZEN_ID}]; })"}});
  CHECK(CheckPlan::Compile(schema.Type("Bad")).status().message() ==
        "Bad.code has a format and is no text");
}

}  // namespace
}  // namespace ndx::registry
