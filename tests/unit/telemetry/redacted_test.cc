#include "ndx/telemetry/redacted.h"

#include <catch2/catch.hpp>
#include <sstream>
#include <string>

namespace ndx::telemetry {
namespace {

TEST_CASE("a redacted value prints its mask and gives itself up only by name") {
  const Redacted<std::string> name(std::string("Nguyen Van Thu"));
  std::ostringstream out;
  out << name;
  CHECK(out.str() == std::string(kRedactedMask.data(), kRedactedMask.size()));
  CHECK(name.RevealForUse() == "Nguyen Van Thu");
}

}  // namespace
}  // namespace ndx::telemetry
