#include "ndx/replay/answer_difference.h"

#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "ndx/tests/support/proto_source.h"

namespace ndx::replay {
namespace {

constexpr char kProto[] = R"(
  syntax = "proto3";
  package compared.v1;
  message Inner { string name = 1; int32 size = 2; }
  message Answer {
    string text = 1;
    Inner inner = 2;
    repeated Inner list = 3;
    repeated string tags = 4;
    map<string, string> labels = 5;
    optional bool known = 6;
  }
  message Wider { string text = 1; string extra = 17; }
)";

class Comparison {
 public:
  std::string Bytes(const std::string& text, const std::string& type = "Answer") {
    return protos_.Parse("compared.v1." + type, text)->SerializeAsString();
  }
  // "path recorded|now" for each difference.
  std::vector<std::string> Of(const std::vector<std::string>& recorded,
                              const std::vector<std::string>& now) {
    last = CompareAnswers(*protos_.Parse("compared.v1.Answer", "")->GetDescriptor(), recorded, now);
    std::vector<std::string> texts;
    for (const FieldDifference& field : last.fields) {
      texts.push_back(field.path + " " + field.recorded + "|" + field.now);
    }
    return texts;
  }
  std::vector<std::string> OfTexts(const std::string& recorded, const std::string& now) {
    return Of({Bytes(recorded)}, {Bytes(now)});
  }
  AnswerDifference last;

 private:
  tests::ProtoSource protos_{{{"compared/v1/compared.proto", kProto}}};
};

using Paths = std::vector<std::string>;

TEST_CASE("answers differ field by field") {
  Comparison compare;
  struct Case {
    std::string recorded;
    std::string now;
    Paths differences;
  };
  const std::vector<Case> cases = {
      {"text: 'a'", "text: 'a'", {}},
      {"text: 'a'", "text: 'b'", {"text \"a\"|\"b\""}},
      {"text: 'a'", "", {"text \"a\"|"}},
      {"known: false", "", {"known false|"}},
      {"inner {name: 'a' size: 1}", "inner {name: 'a' size: 2}", {"inner.size 1|2"}},
      {"inner {}", "", {"inner |"}},
      {"list {size: 1} list {size: 2}", "list {size: 1} list {size: 3}", {"list[1].size 2|3"}},
      {"tags: 'x'", "tags: 'x' tags: 'y'", {"tags[1] |\"y\""}},
      {"labels {key: 'a' value: '1'} labels {key: 'b' value: '2'}",
       "labels {key: 'b' value: '2'} labels {key: 'a' value: '1'}",
       {}},
      {"labels {key: 'a' value: '1'}",
       "labels {key: 'a' value: '3'}",
       {"labels[0] \"a\": \"1\"|\"a\": \"3\""}},
  };
  for (const Case& one : cases) {
    INFO(one.recorded << " / " << one.now);
    CHECK(compare.OfTexts(one.recorded, one.now) == one.differences);
  }
}

TEST_CASE("a map's key may be somebody's number: the path does not say it") {
  Comparison compare;
  compare.OfTexts("labels {key: '999088000001' value: '1'}", "");
  REQUIRE(compare.last.fields.size() == 1);
  CHECK(compare.last.fields[0].path == "labels[0]");
}

TEST_CASE("unknown fields are compared by number") {
  Comparison compare;
  CHECK(compare.Of({compare.Bytes("text: 'a' extra: 'x'", "Wider")},
                   {compare.Bytes("text: 'a' extra: 'y'", "Wider")}) ==
        Paths{"#17 8a010178|8a010179"});
  CHECK(compare.Of({compare.Bytes("text: 'a'", "Wider")},
                   {compare.Bytes("text: 'a' extra: 'y'", "Wider")}) == Paths{"#17 |8a010179"});
}

TEST_CASE("other bytes with the same meaning are no difference; what cannot be read is one") {
  Comparison compare;
  const std::string twice = compare.Bytes("text: 'z'") + compare.Bytes("text: 'a'");
  CHECK(compare.Of({twice}, {compare.Bytes("text: 'a'")}).empty());
  CHECK(compare.Of({"\x0a\x05"}, {compare.Bytes("text: 'a'")}) == Paths{"(bytes) 0a05|0a0161"});
}

TEST_CASE("of streams each message is compared with its counterpart") {
  Comparison compare;
  const std::string a = compare.Bytes("text: 'a'");
  const std::string b = compare.Bytes("text: 'b'");
  CHECK(compare.Of({a, a}, {a, b}) == Paths{"[1].text \"a\"|\"b\""});
  CHECK(compare.Of({a}, {a, b}) == Paths{"[1].text |\"b\""});
  CHECK(compare.Of({a}, {a, ""}) == Paths{"[1].(bytes) |"});
}

TEST_CASE("so many differences are told and no more") {
  Comparison compare;
  std::string recorded;
  std::string now;
  for (size_t i = 0; i < kDifferentFieldsMax; ++i) {
    recorded += "tags: 'a' ";
    now += "tags: 'b' ";
  }
  CHECK(compare.OfTexts(recorded, now).size() == kDifferentFieldsMax);
  CHECK_FALSE(compare.last.more);
  CHECK(compare.OfTexts(recorded + "text: 'a'", now + "text: 'b'").size() == kDifferentFieldsMax);
  CHECK(compare.last.more);
}

}  // namespace
}  // namespace ndx::replay
