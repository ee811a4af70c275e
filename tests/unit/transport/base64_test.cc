#include "ndx/transport/base64.h"

#include <catch2/catch.hpp>
#include <string>

namespace ndx::transport {
namespace {

TEST_CASE("base64 is written without padding and read with or without") {
  struct Case {
    const char* bytes;
    const char* bare;
    const char* padded;
  };
  // RFC 4648 section 10.
  const Case cases[] = {{"", "", ""},
                        {"f", "Zg", "Zg=="},
                        {"fo", "Zm8", "Zm8="},
                        {"foo", "Zm9v", "Zm9v"},
                        {"foob", "Zm9vYg", "Zm9vYg=="},
                        {"fooba", "Zm9vYmE", "Zm9vYmE="},
                        {"foobar", "Zm9vYmFy", "Zm9vYmFy"}};
  for (const Case& c : cases) {
    INFO(c.bytes);
    CHECK(EncodeBase64(c.bytes) == c.bare);
    std::string out;
    CHECK(DecodeBase64(c.bare, &out));
    CHECK(out == c.bytes);
    out.clear();
    CHECK(DecodeBase64(c.padded, &out));
    CHECK(out == c.bytes);
  }
  std::string all;
  for (int i = 0; i < 256; ++i) all.push_back(static_cast<char>(i));
  std::string back;
  CHECK(DecodeBase64(EncodeBase64(all), &back));
  CHECK(back == all);
}

TEST_CASE("what is not base64 is refused") {
  for (const char* bad : {"Z", "Zg=", "Zg===", "Zh", "Zm9", "Zm9v=", "Zm 9", "Zm9-", "=",
                          "====", "Zg==Zg==", "Z\xC3\xA1g"}) {
    INFO(bad);
    std::string out;
    CHECK_FALSE(DecodeBase64(bad, &out));
  }
}

}  // namespace
}  // namespace ndx::transport
