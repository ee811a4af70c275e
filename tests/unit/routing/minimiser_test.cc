#include "ndx/routing/minimiser.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "google/protobuf/unknown_field_set.h"
#include "google/protobuf/util/message_differencer.h"
#include "ndx/tests/support/proto_source.h"
#include "ndx/tests/support/registry_fixture.h"
#include "random_message.h"

namespace ndx::routing {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::util::MessageDifferencer;
using registry::FieldPlan;
using tests::FakeRandom;

constexpr const char* kType = "probe.v1.LookUpResponse";

tests::ProtoSource& Schema() {
  static auto* const kSource = new tests::ProtoSource(
      tests::ProtoSource::Files{{"probe/v1/probe.proto", tests::ProbeProto()}});
  return *kSource;
}

FieldPlan Plan(const std::vector<std::string>& paths) {
  auto plan = FieldPlan::Compile(Schema().Type(kType), paths);
  REQUIRE(plan.ok());
  return *std::move(plan);
}

std::string Text(const std::string& bytes) {
  auto message = Schema().New(kType);
  REQUIRE(message->ParseFromString(bytes));
  return message->ShortDebugString();
}

// What the minimiser does, done with protobuf's own reflection.
void Trim(Message& message, const FieldPlan::Node* node) {
  const auto& reflection = *message.GetReflection();
  reflection.MutableUnknownFields(&message)->Clear();
  std::vector<const FieldDescriptor*> set;
  reflection.ListFields(message, &set);
  for (const FieldDescriptor* field : set) {
    const FieldPlan::Node* below = nullptr;
    if (node != nullptr) {
      const auto selected = node->fields.find(field->number());
      if (selected == node->fields.end()) {
        reflection.ClearField(&message, field);
        continue;
      }
      below = selected->second.get();
    }
    if (field->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE) continue;
    if (!field->is_repeated()) {
      Trim(*reflection.MutableMessage(&message, field), below);
      continue;
    }
    for (int i = 0; i < reflection.FieldSize(message, field); ++i) {
      Trim(*reflection.MutableRepeatedMessage(&message, field, i), below);
    }
  }
}

// Field paths of the type, to a depth, not through maps.
void ListPaths(const google::protobuf::Descriptor& type, const std::string& parent, int depth,
               std::vector<std::string>& paths) {
  for (int i = 0; i < type.field_count(); ++i) {
    const FieldDescriptor& field = *type.field(i);
    const std::string path =
        parent.empty() ? field.name() : absl::StrCat(parent, ".", field.name());
    paths.push_back(path);
    if (field.message_type() != nullptr && !field.is_map() && depth > 0) {
      ListPaths(*field.message_type(), path, depth - 1, paths);
    }
  }
}

TEST_CASE("only what is granted stays, in repeated and nested messages too") {
  auto message = Schema().Parse(kType, R"(
    person { citizen_id: "001085012345" full_name: "A" address { province: "19" commune: "00269" }
             children { full_name: "B" height: 1.5 } addresses { key: "x" value { province: "01" } } }
    household { full_name: "C" alive: true } household { full_name: "D" numbers: [1, 2] } total: 2)");
  const std::string bytes = message->SerializeAsString();
  const auto minimised = Minimise(Plan({"person.address.province", "person.children.full_name",
                                        "household.full_name", "person.addresses"}),
                                  bytes);
  REQUIRE(minimised.ok());
  CHECK(Text(minimised->bytes) ==
        "person { address { province: \"19\" } children { full_name: \"B\" } "
        "addresses { key: \"x\" value { province: \"01\" } } } "
        "household { full_name: \"C\" } household { full_name: \"D\" }");
  CHECK(minimised->removed ==
        std::vector<std::string>{"household.alive", "household.numbers", "person.address.commune",
                                 "person.children.height", "person.citizen_id", "person.full_name",
                                 "total"});
}

TEST_CASE("what is granted whole is unchanged, byte for byte") {
  FakeRandom random(7);
  for (int round = 0; round < 50; ++round) {
    auto message = Schema().New(kType);
    tests::FillAtRandom(*message, random, 3);
    const std::string bytes = message->SerializeAsString();
    const auto minimised = Minimise(Plan({"person", "household", "total"}), bytes);
    REQUIRE(minimised.ok());
    CHECK(minimised->bytes == bytes);
    CHECK(minimised->removed.empty());
  }
}

TEST_CASE("nothing granted leaves nothing") {
  auto message = Schema().Parse(kType, "person { full_name: 'A' } total: 1");
  const auto minimised = Minimise(Plan({}), message->SerializeAsString());
  REQUIRE(minimised.ok());
  CHECK(minimised->bytes.empty());
  CHECK(minimised->removed == std::vector<std::string>{"person", "total"});
}

TEST_CASE("fields the descriptor does not know are removed at every depth, and named by number") {
  const std::string bytes(
      "\x0A\x05\x12\x01"
      "A\xF8\x01"
      "\x07\x98\x06\x01",
      11);
  // person { full_name: "A", 31: 7 }, 99: 1; the inner length is corrected below.
  std::string whole(
      "\x0A\x06\x12\x01"
      "A\xF8\x01\x07",
      8);
  whole += std::string("\x98\x06\x01", 3);
  const auto minimised = Minimise(Plan({"person"}), whole);
  REQUIRE(minimised.ok());
  CHECK(minimised->bytes == std::string("\x0A\x03\x12\x01"
                                        "A",
                                        5));
  CHECK(minimised->removed == std::vector<std::string>{"#99", "person.#31"});
  CHECK_FALSE(Minimise(Plan({"person"}), bytes).ok());
}

TEST_CASE("a known number with another wire type is an unknown field") {
  const auto text = Minimise(Plan({"total"}), std::string("\x1A\x01x", 3));
  REQUIRE(text.ok());
  CHECK(text->bytes.empty());
  CHECK(text->removed == std::vector<std::string>{"#3"});
  const auto fixed = Minimise(Plan({"total"}), std::string("\x1D\x01\x02\x03\x04", 5));
  REQUIRE(fixed.ok());
  CHECK(fixed->bytes.empty());
  CHECK(fixed->removed == std::vector<std::string>{"#3"});
}

TEST_CASE("random messages, plans and unknown fields: the same as reflection makes of them") {
  FakeRandom random(20260131);
  std::vector<std::string> paths;
  ListPaths(Schema().Type(kType), "", 3, paths);
  REQUIRE(paths.size() > 100);
  for (int round = 0; round < 400; ++round) {
    CAPTURE(round);
    std::vector<std::string> chosen;
    for (uint64_t n = tests::Below(random, 8); n > 0; --n) {
      chosen.push_back(paths[tests::Below(random, paths.size())]);
    }
    const FieldPlan plan = Plan(chosen);
    auto message = Schema().New(kType);
    tests::FillAtRandom(*message, random, 4);
    std::string bytes = tests::WithUnknownFields(*message, random);
    if (round % 3 == 0) bytes += tests::WithUnknownFields(*message, random);  // a merge of two
    auto expected = Schema().New(kType);
    REQUIRE(expected->ParseFromString(bytes));
    Trim(*expected, &plan.root());
    const auto minimised = Minimise(plan, bytes);
    REQUIRE(minimised.ok());
    auto actual = Schema().New(kType);
    REQUIRE(actual->ParseFromString(minimised->bytes));
    CHECK(MessageDifferencer::Equals(*expected, *actual));
    CHECK(std::is_sorted(minimised->removed.begin(), minimised->removed.end()));
    // Doing it again removes nothing.
    const auto again = Minimise(plan, minimised->bytes);
    REQUIRE(again.ok());
    CHECK(again->bytes == minimised->bytes);
    CHECK(again->removed.empty());
  }
}

TEST_CASE("broken bytes give an error or a message that parses, never what was not granted") {
  FakeRandom random(99);
  const FieldPlan plan = Plan({"person.full_name", "household.address"});
  int refused = 0;
  for (int round = 0; round < 3000; ++round) {
    auto message = Schema().New(kType);
    tests::FillAtRandom(*message, random, 3);
    std::string bytes = message->SerializeAsString();
    for (uint64_t n = 1 + tests::Below(random, 3); n > 0 && !bytes.empty(); --n) {
      bytes[tests::Below(random, bytes.size())] = static_cast<char>(random.Next64());
    }
    if (tests::Below(random, 4) == 0) bytes.resize(tests::Below(random, bytes.size() + 1));
    const auto minimised = Minimise(plan, bytes);
    if (!minimised.ok()) {
      ++refused;
      continue;
    }
    auto actual = Schema().New(kType);
    REQUIRE(actual->ParseFromString(minimised->bytes));
    auto trimmed = Schema().New(kType);
    trimmed->CopyFrom(*actual);
    Trim(*trimmed, &plan.root());
    CHECK(MessageDifferencer::Equals(*trimmed, *actual));
  }
  CHECK(refused > 100);
  CHECK(refused < 2900);
}

TEST_CASE("the list of what was removed has its limits") {
  // Unknown fields 1000, 1001, …, all different, as many as asked for.
  const auto unknown = [](size_t count) {
    std::string bytes;
    for (uint32_t number = 1000; number < 1000 + count; ++number) {
      uint32_t tag = number << 3U;
      for (; tag >= 0x80; tag >>= 7U) bytes.push_back(static_cast<char>(tag | 0x80U));
      bytes.push_back(static_cast<char>(tag));
      bytes.push_back('\x01');
    }
    return bytes;
  };
  CHECK(Minimise(Plan({"total"}), unknown(kRemovedPathsMax))->removed.size() == kRemovedPathsMax);
  const auto over = Minimise(Plan({"total"}), unknown(kRemovedPathsMax + 1));
  CHECK(over->removed.size() == kRemovedPathsMax + 1);
  CHECK(over->removed.back() == "…");
  CHECK(over->bytes.empty());
}

TEST_CASE("nesting beyond the parser's own limit is refused") {
  const auto nested = [](int depth) {
    std::string bytes;
    for (int i = 0; i < depth; ++i) {
      std::string outer("\x22", 1);  // children
      size_t rest = bytes.size();
      for (; rest >= 0x80; rest >>= 7U) outer.push_back(static_cast<char>(rest | 0x80U));
      outer.push_back(static_cast<char>(rest));
      bytes.insert(0, outer);
    }
    std::string person("\x0A", 1);
    size_t rest = bytes.size();
    for (; rest >= 0x80; rest >>= 7U) person.push_back(static_cast<char>(rest | 0x80U));
    person.push_back(static_cast<char>(rest));
    return person + bytes;
  };
  CHECK(Minimise(Plan({"person"}), nested(99)).ok());
  CHECK_FALSE(Minimise(Plan({"person"}), nested(100)).ok());
}

}  // namespace
}  // namespace ndx::routing
