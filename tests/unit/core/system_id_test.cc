#include "ndx/core/system_id.h"

#include <catch2/catch.hpp>
#include <string>

namespace ndx::core {
namespace {

TEST_CASE("a system name and its URI say the same") {
  const auto id = SystemId::Parse("VN:GOV:H55.242:mot-cua");
  REQUIRE(id.ok());
  CHECK(id->member() == "H55.242");
  CHECK(id->system() == "mot-cua");
  CHECK(id->uri() == "ndx://VN/GOV/H55.242/mot-cua");
  CHECK(SystemId::ParseUri(id->uri()).value() == *id);
}

TEST_CASE("malformed system names are refused without repeating them") {
  const std::string longest_member(35, 'A');
  const std::string longest_system(40, 'a');
  CHECK(SystemId::Parse("VN:GOV:" + longest_member + ":" + longest_system).ok());
  for (const std::string& bad :
       {std::string(""), std::string("VN:GOV:G01"), std::string("VN:GOV:G01:"),
        std::string("VN:GOV:g01:x"), std::string("VN:GOV:G01:X"), std::string("VN:GOV:G01:x:y"),
        std::string("VN:GOV:G01:a\nb"), "VN:GOV:" + longest_member + "A:x",
        "VN:GOV:G01:" + longest_system + "a"}) {
    const auto id = SystemId::Parse(bad);
    REQUIRE_FALSE(id.ok());
    CHECK(std::string(id.status().message()).find("g01") == std::string::npos);
  }
  CHECK_FALSE(SystemId::ParseUri("ndx://VN/GOV/G01:x/y").ok());
  CHECK_FALSE(SystemId::ParseUri("https://VN/GOV/G01/x").ok());
}

}  // namespace
}  // namespace ndx::core
