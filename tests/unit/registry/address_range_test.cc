#include "ndx/registry/address_range.h"

#include <catch2/catch.hpp>
#include <string>

namespace ndx::registry {
namespace {

bool Within(const std::string& address, const std::string& range) {
  const auto parsed = AddressRange::Parse(range);
  INFO(range << " " << parsed.status());
  REQUIRE(parsed.ok());
  const auto peer = NetworkAddress::Parse(address);
  REQUIRE(peer.has_value());
  return parsed->Contains(*peer);
}

TEST_CASE("addresses within and outside a range, to the bit") {
  CHECK(Within("10.55.0.0", "10.55.0.0/16"));
  CHECK(Within("10.55.255.255", "10.55.0.0/16"));
  CHECK_FALSE(Within("10.56.0.0", "10.55.0.0/16"));
  CHECK(Within("10.55.127.1", "10.55.0.0/17"));
  CHECK_FALSE(Within("10.55.128.1", "10.55.0.0/17"));
  CHECK(Within("192.0.2.7", "192.0.2.7"));
  CHECK_FALSE(Within("192.0.2.8", "192.0.2.7"));
  CHECK(Within("8.8.8.8", "0.0.0.0/0"));
  CHECK(Within("2001:db8::1", "2001:db8::/32"));
  CHECK_FALSE(Within("2001:db9::1", "2001:db8::/32"));
  CHECK(Within("::1", "::/0"));
}

TEST_CASE("a mapped IPv4 address is the IPv4 address, and no IPv6 range holds it") {
  CHECK(Within("::ffff:10.55.1.1", "10.55.0.0/16"));
  CHECK_FALSE(Within("10.55.1.1", "::/0"));
  CHECK_FALSE(Within("::1", "0.0.0.0/0"));
}

TEST_CASE("a peer's address is read without its port") {
  CHECK(AddressRange::Parse("192.0.2.7")->Contains(*NetworkAddress::OfPeer("192.0.2.7:4711")));
  CHECK(AddressRange::Parse("::1")->Contains(*NetworkAddress::OfPeer("[::1]:4711")));
  for (const char* none : {"", "unix:pid=7", "[::1:7", "name:80", "192.0.2.7"}) {
    INFO(none);
    CHECK_FALSE(NetworkAddress::OfPeer(none).has_value());
  }
}

TEST_CASE("what is no range is refused with what is wrong") {
  const auto said = [](const std::string& text) {
    return std::string(AddressRange::Parse(text).status().message());
  };
  for (const char* bad : {"", "10.55", "10.55.0.0.0/8", "host", "10.55.0.0 /16"}) {
    CHECK_THAT(said(bad), Catch::StartsWith("must be an address or a range"));
  }
  for (const char* bad : {"10.0.0.0/", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/+8", "10.0.0.0/x"}) {
    INFO(bad);
    CHECK(said(bad) == "must have a prefix of 0 to 32 bits");
  }
  CHECK(said("2001:db8::/129") == "must have a prefix of 0 to 128 bits");
  CHECK(said("10.55.1.0/16") == "has bits set behind its prefix of 16 bits");
}

}  // namespace
}  // namespace ndx::registry
