// Every way in which a contract can change: what breaks, what is only told, what is no difference.
#include "ndx/registry/contract_change.h"

#include <catch2/catch.hpp>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/strip.h"
#include "ndx/registry/contract_source.h"
#include "ndx/tests/support/proto_source.h"
#include "ndx/tests/support/registry_fixture.h"

namespace ndx::registry {
namespace {

constexpr char kContract[] = R"(
    syntax = "proto3";
    package change.v1;
    import "ndx/options/v1/options.proto";
    enum Kind { KIND_NONE = 0; KIND_ONE = 1; KIND_TWO = 2; }
    message Part { string text = 1; Part deeper = 2; }
    message Request {
      string id = 1 [(ndx.options.v1.field) = {personal_data: PERSONAL_DATA_SENSITIVE subject: SUBJECT_PERSON required: true}];
      string name = 2 [(ndx.options.v1.field) = {format: FORMAT_CITIZEN_ID}];
      Part part = 3;
    }
    message Answer {
      string full_name = 1;
      int32 count = 2;
      optional int32 given = 3;
      repeated string list = 4;
      oneof choice { string left = 5; string right = 6; }
      Kind kind = 7;
      map<string, Part> parts = 8;
    }
    service Service {
      rpc Read(Request) returns (Answer) { option (ndx.options.v1.method) = {effect: EFFECT_READ}; }
      rpc Write(Request) returns (Answer) {
        option (ndx.options.v1.method) = {effect: EFFECT_CHANGE write_ahead: true replay: REPLAY_POLICY_WITH_APPROVAL message_bytes_max: 4096};
      }
      rpc Unstated(Request) returns (Answer);
    }
)";

std::string SetOf(const std::string& text) {
  return tests::ProtoSource(tests::ProtoSource::Files{{"change/v1/change.proto", text}})
      .DescriptorSet();
}

// "KIND breaking element", one for each difference that replacing a piece of the contract makes.
std::vector<std::string> Differences(const std::string& piece, const std::string& by) {
  INFO(piece);
  std::string text = kContract;
  REQUIRE(absl::StrReplaceAll({{piece, by}}, &text) > 0);
  const auto load = [](const std::string& contract) {
    RegistrySource source;
    source.embedded_adapters["a"] = SetOf(contract);
    v1::Service service;
    service.set_name("change.v1.Service");
    service.set_adapter("a");
    return LoadedContract::Load(service, source).value();
  };
  const auto was = load(kContract);
  const auto now = load(text);
  std::vector<std::string> out;
  for (const auto& each : DifferencesOf(was->service(), now->service())) {
    CHECK(each.service() == "change.v1.Service");
    CHECK(each.file() == "change/v1/change.proto");
    out.push_back(absl::StrCat(absl::StripPrefix(v1::ContractDifferenceKind_Name(each.kind()),
                                                 "CONTRACT_DIFFERENCE_KIND_"),
                               each.breaking() ? " ! " : " ",
                               absl::StripPrefix(each.element(), "change.v1.")));
  }
  return out;
}

TEST_CASE("each difference of contracts is found, and breaks or does not") {
  struct Case {
    std::string piece;
    std::string by;
    std::vector<std::string> found;
  };
  const std::vector<Case> cases = {
      {"rpc Unstated(Request) returns (Answer);", "", {"METHOD_REMOVED ! Service.Unstated"}},
      {"rpc Unstated", "rpc Renamed", {"METHOD_REMOVED ! Service.Unstated"}},
      {"rpc Unstated(Request)", "rpc Unstated(Part)", {"INPUT_TYPE ! Service.Unstated"}},
      {"rpc Unstated(Request) returns (Answer)",
       "rpc Unstated(Request) returns (Part)",
       {"OUTPUT_TYPE ! Service.Unstated"}},
      {"rpc Unstated(Request) returns (Answer)",
       "rpc Unstated(Request) returns (stream Answer)",
       {"STREAMING ! Service.Unstated"}},
      {"int32 count = 2;", "", {"FIELD_REMOVED ! Answer.count"}},
      {"int32 count = 2;", "reserved 2;", {"FIELD_RESERVED Answer.count"}},
      {"int32 count = 2;", "int32 count = 12;", {"FIELD_NUMBER ! Answer.count"}},
      {"int32 count = 2;", "int64 count = 2;", {"FIELD_TYPE ! Answer.count"}},
      {"int32 count = 2;", "int32 total = 2;", {"JSON_NAME Answer.total"}},
      {"int32 count = 2;", "int32 count = 2 [json_name = \"n\"];", {"JSON_NAME Answer.count"}},
      {"int32 count = 2;", "optional int32 count = 2;", {"FIELD_LABEL ! Answer.count"}},
      {"optional int32 given", "int32 given", {"FIELD_LABEL ! Answer.given"}},
      {"repeated string list", "string list", {"FIELD_LABEL ! Answer.list"}},
      {"oneof choice { string left = 5; string right = 6; }",
       "string left = 5; oneof choice { string right = 6; }",
       {"FIELD_ONEOF ! Answer.left"}},
      {"KIND_TWO = 2;", "", {"ENUM_VALUE_REMOVED ! KIND_TWO"}},
      {"KIND_TWO = 2;", "KIND_OTHER = 2;", {"JSON_NAME KIND_TWO"}},
      // Reached only through a map, and through itself.
      {"string text = 1;", "bytes text = 1;", {"FIELD_TYPE ! Part.text", "FIELD_TYPE ! Part.text"}},
      {"personal_data: PERSONAL_DATA_SENSITIVE",
       "personal_data: PERSONAL_DATA_BASIC",
       {"PERSONAL_DATA ! Request.id"}},
      {"personal_data: PERSONAL_DATA_SENSITIVE", "", {"PERSONAL_DATA ! Request.id"}},
      {"subject: SUBJECT_PERSON", "", {"PERSONAL_DATA ! Request.id"}},
      {"subject: SUBJECT_PERSON", "subject: SUBJECT_INSURED", {"PERSONAL_DATA ! Request.id"}},
      {"FORMAT_CITIZEN_ID", "FORMAT_IDENTITY_CARD", {"FORMAT Request.name"}},
      {"format: FORMAT_CITIZEN_ID",
       "format: FORMAT_CITIZEN_ID required: true",
       {"REQUIRED ! Request.name"}},
      {"Part part = 3;",
       "Part part = 3; string more = 4 [(ndx.options.v1.field) = {required: true}];",
       {"REQUIRED ! Request.more"}},
      {"{effect: EFFECT_CHANGE write_ahead",
       "{effect: EFFECT_READ write_ahead",
       {"EFFECT ! Service.Write", "IDEMPOTENT ! Service.Write"}},
      {"{effect: EFFECT_CHANGE write_ahead",
       "{effect: EFFECT_CHANGE idempotent: true write_ahead",
       {"IDEMPOTENT ! Service.Write"}},
      {"write_ahead: true", "", {"WRITE_AHEAD ! Service.Write"}},
      {"replay: REPLAY_POLICY_WITH_APPROVAL",
       "replay: REPLAY_POLICY_FREE",
       {"REPLAY ! Service.Write"}},
      {"returns (Answer);",
       "returns (Answer) { option (ndx.options.v1.method) = {replay: REPLAY_POLICY_WITH_APPROVAL}; "
       "}",
       {"REPLAY ! Service.Unstated"}},
      {"message_bytes_max: 4096", "message_bytes_max: 1024", {"MESSAGE_SIZE Service.Write"}},
  };
  for (const Case& each : cases) {
    INFO(each.piece << " → " << each.by);
    CHECK(Differences(each.piece, each.by) == each.found);
  }
}

TEST_CASE("additions and what is stricter are no difference") {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"int32 count = 2;", "int32 count = 2; string more = 20;"},
      {"KIND_TWO = 2;", "KIND_TWO = 2; KIND_THREE = 3;"},
      {"rpc Unstated", "rpc Another(Request) returns (Answer); rpc Unstated"},
      {"string full_name = 1;",
       "string full_name = 1 [(ndx.options.v1.field) = {personal_data: PERSONAL_DATA_BASIC}];"},
      {"required: true", ""},
      {"REPLAY_POLICY_WITH_APPROVAL", "REPLAY_POLICY_NEVER"},
      {"{effect: EFFECT_READ}", "{effect: EFFECT_CHANGE}"},
      {"message_bytes_max: 4096", "message_bytes_max: 8192"},
  };
  for (const auto& [piece, by] : cases) CHECK(Differences(piece, by).empty());
}

