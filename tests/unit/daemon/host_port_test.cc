#include "ndx/daemon/host_port.h"

#include <catch2/catch.hpp>

namespace ndx::daemon {
namespace {

TEST_CASE("addresses of ports are taken apart") {
  CHECK(ParseHostPort("127.0.0.1:7480")->host == "127.0.0.1");
  CHECK(ParseHostPort("127.0.0.1:65535")->port == 65535);
  CHECK(ParseHostPort("[::1]:0")->host == "::1");
  for (const char* text :
       {"", "127.0.0.1", ":80", "a:", "a:x", "a:-1", "a:65536", "[::1:80", "::1]:8"}) {
    INFO(text);
    CHECK_FALSE(ParseHostPort(text).ok());
  }
}

}  // namespace
}  // namespace ndx::daemon
