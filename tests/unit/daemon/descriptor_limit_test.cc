#include "ndx/daemon/descriptor_limit.h"

#include <unistd.h>

#include <catch2/catch.hpp>

namespace ndx::daemon {
namespace {

TEST_CASE("connections leave descriptors for the rest") {
  CHECK(ConnectionsWithin(1'048'576, 76) == 1'048'500 - kDescriptorsKeptMax);
  CHECK(ConnectionsWithin(1024, 24) == 750);  // a quarter of the rest is kept
  CHECK(ConnectionsWithin(256, 56) == 150);
  CHECK(ConnectionsWithin(10, 10) == 1);
  CHECK(ConnectionsWithin(10, 20) == 1);
}

TEST_CASE("descriptors that are open are counted") {
  const size_t before = OpenDescriptors();
  const int more = dup(0);
  REQUIRE(more >= 0);
  CHECK(OpenDescriptors() == before + 1);
  close(more);
  CHECK(OpenDescriptors() == before);
}

}  // namespace
}  // namespace ndx::daemon
