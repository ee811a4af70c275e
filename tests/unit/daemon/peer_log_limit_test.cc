#include "ndx/daemon/peer_log_limit.h"

#include <catch2/catch.hpp>

#include "absl/strings/str_cat.h"
#include "ndx/tests/support/fake_clock.h"

namespace ndx::daemon {
namespace {

TEST_CASE("a peer has its lines in a minute, and then the number of those held back") {
  tests::FakeClock clock;
  PeerLogLimit lines(clock);
  for (uint64_t i = 0; i < kPeerLinesPerMinute; ++i) {
    // Another port is the same peer.
    CHECK(lines.Admit("ping_flood", absl::StrCat("192.0.2.1:", 1000 + i)) == 0);
  }
  CHECK_FALSE(lines.Admit("ping_flood", "192.0.2.1:7").has_value());
  CHECK_FALSE(lines.Admit("ping_flood", "192.0.2.1:8").has_value());
  // Neither another peer nor another subject is held back by that.
  CHECK(lines.Admit("ping_flood", "[2001:db8::1]:7") == 0);
  CHECK(lines.Admit("rapid_reset", "192.0.2.1:7") == 0);
  clock.Advance(absl::Minutes(1) - absl::Nanoseconds(1));
  CHECK_FALSE(lines.Admit("ping_flood", "192.0.2.1:9").has_value());
  clock.Advance(absl::Nanoseconds(1));
  CHECK(lines.Admit("ping_flood", "192.0.2.1:9") == 3);
  CHECK(lines.Admit("ping_flood", "192.0.2.1:9") == 0);
}

TEST_CASE("peers beyond those remembered share one place") {
  tests::FakeClock clock;
  PeerLogLimit lines(clock);
  for (size_t i = 0; i < kPeersRemembered; ++i) {
    REQUIRE(lines.Admit("x", absl::StrCat("host-", i, ":1")) == 0);
  }
  size_t admitted = 0;
  for (size_t i = 0; i < 100; ++i) {
    if (lines.Admit("x", absl::StrCat("more-", i, ":1"))) ++admitted;
  }
  CHECK(admitted == kPeerLinesPerMinute);
  clock.Advance(absl::Minutes(1));
  CHECK(lines.Admit("x", "another:1") == 0);  // the old ones have been forgotten
  CHECK(lines.Admit("x", "host-0:1") == 0);
}

}  // namespace
}  // namespace ndx::daemon
