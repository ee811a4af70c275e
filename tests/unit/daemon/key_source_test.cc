#include "ndx/daemon/key_source.h"

#include <catch2/catch.hpp>
#include <cstdlib>

namespace ndx::daemon {
namespace {

TEST_CASE("a key is a file beside the settings, a descriptor, or a systemd credential") {
  CHECK(KeyPath("file:/etc/ndx/signing.pem", "/srv/node.yaml").value() == "/etc/ndx/signing.pem");
  CHECK(KeyPath("file:keys/signing.pem", "/srv/node.yaml").value() == "/srv/keys/signing.pem");
  CHECK(KeyPath("fd:3", "/srv/node.yaml").value() == "/proc/self/fd/3");

  REQUIRE(setenv("CREDENTIALS_DIRECTORY", "/run/credentials/ndxd", 1) == 0);
  CHECK(KeyPath("credential:master", "/srv/node.yaml").value() == "/run/credentials/ndxd/master");
  REQUIRE(unsetenv("CREDENTIALS_DIRECTORY") == 0);
}

TEST_CASE("everything else is refused, and says what a key must be") {
  for (const char* bad :
       {"", "/etc/ndx/signing.pem", "fd:", "fd:x", "fd:0", "fd:2", "pkcs11:token=x"}) {
    INFO(bad);
    CHECK_FALSE(KeyPath(bad, "/srv/node.yaml").ok());
  }
  const auto without_systemd = KeyPath("credential:master", "/srv/node.yaml");
  REQUIRE_FALSE(without_systemd.ok());
  CHECK(without_systemd.status().message().find("LoadCredential") != absl::string_view::npos);
}

}  // namespace
}  // namespace ndx::daemon
