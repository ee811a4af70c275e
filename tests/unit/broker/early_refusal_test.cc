#include "ndx/broker/early_refusal.h"

#include <catch2/catch.hpp>

#include "ndx/tests/support/error_reading.h"
#include "ndx/tests/support/exchange_fixture.h"
#include "ndx/tests/support/fake_server_call.h"

namespace ndx::broker {
namespace {

constexpr char kOwnId[] = "0198f3a4-0000-7000-8000-00000000002a";

struct Scene {
  Scene() {
    auto identity = std::make_shared<transport::PeerIdentity>();
    identity->connection_id = 7;
    peer = identity;
    f.x->peer = peer;
  }

  // The node was seen to need 400 ms for each record; all leaves of this second are taken, and
  // what may be taken on is.
  void Overload() {
    for (int window = 0; window < 5; ++window) {
      for (int i = 0; i < 10; ++i) capacity.Recorded(400'000'000, Now());
      f.loop.Advance(absl::Milliseconds(100));
    }
    REQUIRE(capacity.limited());
    Call();
    while (refusals.TryTakeLeaf(Now())) {
    }
    door.Remember(*f.x);
    for (int i = 0; i < 1000 && Decide() != EarlyRefusal::Verdict::kRefused; ++i) {
    }
  }

  tests::FakeServerCall& Call(transport::Metadata metadata = {}) {
    call = std::make_unique<tests::FakeServerCall>(f.loop.loop(), peer, f.x->path,
                                                   std::move(metadata));
    verdict = door.Decide(*call);
    return *call;
  }
  EarlyRefusal::Verdict Decide(transport::Metadata metadata = {}) {
    Call(std::move(metadata));
    return verdict;
  }
  int64_t Now() { return f.loop.clock().MonotonicNanos(); }

  tests::ExchangeFixture f{"Read"};
  Capacity capacity{{}};
  RefusalCounter refusals;
  telemetry::MetricRegistry registry;
  ExchangeMetrics metrics{registry};
  EarlyRefusal door{{.clock = f.loop.clock(),
                     .random = f.random,
                     .capacity = capacity,
                     .watch = f.watch,
                     .refusals = refusals,
                     .metrics = metrics},
                    tests::kNodeContact};
  std::shared_ptr<const transport::PeerIdentity> peer;
  std::unique_ptr<tests::FakeServerCall> call;
  EarlyRefusal::Verdict verdict = EarlyRefusal::Verdict::kUnknown;
};

TEST_CASE("a node that keeps up turns nobody away at the door") {
  Scene scene;
  scene.door.Remember(*scene.f.x);
  for (int i = 0; i < 1000; ++i) CHECK(scene.Decide() == EarlyRefusal::Verdict::kUnknown);
  CHECK(scene.call->finished == 0);
}

TEST_CASE("overloaded, it answers at once, as the stages would, and counts") {
  Scene scene;
  scene.Overload();
  const tests::FakeServerCall& call = scene.Call({{"ndx-exchange-id", kOwnId}});
  CHECK(scene.verdict == EarlyRefusal::Verdict::kRefused);
  CHECK(call.finished == 1);
  const auto error = tests::ReadErrorOf(call.status);
  CHECK(error.reason() == "NODE_OVERLOADED");
  CHECK(error.metadata.at("node") == tests::kNodeContact);
  CHECK(error.request_id == kOwnId);
  CHECK(*call.trailers.Find("ndx-exchange-id") == kOwnId);
  CHECK(error.retry_nanos >= 200'000'000);
  const std::string scraped = scene.registry.Exposition();
  CHECK(scraped.find("outcome=\"refused\",reason=\"NODE_OVERLOADED\"} 2") != std::string::npos);
  auto leaf = scene.refusals.TakeLeaf();
  REQUIRE(leaf.has_value());
  CHECK(leaf->handshakes_refused().at("NODE_OVERLOADED") == 2);
  // An id of its own where the caller has none.
  CHECK(core::ExchangeId::Parse(*scene.Call().trailers.Find("ndx-exchange-id")).ok());
}

TEST_CASE("what is not known, or may have a leaf, or is wrong in itself goes through the stages") {
  Scene scene;
  scene.Overload();
  CHECK(scene.Decide({{"ndx-exchange-id", "no id"}}) == EarlyRefusal::Verdict::kUnknown);
  auto other = std::make_shared<transport::PeerIdentity>();
  other->connection_id = 8;
  const auto known = std::exchange(scene.peer, other);
  CHECK(scene.Decide() == EarlyRefusal::Verdict::kUnknown);
  scene.peer = known;
  CHECK(scene.Decide() == EarlyRefusal::Verdict::kRefused);
  // A second later all is forgotten, and there are leaves again.
  scene.f.loop.Advance(absl::Seconds(1));
  CHECK(scene.Decide() == EarlyRefusal::Verdict::kUnknown);
  CHECK(scene.call->finished == 0);
}

TEST_CASE("who still has a part of the capacity is let in") {
  Scene scene;
  scene.Overload();
  scene.f.loop.Advance(absl::Milliseconds(100));
  while (scene.refusals.TryTakeLeaf(scene.Now())) {
  }
  CHECK(scene.Decide() == EarlyRefusal::Verdict::kLetIn);
  CHECK(scene.call->finished == 0);
}

}  // namespace
}  // namespace ndx::broker
