#include "ndx/routing/request_check.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "google/protobuf/descriptor.h"
#include "ndx/options/v1/options.pb.h"
#include "ndx/registry/registry_source.h"
#include "ndx/routing/format_rules.h"
#include "ndx/tests/support/proto_source.h"
#include "ndx/tests/support/random_message.h"
#include "ndx/tests/support/registry_fixture.h"

namespace ndx::routing {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using tests::FakeRandom;

tests::ProtoSource& Schema() {
  static auto* const kSource = new tests::ProtoSource(
      tests::ProtoSource::Files{{"probe/v1/probe.proto", tests::ProbeProto()}});
  return *kSource;
}

const registry::RegistrySnapshot& CheckSnapshot() {
  static const auto* const kSnapshot =
      new std::shared_ptr<const registry::RegistrySnapshot>(*tests::BuildProbeRegistry(R"(
grants:
- name: narrow
  consumer: "VN:GOV:H55:mot-cua"
  methods: [probe.v1.PeopleService/LookUp]
  request_fields: [name, citizen_id, people.full_name, people.citizen_id, people.addresses, address]
  legal_basis: QĐ 1
)"));
  return **kSnapshot;
}

const registry::MethodEntry& Method(const std::string& name) {
  const auto* method = CheckSnapshot().FindMethod("/probe.v1.PeopleService/" + name);
  REQUIRE(method != nullptr);
  return *method;
}

const registry::MethodGrant& Narrow() {
  return *CheckSnapshot().GrantsOf("VN:GOV:H55:mot-cua", Method("LookUp")).front();
}

// "ok", "unreadable", or the violations as "field: rule" in English.
std::string Told(const RequestCheck& check) {
  if (!check.refusal) return "ok";
  if (check.refusal->reason == exchange::v1::ERROR_REASON_REQUEST_UNREADABLE) return "unreadable";
  REQUIRE(check.refusal->reason == exchange::v1::ERROR_REASON_FIELD_INVALID);
  std::string text;
  for (const auto& violation : check.refusal->violations) {
    absl::StrAppend(&text, text.empty() ? "" : "; ", violation.field, ": ",
                    violation.description_en);
  }
  return text;
}

std::string CheckBytes(const std::string& bytes, bool narrow = false) {
  return Told(CheckRequest(Method("LookUp"), narrow ? &Narrow() : nullptr, bytes));
}

std::string LookUp(const std::string& text, bool narrow = false) {
  return CheckBytes(Schema().Parse("probe.v1.LookUpRequest", text)->SerializeAsString(), narrow);
}

TEST_CASE("check rules, by table") {
  struct Case {
    const char* name;
    const char* request;
    const char* result;
  };
  const Case cases[] = {
      {"good", "name: 'A' citizen_id: '001085012345'", "ok"},
      {"required missing", "citizen_id: '001085012345'", "name: must not be empty"},
      {"required empty", "name: ''", "name: must not be empty"},
      {"nothing at all", "", "name: must not be empty"},
      {"format", "name: 'A' citizen_id: '00108501234'", "citizen_id: must have 12 digits"},
      {"format of an optional field that is empty", "name: 'A' card: ''", "ok"},
      {"several", "card: '1'", "card: must have 9 digits; name: must not be empty"},
      {"nested", "name: 'A' address { province: '1' commune: '00269' }",
       "address.province: must have 2 digits"},
      {"nested and required", "name: 'A' address {}", "address.commune: must not be empty"},
      {"nested and absent", "name: 'A'", "ok"},
      {"repeated", "name: 'A' people { citizen_id: '001085012345' } people { citizen_id: '1' }",
       "people[1].citizen_id: must have 12 digits"},
      {"repeated and required", "name: 'A' people { citizen_id: '001085012345' } people {}",
       "people[1].citizen_id: must not be empty"},
      {"repeated text",
       "name: 'A' people { citizen_id: '001085012345' documents: 'H55-20260101-0000001' documents: "
       "'x' }",
       "people[0].documents[1]: must have the form <agency code>-yyMMdd-NNNN or <agency "
       "code>-yyyyMMdd-NNNNNNN"},
      {"type that contains itself",
       "name: 'A' people { citizen_id: '001085012345' children { citizen_id: '001085012345' "
       "children {} } }",
       "people[0].children[0].children[0].citizen_id: must not be empty"},
      {"map",
       "name: 'A' people { citizen_id: '001085012345' addresses { key: 'k' value { commune: '1' } "
       "} }",
       "people[0].addresses[0].value.commune: must have 5 digits"},
      {"oneof message", "name: 'A' home { commune: 'x' }", "home.commune: must have 5 digits"},
  };
  for (const Case& c : cases) {
    INFO(c.name);
    CHECK(LookUp(c.request) == c.result);
  }
}

TEST_CASE("what counts as given, kind by kind") {
  const auto list = [](const std::string& text) {
    const auto message = Schema().Parse("probe.v1.RequiredKinds", text);
    return Told(CheckRequest(Method("List"), nullptr, message->SerializeAsString()));
  };
  const std::string all =
      "number: 1 given: 0 list: 0 address { commune: '00269' } raw: 'x' real: 0.5 counts { key: "
      "'a' value: 0 }";
  CHECK(list(all) == "ok");
  CHECK(list("") ==
        "number: must not be empty; given: must not be empty; list: must not be empty; address: "
        "must not be empty; "
        "raw: must not be empty; real: must not be empty; counts: must not be empty");
  const auto bytes = [&](const std::string& more) {
    return Told(
        CheckRequest(Method("List"), nullptr,
                     Schema().Parse("probe.v1.RequiredKinds", all)->SerializeAsString() + more));
  };
  // The last value counts.
  CHECK(bytes(std::string("\x08\x00", 2)) == "number: must not be empty");
  CHECK(bytes(std::string("\x2A\x00", 2)) == "raw: must not be empty");
  CHECK(bytes(std::string("\x31\x00\x00\x00\x00\x00\x00\x00\x00", 9)) == "real: must not be empty");
  CHECK(bytes(std::string("\x1A\x00", 2)) == "ok");  // an empty packed list takes nothing away
  CHECK(bytes(std::string("\x08\x00\x08\x05", 4)) == "ok");
}

TEST_CASE("occurrences of one message are merged, and members of a oneof clear each other") {
  const auto parts = [](std::initializer_list<const char*> texts) {
    std::string bytes;
    for (const char* text : texts)
      bytes += Schema().Parse("probe.v1.LookUpRequest", text)->SerializeAsString();
    return CheckBytes(bytes);
  };
  CHECK(parts({"name: 'A' address { province: '19' }", "address { commune: '00269' }"}) == "ok");
  CHECK(parts({"name: 'A' address { commune: '00269' }", "address { commune: '' }"}) ==
        "ok");  // an unset text is not sent
  CHECK(parts({"name: 'A' address { province: 'x' commune: '00269' }",
               "address { province: '19' }"}) ==
        "address.province: must have 2 digits");  // every occurrence is checked
  CHECK(parts({"name: 'A' home { province: '19' }", "card: '123456789'"}) ==
        "ok");  // home is gone, its commune not missed
  CHECK(parts({"name: 'A' home { province: '19' }", "card: '123456789'",
               "home { province: '19' }"}) == "home.commune: must not be empty");
  CHECK(parts({"name: 'A' home { commune: '00269' }", "card: '123456789'",
               "home { province: '19' }"}) == "home.commune: must not be empty");
  CHECK(parts({"name: 'A' home { commune: 'x' }", "card: '123456789'"}) ==
        "home.commune: must have 5 digits");
}

TEST_CASE("request fields of the grant") {
  struct Case {
    const char* name;
    const char* request;
    const char* result;
  };
  const Case cases[] = {
      {"within", "name: 'A' citizen_id: '001085012345' address { commune: '00269' detail: 'x' }",
       "ok"},
      {"outside", "name: 'A' page: 2", "page: is outside the grant; leave it out"},
      {"outside, a oneof's other member", "name: 'A' card: '123456789'",
       "card: is outside the grant; leave it out"},
      {"outside, a message", "name: 'A' home { commune: '00269' }",
       "home: is outside the grant; leave it out"},
      {"nested within", "name: 'A' people { citizen_id: '001085012345' full_name: 'B' }", "ok"},
      {"nested outside", "name: 'A' people { citizen_id: '001085012345' height: 1.5 }",
       "people[0].height: is outside the grant; leave it out"},
      {"nested outside, told once",
       "name: 'A' people { citizen_id: '001085012345' numbers: [1, 2] children { citizen_id: "
       "'001085012345' } children { citizen_id: '001085012345' } }",
       "people[0].children: is outside the grant; leave it out; people[0].numbers: is outside the "
       "grant; leave it out"},
      {"map whole",
       "name: 'A' people { citizen_id: '001085012345' addresses { key: 'k' value { commune: "
       "'00269' } } }",
       "ok"},
  };
  for (const Case& c : cases) {
    INFO(c.name);
    CHECK(LookUp(c.request, true) == c.result);
  }
  const std::string good =
      Schema()
          .Parse("probe.v1.LookUpRequest", "name: 'A' address { commune: '00269' }")
          ->SerializeAsString();
  CHECK(CheckBytes(good + std::string("\x98\x06\x01", 3), true) ==
        "#99: is outside the grant; leave it out");
  CHECK(CheckBytes(good + std::string("\x98\x06\x01", 3), false) == "ok");
  CHECK(CheckBytes(good + std::string("\x32\x03\x98\x06\x01", 5), true) ==
        "address.#99: is outside the grant; leave it out");
}

TEST_CASE("bytes that are no such message are unreadable") {
  const std::string good =
      Schema().Parse("probe.v1.LookUpRequest", "name: 'A'")->SerializeAsString();
  CHECK(CheckBytes(good) == "ok");
  CHECK(CheckBytes(good + "\x0A") == "unreadable");
  CHECK(CheckBytes(good + "\x0A\x05x") == "unreadable");
  CHECK(CheckBytes(good + std::string("\x20\x01", 2)) == "unreadable");  // name as a number
  CHECK(CheckBytes(good + std::string("\x2A\x01x", 3)) ==
        "unreadable");  // page as text that is no list
  CHECK(CheckBytes(good + std::string("\x22\x01\xFF", 3)) == "unreadable");  // not UTF-8
  CHECK(CheckBytes(good + std::string("\x32\x02\x0A\x05", 4)) ==
        "unreadable");  // broken within address
  // One broken occurrence is not mended by the next.
  CHECK(CheckBytes(good + std::string("\x32\x02\x12\x05\x32\x05"
                                      "00269",
                                      11)) == "unreadable");
  CHECK(CheckBytes(std::string("\x3A\x02\x3C\x3C", 4)) == "unreadable");
  CHECK(CheckBytes(std::string("\x98\x06\x01", 3), true) ==
        "#99: is outside the grant; leave it out; name: must not be empty");
}

TEST_CASE("without a rule and without request fields the bytes are not looked at") {
  const auto* get = CheckSnapshot().FindMethod("/probe.v1.CatalogueService/Get");
  CHECK_FALSE(CheckRequest(*get, nullptr, "\xFF\xFF broken").refusal.has_value());
}

TEST_CASE("texts are filled in, and no value is ever repeated") {
  const auto message =
      Schema().Parse("probe.v1.LookUpRequest", "name: 'A' citizen_id: '12345secret'");
  const RequestCheck check = CheckRequest(Method("LookUp"), nullptr, message->SerializeAsString());
  REQUIRE(check.refusal.has_value());
  CHECK(core::TextOf(*check.refusal, core::Language::kVietnamese) ==
        "citizen_id: phải có 12 chữ số.");
  CHECK(core::TextOf(*check.refusal, core::Language::kEnglish) ==
        "citizen_id: must have 12 digits.");
  CHECK(check.refusal->violations[0].description_vi == "phải có 12 chữ số");
  const RequestCheck unreadable = CheckRequest(Method("LookUp"), nullptr, "\x0A");
  CHECK(core::TextOf(*unreadable.refusal, core::Language::kEnglish) ==
        "The request cannot be read as probe.v1.LookUpRequest; check the .proto version.");
}

TEST_CASE("an odd value is warned of and passes") {
  // The weighted sum of 990000009 is a multiple of 11.
  std::string odd;
  for (int serial = 990'000'000; odd.empty(); ++serial) {
    const std::string code = std::to_string(serial) + "0";
    if (CheckFormat(options::v1::FORMAT_ENTERPRISE_CODE, code).kind == FormatVerdict::Kind::kOdd)
      odd = code;
  }
  const auto message =
      Schema().Parse("probe.v1.LookUpRequest", "name: 'A' enterprise: '" + odd + "'");
  const RequestCheck check = CheckRequest(Method("LookUp"), nullptr, message->SerializeAsString());
  CHECK_FALSE(check.refusal.has_value());
  REQUIRE(check.warnings.size() == 1);
  CHECK(check.warnings[0].field == "enterprise");
}

TEST_CASE("violations are listed up to the limit") {
  const auto people = [](size_t count) {
    std::string text = "name: 'A'";
    for (size_t i = 0; i < count; ++i) text += " people { citizen_id: 'x' }";
    const auto message = Schema().Parse("probe.v1.LookUpRequest", text);
    return CheckRequest(Method("LookUp"), nullptr, message->SerializeAsString())
        .refusal->violations.size();
  };
  CHECK(people(kViolationsMax) == kViolationsMax);
  CHECK(people(kViolationsMax + 1) == kViolationsMax);
}

// What the rules say of a parsed message, by reflection.
void Expect(const Message& message, const std::string& path, std::set<std::string>& faults) {
  const auto& reflection = *message.GetReflection();
  const auto& type = *message.GetDescriptor();
  for (int i = 0; i < type.field_count(); ++i) {
    const FieldDescriptor& field = *type.field(i);
    const auto& rules = field.options().GetExtension(options::v1::field);
    const std::string name = path.empty() ? field.name() : absl::StrCat(path, ".", field.name());
    const int count = field.is_repeated() ? reflection.FieldSize(message, &field)
                                          : static_cast<int>(reflection.HasField(message, &field));
    if (rules.required() && count == 0) faults.insert(name + ": must not be empty");
    for (int at = 0; at < count; ++at) {
      const std::string element = field.is_repeated() ? absl::StrCat(name, "[", at, "]") : name;
      if (field.cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
        Expect(field.is_repeated() ? reflection.GetRepeatedMessage(message, &field, at)
                                   : reflection.GetMessage(message, &field),
               element, faults);
      } else if (rules.format() != options::v1::FORMAT_UNSPECIFIED) {
        const std::string text = field.is_repeated()
                                     ? reflection.GetRepeatedString(message, &field, at)
                                     : reflection.GetString(message, &field);
        const FormatVerdict verdict = CheckFormat(rules.format(), text);
        if (verdict.kind == FormatVerdict::Kind::kBad) {
          faults.insert(absl::StrCat(element, ": ", verdict.rule_en));
        }
      }
    }
  }
}

TEST_CASE("random requests: the same faults as reflection finds") {
  FakeRandom random(4711);
  int refused = 0;
  int passed = 0;
  for (int round = 0; round < 2000; ++round) {
    CAPTURE(round);
    auto message = Schema().New("probe.v1.LookUpRequest");
    tests::FillAtRandom(*message, random, static_cast<int>(tests::Below(random, 4)));
    const std::string bytes = tests::WithUnknownFields(*message, random);
    // A map may be written in another order than it is read back in: leave those to the table
    // above.
    if (message->ShortDebugString().find("addresses") != std::string::npos) continue;
    std::set<std::string> expected;
    Expect(*message, "", expected);
    const RequestCheck check = CheckRequest(Method("LookUp"), nullptr, bytes);
    std::set<std::string> actual;
    if (check.refusal) {
      REQUIRE(check.refusal->reason == exchange::v1::ERROR_REASON_FIELD_INVALID);
      for (const auto& v : check.refusal->violations)
        actual.insert(v.field + ": " + v.description_en);
    }
    if (expected.size() <= kViolationsMax) {
      CHECK(actual == expected);
    } else {
      CHECK(std::includes(expected.begin(), expected.end(), actual.begin(), actual.end()));
    }
    (expected.empty() ? passed : refused) += 1;
  }
  CHECK(refused > 100);
  CHECK(passed > 10);
}

TEST_CASE("broken bytes that pass can be parsed") {
  FakeRandom random(815);
  int unreadable = 0;
  for (int round = 0; round < 3000; ++round) {
    auto message = Schema().New("probe.v1.LookUpRequest");
    tests::FillAtRandom(*message, random, 3);
    std::string bytes = message->SerializeAsString();
    for (uint64_t n = 1 + tests::Below(random, 3); n > 0 && !bytes.empty(); --n) {
      bytes[tests::Below(random, bytes.size())] = static_cast<char>(random.Next64());
    }
    if (Told(CheckRequest(Method("LookUp"), nullptr, bytes)) == "unreadable") {
      ++unreadable;
    } else {
      REQUIRE(Schema().New("probe.v1.LookUpRequest")->ParseFromString(bytes));
    }
  }
  CHECK(unreadable > 300);
  CHECK(unreadable < 3000);
}

TEST_CASE("a request that nests and repeats itself at every level is walked once") {
  // Two occurrences of the same message at each of many levels: merging them naively doubles the
  // work each time.
  tests::ProtoSource source(tests::ProtoSource::Files{{"deep.proto", R"(
    syntax = "proto3"; import "ndx/options/v1/options.proto";
    message Deep { Deep deep = 1; string leaf = 2 [(ndx.options.v1.field) = {required: true}]; })"}});
  const auto plan = registry::CheckPlan::Compile(source.Type("Deep"));
  REQUIRE(plan.ok());
  registry::MethodEntry method;
  method.input = &source.Type("Deep");
  method.checks = *registry::CheckPlan::Compile(source.Type("Deep"));
  const auto wrapped = [](const std::string& content) {
    std::string field("\x0A", 1);
    size_t rest = content.size();
    for (; rest >= 0x80; rest >>= 7U) field.push_back(static_cast<char>(rest | 0x80U));
    field.push_back(static_cast<char>(rest));
    return field + content;
  };
  const std::string leaf("\x12\x01x", 3);
  std::string body = leaf;
  for (int level = 0; level < 100; ++level) body = absl::StrCat(leaf, wrapped(""), wrapped(body));
  CHECK(Told(CheckRequest(method, nullptr, body)) == "ok");
  CHECK(Told(CheckRequest(method, nullptr, leaf + wrapped(body))) ==
        "unreadable");  // one level more
}

TEST_CASE("of a breach that the registry only warns of is told, and the request passes") {
  const auto check = [](const char* checks, const std::string& request) {
    const auto snapshot = registry::BuildRegistry(
        {{.name = "r.yaml",
          .text = absl::StrReplaceAll(
              tests::ProbeRegistryYaml(),
              {{"  adapter: people\n", absl::StrCat("  adapter: people\n  methods: [{name: LookUp, "
                                                    "checks: ",
                                                    checks, "}]\n")}})}},
        tests::ProbeSource());
    INFO(snapshot.status());
    REQUIRE(snapshot.ok());
    const auto* const method = (*snapshot)->FindMethod("/probe.v1.PeopleService/LookUp");
    const auto bytes = Schema().Parse("probe.v1.LookUpRequest", request)->SerializeAsString();
    const RequestCheck result = CheckRequest(*method, nullptr, bytes);
    std::string told = Told(result) + " |";
    for (const auto& warning : result.warnings) absl::StrAppend(&told, " ", warning.field);
    return told;
  };
  constexpr char kBad[] = R"(card: "12" people { citizen_id: "7" })";
  CHECK(check("[]", kBad).find("| ") == std::string::npos);
  CHECK(check("[{severity: WARN}]", kBad).substr(0, 4) == "ok |");
  CHECK_THAT(check("[{severity: WARN}]", kBad), Catch::Contains(" card") &&
                                                    Catch::Contains("people[0].citizen_id") &&
                                                    Catch::Contains(" name"));
  // One is taken out of what was said of all, and the other way round.
  CHECK_THAT(check("[{severity: WARN}, {field: card, severity: REJECT}]", kBad),
             Catch::StartsWith("card: ") && Catch::Contains("people[0].citizen_id"));
  CHECK_THAT(check("[{field: people.citizen_id, severity: WARN}]", kBad),
             Catch::Contains("card: ") && Catch::EndsWith("| people[0].citizen_id"));
}

}  // namespace
}  // namespace ndx::routing
