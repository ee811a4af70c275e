#include "ndx/broker/business_code.h"

#include <catch2/catch.hpp>

#include "ndx/tests/support/proto_source.h"

namespace ndx::broker {
namespace {

tests::ProtoSource& Protos() {
  static auto* const kProtos = new tests::ProtoSource(tests::ProtoSource::Files{{"code.proto", R"(
    syntax = "proto3";
    package code;
    import "ndx/options/v1/options.proto";
    enum CardResult { CARD_RESULT_UNSPECIFIED = 0; CARD_RESULT_GOOD = 1; ODD = 2; }
    message Text { int32 other = 1; string code = 2 [(ndx.options.v1.field) = {business_code: true}]; }
    message Enum { CardResult result = 1 [(ndx.options.v1.field) = {business_code: true}]; }
    message Number { int32 code = 1 [(ndx.options.v1.field) = {business_code: true}]; }
    message Nested { Text text = 1; }
  )"}});
  return *kProtos;
}

std::string CodeIn(const std::string& type, const std::string& text_format) {
  const auto message = Protos().Parse("code." + type, text_format);
  return BusinessCode(Protos().Type("code." + type), message->SerializeAsString());
}

TEST_CASE("the marked field's value, as text, number or name") {
  CHECK(CodeIn("Text", "other: 7 code: '050'") == "050");
  CHECK(CodeIn("Text", "other: 7").empty());
  CHECK(CodeIn("Number", "code: 70") == "70");
  CHECK(CodeIn("Enum", "result: CARD_RESULT_GOOD") == "GOOD");
  CHECK(CodeIn("Enum", "result: ODD") == "ODD");
  CHECK(CodeIn("Enum", "result: 9") == "9");
  CHECK(CodeIn("Enum", "result: -1") == "-1");
  CHECK(CodeIn("Nested", "text {code: '050'}").empty());
}

TEST_CASE("the last value counts, as a parser has it") {
  const std::string twice = std::string("\x12\x01") + "a" + "\x12\x01" + "b";
  CHECK(BusinessCode(Protos().Type("code.Text"), twice) == "b");
}

TEST_CASE("only what can be a code goes into a leaf") {
  const auto text = [](const std::string& code) { return CodeIn("Text", "code: '" + code + "'"); };
  CHECK(text("A-1_b.2") == "A-1_b.2");
  CHECK(text("Nguyen Van A").empty());
  CHECK(text("mã").empty());
  const std::string full(kBusinessCodeBytesMax, '1');
  CHECK(text(full) == full);
  CHECK(text(full + "1").empty());
}

TEST_CASE("bytes that are no message have no code") {
  for (const std::string bytes : {"\xff",
                                  "\x12\x7f"
                                  "a",
                                  "\x12", "\x0b",
                                  "\x12\x01"
                                  "a\xff"}) {
    CHECK(BusinessCode(Protos().Type("code.Text"), bytes).size() <= 1);
  }
  CHECK(BusinessCode(Protos().Type("code.Text"),
                     "\x12\x7f"
                     "a")
            .empty());
}

}  // namespace
}  // namespace ndx::broker