// The fixture's registry with one contract for what is registered and another for what follows.
struct Registered {
  RegistrySource source = tests::ProbeSource();
  std::unique_ptr<LoadedContract> was;
  v1::RegistryDocument after;

  explicit Registered(const std::string& piece, const std::string& by) {
    v1::Service& service = *after.add_services();
    service.set_name("probe.v1.PeopleService");
    service.set_adapter("people");
    was = LoadedContract::Load(service, source).value();
    std::string text = tests::ProbeProto();
    REQUIRE(absl::StrReplaceAll({{piece, by}}, &text) > 0);
    source.embedded_adapters["people"] =
        tests::ProtoSource(tests::ProtoSource::Files{{"probe/v1/probe.proto", text}})
            .DescriptorSet();
  }

  void Grant(const std::string& name, const std::string& method, const std::string& field) {
    v1::Grant& grant = *after.add_grants();
    grant.set_name(name);
    grant.add_methods("probe.v1.PeopleService/" + method);
    if (!field.empty()) grant.add_answer_fields(field);
  }

  std::vector<v1::ContractDifference> Find() const {
    const auto registered =
        [this](const std::string& name) -> const google::protobuf::ServiceDescriptor* {
      return name == was->service().full_name() ? &was->service() : nullptr;
    };
    const auto found = DifferencesOfContracts(registered, after, source);
    INFO(found.status());
    REQUIRE(found.ok());
    return *found;
  }
};

