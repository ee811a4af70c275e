#include "ndx/journal/payload_parts.h"

#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "ndx/options/v1/options.pb.h"  // its extensions must be linked in
#include "ndx/tests/support/fake_random.h"
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
  message Household { string code = 1; repeated Person members = 2; repeated string notes = 3; }
  message Answer {
    string head = 1;
    repeated Household households = 2;
    Person applicant = 3;
    map<string, Person> by_role = 4;
    double tail = 5;
    Answer nested = 6;
  }
  message Plain { string text = 1; repeated int32 numbers = 2; }
)";

struct Cutter {
  Cutter()
      : source(tests::ProtoSource::Files{{"t.proto", kSchema}}), plan(&source.Type("t.Answer")) {}
  std::string Bytes(const std::string& text) {
    return source.Parse("t.Answer", text)->SerializeAsString();
  }
  std::vector<Part> Cut(const std::string& message) const {
    std::vector<Part> parts;
    REQUIRE(plan.Cut(message, &parts).ok());
    return parts;
  }
  tests::ProtoSource source;
  CutPlan plan;
};

std::vector<PartKind> Kinds(const std::vector<Part>& parts) {
  std::vector<PartKind> kinds;
  for (const Part& part : parts) kinds.push_back(part.kind);
  return kinds;
}

constexpr PartKind kE = PartKind::kElement;
constexpr PartKind kM = PartKind::kMessage;

TEST_CASE("elements about subjects are cut at any depth and put back where they were") {
  Cutter cutter;
  const std::string message = cutter.Bytes(
      R"(head: "h" households { code: "A" members { number: "001" name: "An" children { number: "003" } }
         members { number: "002" } notes: "n" } households { members { number: "004" } }
         applicant { number: "005" } tail: 1.5 nested { households { members { number: "006" } } })");
  const auto parts = cutter.Cut(message);
  // Three members outside, one nested; the singular applicant stays in the rest; the child stays
  // inside the member that it belongs to.
  CHECK(Kinds(parts) == std::vector<PartKind>{kE, kE, kE, kE, kM});
  CHECK(parts[0].plaintext.find("003") != std::string::npos);
  for (const char* number : {"001", "002", "003", "004", "006"}) {
    CHECK(parts.back().plaintext.find(number) == std::string::npos);
  }
  CHECK(parts.back().plaintext.find("005") != std::string::npos);
  CHECK(JoinParts(parts).value() == std::vector<std::string>{message});
}

TEST_CASE("map entries whose value is about a subject are cut") {
  Cutter cutter;
  const std::string message = cutter.Bytes(R"(by_role { key: "father" value { number: "007" } })");
  const auto parts = cutter.Cut(message);
  CHECK(Kinds(parts) == std::vector<PartKind>{kE, kM});
  CHECK(JoinParts(parts).value() == std::vector<std::string>{message});
}

TEST_CASE("each message of a stream has parts of its own, in order") {
  Cutter cutter;
  const std::string first = cutter.Bytes(R"(households { members { number: "1" } })");
  const std::string second = cutter.Bytes(R"(head: "no persons")");
  std::vector<Part> parts;
  for (const std::string& message : {first, second, std::string()}) {
    REQUIRE(cutter.plan.Cut(message, &parts).ok());
  }
  CHECK(Kinds(parts) == std::vector<PartKind>{kE, kM, kM, kM});
  CHECK(JoinParts(parts).value() == std::vector<std::string>{first, second, ""});
}

TEST_CASE("without a type, or a type without subjects, a message is one part") {
  Cutter cutter;
  const CutPlan none(nullptr);
  const CutPlan plain(&cutter.source.Type("t.Plain"));
  CHECK_FALSE(none.cuts());
  CHECK_FALSE(plain.cuts());
  CHECK(cutter.plan.cuts());
  std::vector<Part> parts;
  REQUIRE(none.Cut("any bytes", &parts).ok());
  REQUIRE(parts.size() == 1);
  CHECK(parts[0].plaintext == std::string("\0\0\0\x09", 4) + "any bytes");
}

TEST_CASE("bytes that are not of the type are not cut, whatever they are") {
  Cutter cutter;
  const std::string good = cutter.Bytes(R"(households { members { number: "1" } } tail: 2.5)");
  const auto check_whole = [&](const std::string& message) {
    const auto parts = cutter.Cut(message);
    CHECK(Kinds(parts) == std::vector<PartKind>{kM});
    CHECK(JoinParts(parts).value() == std::vector<std::string>{message});
  };
  check_whole(good.substr(0, good.size() - 1));
  check_whole(good + "\x0B");                // a group
  check_whole(good + std::string(1, '\0'));  // field number 0
  check_whole(good + "\x12\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x01");
}

TEST_CASE("cutting and joining are inverse for any bytes") {
  Cutter cutter;
  tests::FakeRandom random(11);
  const std::string good = cutter.Bytes(
      R"(households { members { number: "1" } members { number: "2" } } by_role { key: "k" value { number: "3" } })");
  for (int i = 0; i < 2000; ++i) {
    std::string message = good;
    const uint64_t flips = random.Next64() % 4;
    for (uint64_t j = 0; j < flips; ++j) {
      message[random.Next64() % message.size()] = static_cast<char>(random.Next64());
    }
    const auto parts = cutter.Cut(message);
    CHECK(JoinParts(parts).value() == std::vector<std::string>{message});
  }
}

TEST_CASE("the most parts are accepted, one more is refused") {
  const CutPlan plan(nullptr);
  std::vector<Part> parts(kPayloadPartsMax - 1);
  CHECK(plan.Cut("x", &parts).ok());
  CHECK(parts.size() == kPayloadPartsMax);
  CHECK(plan.Cut("x", &parts).code() == absl::StatusCode::kResourceExhausted);
}

TEST_CASE("parts that do not fit together are refused") {
  Cutter cutter;
  const auto parts = cutter.Cut(cutter.Bytes(R"(households { members { number: "1" } })"));
  REQUIRE(parts.size() == 2);
  CHECK_FALSE(JoinParts({parts[0]}).ok());
  CHECK_FALSE(JoinParts({parts[1]}).ok());
  CHECK_FALSE(JoinParts({parts[0], parts[0], parts[1]}).ok());
  CHECK_FALSE(JoinParts({Part{.kind = kM, .plaintext = "abc"}}).ok());
  CHECK(JoinParts({}).value().empty());
}

}  // namespace
}  // namespace ndx::journal
