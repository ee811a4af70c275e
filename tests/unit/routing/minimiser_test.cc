#include "ndx/routing/minimiser.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "google/protobuf/util/message_differencer.h"
#include "ndx/tests/support/proto_source.h"
#include "ndx/tests/support/random_message.h"
#include "ndx/tests/support/reflective_minimiser.h"
#include "ndx/tests/support/registry_fixture.h"

namespace ndx::routing {
namespace {

using google::protobuf::util::MessageDifferencer;
using registry::FieldPlan;
using tests::FakeRandom;

constexpr const char* kType = "probe.v1.LookUpResponse";

tests::ProtoSource& AnswerSchema() {
  static auto* const kSource = new tests::ProtoSource(
      tests::ProtoSource::Files{{"probe/v1/probe.proto", tests::ProbeProto()}});
  return *kSource;
}

FieldPlan Plan(const std::vector<std::string>& paths) {
  auto plan = FieldPlan::Compile(AnswerSchema().Type(kType), paths);
  REQUIRE(plan.ok());
  return *std::move(plan);
}

std::string Text(const std::string& bytes) {
  auto message = AnswerSchema().New(kType);
  REQUIRE(message->ParseFromString(bytes));
  return message->ShortDebugString();
}

TEST_CASE("only what is granted stays, in repeated and nested messages too") {
  auto message = AnswerSchema().Parse(kType, R"(
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
    auto message = AnswerSchema().New(kType);
    tests::FillAtRandom(*message, random, 3);
    const std::string bytes = message->SerializeAsString();
    const auto minimised = Minimise(Plan({"person", "household", "total"}), bytes);
    REQUIRE(minimised.ok());
    CHECK(minimised->bytes == bytes);
    CHECK(minimised->removed.empty());
  }
}

TEST_CASE("nothing granted leaves nothing") {
  auto message = AnswerSchema().Parse(kType, "person { full_name: 'A' } total: 1");
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

TEST_CASE("of a oneof whose last member is taken out nothing comes back that stood before it") {
  tests::ProtoSource source(tests::ProtoSource::Files{{"choice.proto", R"(
      syntax = "proto3";
      message Inner { string a = 1; string b = 2; }
      message Choice {
        oneof one { string granted = 1; string withheld = 2; Inner inner = 3; }
        oneof two { string other = 4; string hidden = 5; }
        string beside = 6;
      })"}});
  const auto plan =
      FieldPlan::Compile(source.Type("Choice"), {"granted", "inner", "other", "beside"});
  REQUIRE(plan.ok());
  const auto field = [](int number, const std::string& text) {
    return std::string{static_cast<char>(number << 3 | 2), static_cast<char>(text.size())} + text;
  };
  const std::string first = field(1, "old"), withheld = field(2, "x"), beside = field(6, "y");
  const auto left = [&](const std::string& bytes) {
    const auto comparison = tests::CompareMinimisers(*plan, bytes, *source.New("Choice"));
    INFO(comparison.detail);
    CHECK(comparison.agreement == tests::Agreement::kSame);
    return Minimise(*plan, bytes)->bytes;
  };
  CHECK(left(first + beside + withheld) == beside);
  CHECK(left(beside + first + withheld + first) == beside + first);
  CHECK(left(first + field(4, "z") + withheld) == field(4, "z"));
  CHECK(left(first + field(4, "z") + withheld + field(5, "h") + beside) == beside);
  // What is overtaken by something granted stays as it came.
  CHECK(left(first + field(3, field(1, "a"))) == first + field(3, field(1, "a")));
  CHECK(left(field(3, field(1, "a")) + withheld + field(3, field(2, "b"))) ==
        field(3, field(2, "b")));
}

TEST_CASE("occurrences of a singular message are one, and a oneof within spans them") {
  tests::ProtoSource source(tests::ProtoSource::Files{{"spanned.proto", R"(
      syntax = "proto3";
      message Inner { oneof one { string granted = 1; string withheld = 2; } string also = 3; }
      message Outer { Inner inner = 1; repeated Inner inners = 2; oneof two { Inner chosen = 3; string hidden = 4; string open = 5; } }
      )"}});
  const auto plan = FieldPlan::Compile(
      source.Type("Outer"),
      {"inner.granted", "inner.also", "inners.granted", "chosen.granted", "open"});
  REQUIRE(plan.ok());
  const auto field = [](int number, const std::string& text) {
    return std::string{static_cast<char>(number << 3 | 2), static_cast<char>(text.size())} + text;
  };
  const auto left = [&](const std::string& bytes) {
    const auto comparison = tests::CompareMinimisers(*plan, bytes, *source.New("Outer"));
    INFO(comparison.detail);
    CHECK(comparison.agreement == tests::Agreement::kSame);
    return Minimise(*plan, bytes)->bytes;
  };
  const std::string granted = field(1, "g"), withheld = field(2, "w"), also = field(3, "a");
  CHECK(left(field(1, granted) + field(1, withheld)) == field(1, ""));
  CHECK(left(field(1, granted + also) + field(1, withheld) + field(1, granted)) ==
        field(1, also + granted));
  CHECK(left(field(2, granted) + field(2, withheld)) == field(2, granted) + field(2, ""));
  CHECK(left(field(3, granted) + field(3, withheld) + field(5, "o")) == field(5, "o"));
  CHECK(left(field(3, granted) + field(5, "o") + field(3, withheld) + field(3, also)) ==
        field(3, granted) + field(5, "o") + field(3, ""));
  CHECK(left(field(3, granted) + field(4, "h") + field(3, also)) == field(3, ""));
  CHECK(left(field(1, "") + field(1, "")) == field(1, ""));
  // A second half does not mend a first one that is broken.
  CHECK_FALSE(Minimise(*plan, field(1, granted) + field(1, "\x0A\x02") + field(1, "xy")).ok());
}

TEST_CASE("random messages, plans and unknown fields: the same as reflection makes of them") {
  FakeRandom random(20260131);
  const std::vector<std::string> paths = tests::FieldPathsOf(AnswerSchema().Type(kType), 3);
  REQUIRE(paths.size() > 100);
  for (int round = 0; round < 400; ++round) {
    CAPTURE(round);
    std::vector<std::string> chosen;
    for (uint64_t n = tests::Below(random, 8); n > 0; --n) {
      chosen.push_back(paths[tests::Below(random, paths.size())]);
    }
    const FieldPlan plan = Plan(chosen);
    auto message = AnswerSchema().New(kType);
    tests::FillAtRandom(*message, random, 4);
    std::string bytes = tests::WithUnknownFields(*message, random);
    if (round % 3 == 0) bytes += tests::WithUnknownFields(*message, random);  // a merge of two
    const auto comparison = tests::CompareMinimisers(plan, bytes, *message);
    INFO(comparison.detail);
    CHECK(comparison.agreement == tests::Agreement::kSame);
  }
}

TEST_CASE("broken bytes give an error or a message that parses, never what was not granted") {
  FakeRandom random(99);
  const FieldPlan plan = Plan({"person.full_name", "household.address"});
  int refused = 0;
  for (int round = 0; round < 3000; ++round) {
    auto message = AnswerSchema().New(kType);
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
    auto actual = AnswerSchema().New(kType);
    REQUIRE(actual->ParseFromString(minimised->bytes));
    auto trimmed = AnswerSchema().New(kType);
    trimmed->CopyFrom(*actual);
    tests::TrimByReflection(*trimmed, plan);
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

TEST_CASE("tags and lengths of more bytes than the parser takes are refused") {
  const auto taken = [](absl::string_view bytes) {
    return Minimise(Plan({"person", "total"}), bytes).ok();
  };
  CHECK(taken(std::string("\x98\x80\x80\x80\x00\x01", 6)));            // total, tag of five bytes
  CHECK_FALSE(taken(std::string("\x98\x80\x80\x80\x80\x00\x01", 7)));  // of six
  CHECK(taken(std::string("\x0A\x80\x80\x80\x80\x00", 6)));            // person, length 0 in five
  CHECK_FALSE(taken(std::string("\x0A\x80\x80\x80\x80\x80\x00", 7)));
  const auto nobody = Minimise(Plan({"total"}), std::string("\x0A\x80\x80\x80\x80\x80\x00", 7));
  CHECK_FALSE(nobody.ok());  // where it is removed, too
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