TEST_CASE("a field that grants name must not vanish, whether its number is reserved or not") {
  Registered contract(
      "string full_name = 2 [(ndx.options.v1.field) = {personal_data: "
      "PERSONAL_DATA_BASIC}];",
      "reserved 2;");
  contract.Grant("names", "LookUp", "person.full_name");
  contract.Grant("families", "*", "household.full_name");
  contract.Grant("others", "LookUp", "person.citizen_id");
  contract.Grant("verify", "Verify", "");
  std::vector<std::string> named;
  for (const auto& each : contract.Find()) {
    if (each.kind() != v1::CONTRACT_DIFFERENCE_KIND_GRANT) continue;
    CHECK(each.breaking());
    named.push_back(each.element());
  }
  // LookUp's, Watch's and List's answers all had it.
  CHECK(named == std::vector<std::string>{"names person.full_name", "families household.full_name",
                                          "families household.full_name",
                                          "families household.full_name"});
}

TEST_CASE("a grant of a method that is gone is named") {
  Registered contract("rpc Upload(stream Person) returns (Nothing);", "");
  contract.Grant("upload", "Upload", "");
  const auto found = contract.Find();
  REQUIRE(found.size() == 2);
  CHECK(found[1].element() == "upload probe.v1.PeopleService.Upload");
}

TEST_CASE("what breaks is refused by service, file and element; a contract that is new is not") {
  Registered contract("int32 total = 3;", "int64 total = 3;");
  const absl::Status status = RefuseIfBreaking(contract.Find());
  CHECK(absl::IsFailedPrecondition(status));
  CHECK(*BrokenServiceOf(status) == "probe.v1.PeopleService");
  CHECK(std::string(status.message()) ==
        "probe/v1/probe.proto: probe.v1.LookUpResponse.total FIELD_TYPE (int32 → int64)");
  CHECK_FALSE(BrokenServiceOf(absl::FailedPreconditionError("other")).has_value());
  CHECK(RefuseIfBreaking(std::vector<v1::ContractDifference>()).ok());

  contract.after.mutable_services(0)->set_name("probe.v1.CatalogueService");
  CHECK(contract.Find().empty());
}

TEST_CASE("many differences are named up to a number, and counted") {
  std::vector<v1::ContractDifference> many(25);
  for (auto& each : many) each.set_breaking(true);
  CHECK_THAT(std::string(RefuseIfBreaking(many).message()), Catch::EndsWith("; +5"));
}

}  // namespace
}  // namespace ndx::registry
