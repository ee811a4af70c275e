#include "ndx/journal/payload_subjects.h"

#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "ndx/options/v1/options.pb.h"  // its extensions must be linked in
#include "ndx/tests/support/proto_source.h"

namespace ndx::journal {
namespace {

constexpr char kSchema[] = R"(
  syntax = "proto3";
  package t;
  import "ndx/options/v1/options.proto";
  message Person {
    string number = 1 [(ndx.options.v1.field) = {subject: SUBJECT_PERSON}];
    string name = 2;
    repeated Person children = 3;
  }
  message Household { string code = 1; repeated Person members = 2; }
  message Answer {
    string head = 1;
    repeated Household households = 2;
    Person applicant = 3;
    map<string, Person> by_role = 4;
    string insurance = 5 [(ndx.options.v1.field) = {subject: SUBJECT_INSURED}];
    repeated string companies = 6 [(ndx.options.v1.field) = {subject: SUBJECT_ENTERPRISE}];
    uint64 tax_number = 7 [(ndx.options.v1.field) = {subject: SUBJECT_ENTERPRISE}];
  }
)";

using Lists = std::vector<std::vector<std::string>>;

struct Finder {
  Finder()
      : source(tests::ProtoSource::Files{{"t.proto", kSchema}}), plan(&source.Type("t.Answer")) {}
  std::vector<Part> Cut(const std::vector<std::string>& texts) {
    std::vector<Part> parts;
    for (const std::string& text : texts) {
      REQUIRE(plan.Cut(source.Parse("t.Answer", text)->SerializeAsString(), &parts).ok());
    }
    return parts;
  }
  Lists Find(const std::vector<std::string>& texts) {
    return SubjectsOf(&source.Type("t.Answer"), Cut(texts));
  }
  tests::ProtoSource source;
  CutPlan plan;
};

TEST_CASE("each part has the subjects named within it") {
  Finder finder;
  struct Case {
    const char* name;
    std::vector<std::string> messages;
    Lists subjects;
  };
  const std::vector<Case> cases = {
      {"nobody", {R"(head: "h")"}, {{}}},
      {"an empty number", {R"(applicant { name: "n" })"}, {{}}},
      {"a person not cut out", {R"(applicant { number: "079" })"}, {{"079"}}},
      {"kinds",
       {R"(insurance: "1" companies: "2" companies: "2" tax_number: 33)"},
       {{"enterprise:2", "enterprise:33", "insured:1"}}},
      {"elements",
       {R"(households { members { number: "1" } members { number: "2" } }
                       applicant { number: "3" })"},
       {{"1"}, {"2"}, {"3"}}},
      {"a map", {R"(by_role { key: "owner" value { number: "9" } })"}, {{"9"}, {}}},
      {"within an element",
       {R"(households { members { number: "1" children { number: "4" } } })"},
       {{"1", "4"}, {}}},
      {"two messages",
       {R"(households { members { number: "1" } })", R"(insurance: "5")"},
       {{"1"}, {}, {"insured:5"}}},
  };
  for (const Case& c : cases) {
    INFO(c.name);
    CHECK(finder.Find(c.messages) == c.subjects);
  }
}

TEST_CASE("a message that is not of its type has what was found before the fault") {
  Finder finder;
  std::vector<Part> parts;
  std::string bytes = finder.source.Parse("t.Answer", R"(insurance: "5")")->SerializeAsString();
  bytes += "\x0B";  // a group begins
  REQUIRE(finder.plan.Cut(bytes, &parts).ok());
  CHECK(SubjectsOf(&finder.source.Type("t.Answer"), parts) == Lists{{"insured:5"}});
}

TEST_CASE("without a type there are no subjects, and parts of signatures have none") {
  Finder finder;
  auto parts = finder.Cut({R"(applicant { number: "079" })"});
  CHECK(SubjectsOf(nullptr, parts) == Lists{{}});
  parts.push_back({.kind = PartKind::kSignature, .plaintext = "sig"});
  CHECK(SubjectsOf(&finder.source.Type("t.Answer"), parts) == Lists{{"079"}, {}});
}

TEST_CASE("types that changed since the payload was cut still find everybody") {
  Finder finder;
  // Cut with an element; the type known today has no such list.
  const auto parts = finder.Cut({R"(households { members { number: "1" } } insurance: "5")"});
  tests::ProtoSource today(tests::ProtoSource::Files{{"t.proto", R"(
    syntax = "proto3";
    package t;
    import "ndx/options/v1/options.proto";
    message Answer { string insurance = 5 [(ndx.options.v1.field) = {subject: SUBJECT_INSURED}]; }
  )"}});
  CHECK(SubjectsOf(&today.Type("t.Answer"), parts) == Lists{{}, {"insured:5"}});
}

}  // namespace
}  // namespace ndx::journal
