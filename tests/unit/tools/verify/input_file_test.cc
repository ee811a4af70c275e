#include "ndx/tools/verify/input_file.h"

#include <catch2/catch.hpp>
#include <string>

#include "ndx/tests/unit/tools/verify/verify_run.h"

namespace ndx::tools::verify {
namespace {

TEST_CASE("a file is read up to its limit") {
  const tests::TempDir space;
  tests::WriteAll(space.File("f"), "0123456789");
  CHECK(ReadInput(space.File("f"), 10).value() == "0123456789");
  CHECK(ReadInput(space.File("f"), 9).status().code() == absl::StatusCode::kInvalidArgument);
  CHECK(absl::IsNotFound(ReadInput(space.File("g")).status()));
  CHECK(absl::IsNotFound(ReadInput(space.path()).status()));
}

TEST_CASE("a key file holds keys, comments and nothing else") {
  const tests::TempDir space;
  const std::string key = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k";
  const auto keys_in = [&](const std::string& text) {
    tests::WriteAll(space.File("k"), text);
    return ReadKeys(space.File("k"));
  };
  CHECK(keys_in(key).value().size() == 1);
  CHECK(keys_in("# of example.com\r\n" + key + "\r\n\n" + key + "\n").value().size() == 2);
  CHECK_FALSE(keys_in("").ok());
  CHECK_FALSE(keys_in("# nothing\n").ok());
  CHECK_FALSE(keys_in(key + "\nno key\n").ok());
}

TEST_CASE("hexadecimal is digits in pairs and nothing else") {
  CHECK(FromHex("00fF").value() == std::string("\x00\xff", 2));
  CHECK(FromHex("").value().empty());
  CHECK_FALSE(FromHex("0").has_value());
  CHECK_FALSE(FromHex("0g").has_value());
  CHECK_FALSE(FromHex(" 0f").has_value());
  CHECK(HashFromHex(std::string(64, 'a')).has_value());
  CHECK_FALSE(HashFromHex(std::string(62, 'a')).has_value());
  CHECK_FALSE(HashFromHex(std::string(66, 'a')).has_value());
}

}  // namespace
}  // namespace ndx::tools::verify
