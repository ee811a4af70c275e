#include "ndx/transport/percent_encoding.h"

#include <catch2/catch.hpp>
#include <string>

namespace ndx::transport {
namespace {

TEST_CASE("messages survive their encoding, Vietnamese ones too") {
  for (const std::string& text :
       {std::string("plain text"), std::string("100 % sure"),
        std::string("Chưa có quyền khai thác"), std::string("line\nline\t\x7F"),
        std::string("\0nul", 4), std::string()}) {
    const std::string encoded = PercentEncode(text);
    for (const char c : encoded) CHECK((c >= 0x20 && c <= 0x7E));
    CHECK(PercentDecode(encoded) == text);
  }
  CHECK(PercentEncode("a%b\xC3\xA1") == "a%25b%C3%A1");
}

TEST_CASE("a broken escape is kept as it stands") {
  CHECK(PercentDecode("50%") == "50%");
  CHECK(PercentDecode("50%2") == "50%2");
  CHECK(PercentDecode("%zz%41") == "%zzA");
  CHECK(PercentDecode("%c3%a1") == "\xC3\xA1");
}

}  // namespace
}  // namespace ndx::transport
