#include "ndx/registry/spki_digest.h"

#include <catch2/catch.hpp>
#include <string>

#include "absl/strings/ascii.h"

namespace ndx::registry {
namespace {

const std::string kHex(64, 'a');

TEST_CASE("a key is named by 64 digits, in either case, with colons or without") {
  const auto plain = ParseSpkiDigest(kHex);
  REQUIRE(plain.ok());
  CHECK(plain->front() == 0xaa);
  CHECK(ParseSpkiDigest(absl::AsciiStrToUpper(kHex)) == plain);
  std::string with_colons;
  for (int i = 0; i < 32; ++i) with_colons += i == 0 ? "aa" : ":AA";
  CHECK(ParseSpkiDigest(with_colons) == plain);
  CHECK(SpkiDigestText(*plain) == kHex);
}

TEST_CASE("anything else names no key") {
  for (const std::string& text :
       {std::string(), kHex.substr(1), kHex + "a", "g" + kHex.substr(1), " " + kHex.substr(1),
        "0x" + kHex.substr(2), std::string(64, '\0'), kHex + std::string(100, ':'),
        std::string(100'000, 'a')}) {
    CHECK(ParseSpkiDigest(text).status().message() == "must be 64 hexadecimal digits");
  }
}

}  // namespace
}  // namespace ndx::registry
