#include "ndx/broker/refusal_counter.h"

#include <catch2/catch.hpp>

namespace ndx::broker {
namespace {

constexpr int64_t kSecond = 1'000'000'000;

TEST_CASE("what is counted becomes one leaf, and is counted anew afterwards") {
  RefusalCounter counter;
  CHECK_FALSE(counter.TakeLeaf().has_value());
  counter.CountHandshake("no certificate");
  counter.CountHandshake("no certificate");
  counter.Count(exchange::v1::ERROR_REASON_CERTIFICATE_EXPIRED);
  const auto leaf = counter.TakeLeaf();
  REQUIRE(leaf.has_value());
  CHECK(leaf->event() == journal::v1::JOURNAL_EVENT_HANDSHAKES_REFUSED);
  CHECK(leaf->handshakes_refused().size() == 2);
  CHECK(leaf->handshakes_refused().at("no certificate") == 2);
  CHECK(leaf->handshakes_refused().at("CERTIFICATE_EXPIRED") == 1);
  CHECK_FALSE(counter.TakeLeaf().has_value());
}

TEST_CASE("the leaf holds as many causes as the journal takes, whatever is counted") {
  for (const size_t causes : {kRefusalCausesMax - 1, kRefusalCausesMax, 10 * kRefusalCausesMax}) {
    CAPTURE(causes);
    RefusalCounter counter;
    counter.CountHandshake("other");
    for (size_t i = 0; i < causes; ++i) counter.CountHandshake("cause " + std::to_string(i));
    counter.CountHandshake("cause 0");
    const auto leaf = counter.TakeLeaf();
    CHECK(journal::CheckLeaf(*leaf).ok());
    CHECK(leaf->handshakes_refused().size() == kRefusalCausesMax);
    CHECK(leaf->handshakes_refused().at("cause 0") == 2);
    CHECK(leaf->handshakes_refused().at("other") == 1 + causes - (kRefusalCausesMax - 1));
  }
}

TEST_CASE("a cause's name is cut to what the journal takes") {
  RefusalCounter counter;
  counter.CountHandshake(std::string(journal::kLeafHandshakeCauseBytesMax, 'a'));
  counter.CountHandshake(std::string(journal::kLeafHandshakeCauseBytesMax + 1, 'a'));
  const auto leaf = counter.TakeLeaf();
  CHECK(journal::CheckLeaf(*leaf).ok());
  CHECK(leaf->handshakes_refused().size() == 1);
}

TEST_CASE("leaves of their own: so many in any second, and not one more") {
  RefusalCounter counter;
  int64_t now = 100 * kSecond;
  for (int round = 0; round < 2; ++round) {
    for (int i = 0; i < kUnauthenticatedLeavesPerSecond; ++i) CHECK(counter.TryTakeLeaf(now));
    CHECK_FALSE(counter.TryTakeLeaf(now));
    CHECK_FALSE(counter.TryTakeLeaf(now + kSecond - 1));
    now += kSecond;
  }
}

}  // namespace
}  // namespace ndx::broker
