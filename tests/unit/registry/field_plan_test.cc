#include "ndx/registry/field_plan.h"

#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "ndx/tests/support/proto_source.h"
#include "ndx/tests/support/registry_fixture.h"

namespace ndx::registry {
namespace {

tests::ProtoSource& Schema() {
  static auto* const kSource = new tests::ProtoSource(
      tests::ProtoSource::Files{{"probe/v1/probe.proto", tests::ProbeProto()}});
  return *kSource;
}

// Field numbers, those selected in part with what is selected of them in brackets.
std::string Shape(const FieldPlan::Node& node) {
  std::string text;
  for (int number = 1; number < 20; ++number) {
    const auto field = node.fields.find(number);
    if (field == node.fields.end()) continue;
    absl::StrAppend(&text, number,
                    field->second == nullptr ? "" : absl::StrCat("(", Shape(*field->second), ")"));
  }
  return text;
}

std::string Compile(const std::vector<std::string>& paths) {
  const auto plan = FieldPlan::Compile(Schema().Type("probe.v1.LookUpResponse"), paths);
  return plan.ok() ? Shape(plan->root()) : std::string(plan.status().message());
}

TEST_CASE("paths become a tree, in any order") {
  CHECK(Compile({}).empty());
  CHECK(Compile({"total"}) == "3");
  CHECK(Compile({"person.full_name", "person.address.province"}) == "1(23(1))");
  CHECK(Compile({"household.children.children.full_name"}) == "2(4(4(2)))");
  CHECK(Compile({"person", "person.full_name"}) == "1");
  CHECK(Compile({"person.full_name", "person"}) == "1");
  CHECK(Compile({"person.full_name", "person.full_name"}) == "1(2)");
  CHECK(Compile({"person.addresses"}) == "1(5)");
}

TEST_CASE("a path that leads nowhere is refused with what is nearest") {
  CHECK(Compile({"persn"}) ==
        "is not a field path: probe.v1.LookUpResponse has no field `persn` (did you mean "
        "`person`?)");
  CHECK_THAT(Compile({"person.name"}), Catch::Contains("probe.v1.Person has no field `name`"));
  CHECK_THAT(Compile({"total.x"}), Catch::Contains("`total` has no fields"));
  CHECK_THAT(Compile({"person.addresses.value"}),
             Catch::Contains("passes through the map `addresses`"));
  for (const char* bad : {"", ".", "person.", ".person", "person..full_name", "person full_name",
                          "Person", "*", "household[0]"}) {
    INFO(bad);
    CHECK_THAT(Compile({bad}), Catch::Contains("is not a field path"));
  }
}

TEST_CASE("how much of a path is selected") {
  const auto& type = Schema().Type("probe.v1.LookUpResponse");
  const auto plan = FieldPlan::Compile(type, {"person.full_name", "household.address", "total"});
  REQUIRE(plan.ok());
  using Part = FieldPlan::Part;
  CHECK(plan->Selects("person.full_name") == Part::kAll);
  CHECK(plan->Selects("household.address.detail") == Part::kAll);
  CHECK(plan->Selects("person") == Part::kSome);
  CHECK(plan->Selects("person.address") == Part::kNone);
  CHECK(plan->Selects("household.full_name") == Part::kNone);
  CHECK(plan->Selects("total") == Part::kAll);
  CHECK(plan->Selects("nothing") == Part::kNone);
}

TEST_CASE("checking a path says what compiling it would") {
  const auto& type = Schema().Type("probe.v1.LookUpResponse");
  CHECK(FieldPlan::CheckPath(type, "person.address.province").ok());
  CHECK(FieldPlan::CheckPath(type, "persn").message() == Compile({"persn"}));
}

}  // namespace
}  // namespace ndx::registry
