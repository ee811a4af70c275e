#include "ndx/registry/registry_entries.h"

#include <catch2/catch.hpp>

namespace ndx::registry {
namespace {

TEST_CASE("an endpoint is told as it is written") {
  CHECK(Endpoint{.kind = Endpoint::Kind::kUnix, .target = "/run/a.sock"}.ToString() ==
        "unix:/run/a.sock");
  CHECK(Endpoint{.kind = Endpoint::Kind::kEmbedded, .target = "land"}.ToString() ==
        "embedded:land");
  CHECK(Endpoint{.kind = Endpoint::Kind::kTcpTls, .host = "csdl.gov.vn", .port = 7443}.ToString() ==
        "csdl.gov.vn:7443");
  CHECK(Endpoint{.kind = Endpoint::Kind::kTcpPlain, .host = "::1", .port = 80}.ToString() ==
        "[::1]:80");
  CHECK(Endpoint{}.ToString() == "node");
}

TEST_CASE("an owner is told with a contact where there is one") {
  CHECK(MemberEntry{.name_vi = "Bộ Công an"}.OwnerText() == "Bộ Công an");
  CHECK(MemberEntry{.name_vi = "Bộ Công an", .contact = "069"}.OwnerText() == "Bộ Công an (069)");
}

TEST_CASE("a grant without providers covers all, one with providers only those") {
  const SystemEntry a;
  const SystemEntry b;
  CHECK(GrantEntry{}.CoversProvider(&a));
  const GrantEntry only_a{.providers = {&a}};
  CHECK(only_a.CoversProvider(&a));
  CHECK_FALSE(only_a.CoversProvider(&b));
}

}  // namespace
}  // namespace ndx::registry
