#include "ndx/crypto/flat_json.h"

#include <catch2/catch.hpp>

#include "absl/strings/str_cat.h"

namespace ndx::crypto {
namespace {

TEST_CASE("an object of texts and whole numbers is read, and written in its order") {
  const auto json = FlatJson::Parse(" {\"a\" : \"x y/z\",\r\n\t\"b\":0 , \"c\":999999999999999} ");
  REQUIRE(json.has_value());
  CHECK(json->size() == 3);
  CHECK(*json->Text("a") == "x y/z");
  CHECK(*json->Number("b") == 0);
  CHECK(*json->Number("c") == 999'999'999'999'999);
  CHECK(json->ToString() == R"({"a":"x y/z","b":0,"c":999999999999999})");
  CHECK(FlatJson::Parse("{}")->size() == 0);
  CHECK(FlatJson().ToString() == "{}");
}

TEST_CASE("a member of the other type, or of no name that is there, is none") {
  const auto json = FlatJson::Parse(R"({"a":"1","b":1})");
  REQUIRE(json.has_value());
  CHECK(json->Number("a") == nullptr);
  CHECK(json->Text("b") == nullptr);
  CHECK(json->Text("A") == nullptr);
}

TEST_CASE("everything else that JSON has, or has not, is refused") {
  for (const char* text : {"",
                           "[]",
                           "\"a\"",
                           "1",
                           "null",
                           "{",
                           "}",
                           "{}x",
                           "{}{}",
                           "{,}",
                           R"({"a"})",
                           R"({"a":})",
                           R"({"a":1,})",
                           R"({,"a":1})",
                           R"({"a":1 "b":2})",
                           R"({a:1})",
                           R"({'a':1})",
                           R"({1:1})",
                           R"({"a":true})",
                           R"({"a":null})",
                           R"({"a":{}})",
                           R"({"a":[]})",
                           R"({"a":["x"]})",
                           R"({"a":-1})",
                           R"({"a":+1})",
                           R"({"a":01})",
                           R"({"a":00})",
                           R"({"a":1.0})",
                           R"({"a":1e3})",
                           R"({"a":1000000000000000})",
                           R"({"a":0x1})",
                           R"({"a":"x)",
                           R"({"a":"\"x"})",
                           R"({"a":"\u0041"})",
                           R"({"\u0061":1})",
                           "{\"a\":\"x\ny\"}",
                           "{\"a\":\"\xC3\xA9\"}",
                           "{\"a\":\"\x7F\"}",
                           R"({"a":1/**/})",
                           R"({"a":1}//)"}) {
    INFO(text);
    CHECK_FALSE(FlatJson::Parse(text).has_value());
  }
  CHECK_FALSE(FlatJson::Parse(absl::string_view("{\"a\":\"\0\"}", 9)).has_value());
}

TEST_CASE("no member twice, whatever its values") {
  CHECK_FALSE(FlatJson::Parse(R"({"a":"x","a":"x"})").has_value());
  CHECK_FALSE(FlatJson::Parse(R"({"a":"x","b":1,"a":2})").has_value());
}

TEST_CASE("as many members as allowed, and not one more") {
  std::string text = "{";
  for (size_t i = 0; i < FlatJson::kMembersMax; ++i) {
    absl::StrAppend(&text, i > 0 ? "," : "", "\"m", i, "\":", i);
  }
  CHECK(FlatJson::Parse(text + "}").has_value());
  CHECK_FALSE(FlatJson::Parse(text + ",\"n\":1}").has_value());
}

}  // namespace
}  // namespace ndx::crypto
