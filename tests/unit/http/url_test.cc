#include "ndx/http/url.h"

#include <catch2/catch.hpp>
#include <string>

namespace ndx::http {
namespace {

TEST_CASE("addresses are taken apart") {
  const auto plain = ParseUrl("http://tsa.example.vn/stamp?a=1");
  REQUIRE(plain.ok());
  CHECK_FALSE(plain->tls);
  CHECK(plain->host == "tsa.example.vn");
  CHECK(plain->port == "80");
  CHECK(plain->path == "/stamp?a=1");
  const auto tls = ParseUrl("https://[::1]:8443");
  REQUIRE(tls.ok());
  CHECK(tls->tls);
  CHECK(tls->host == "::1");
  CHECK(tls->authority() == "[::1]:8443");
  CHECK(tls->path == "/");
  CHECK(ParseUrl("https://a")->port == "443");
}

TEST_CASE("anything else is refused") {
  for (const char* text :
       {"", "a", "ftp://a/", "http://", "http:///x", "http://user@a/", "http://a:/", "http://a:0/",
        "http://a:65536/", "http://a:+1/", "http://a b/", "http://a/ b", "http://a/\r\nX: y",
        "http://[::1/", "http://[x]/", "http://a/#f", "http://a:1:2/"}) {
    INFO(text);
    CHECK_FALSE(ParseUrl(text).ok());
  }
  const std::string start = "http://a/";
  CHECK(ParseUrl(start + std::string(kUrlBytesMax - start.size(), 'x')).ok());
  CHECK_FALSE(ParseUrl(start + std::string(kUrlBytesMax - start.size() + 1, 'x')).ok());
}

}  // namespace
}  // namespace ndx::http
