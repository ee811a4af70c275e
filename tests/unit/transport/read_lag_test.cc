#include "ndx/transport/read_lag.h"

#include <catch2/catch.hpp>

namespace ndx::transport {
namespace {

TEST_CASE("as long as everything is read at once nothing has waited") {
  ReadLag lag;
  CHECK(lag.Nanos(5) == 0);
  lag.Read(1000, 10);
  lag.Emptied();
  lag.Read(1000, 20);
  CHECK(lag.WantsLeft());
  lag.Left(0, 20);
  CHECK(lag.Nanos(30) == 0);
}

TEST_CASE("bytes have waited from when they were seen unread until they are read") {
  ReadLag lag;
  lag.Left(1000, 100);
  CHECK_FALSE(lag.WantsLeft());
  // Not yet all of them: at least so long.
  lag.Read(999, 150);
  CHECK(lag.Nanos(160) == 60);
  lag.Read(1, 180);
  CHECK(lag.WantsLeft());
  CHECK(lag.Nanos(180) == 80);
  // As measured last, until it is measured again.
  CHECK(lag.Nanos(500) == 80);
  lag.Left(400, 500);
  CHECK(lag.Nanos(510) == 80);
  CHECK(lag.Nanos(600) == 100);
  lag.Read(500, 520);
  CHECK(lag.Nanos(600) == 20);
  lag.Emptied();
  CHECK(lag.Nanos(600) == 0);
}

}  // namespace
}  // namespace ndx::transport
