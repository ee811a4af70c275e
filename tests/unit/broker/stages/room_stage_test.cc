#include "ndx/broker/stages/room_stage.h"

#include <catch2/catch.hpp>

#include "ndx/tests/support/exchange_fixture.h"
#include "ndx/tests/support/fake_upstream.h"

namespace ndx::broker {
namespace {

constexpr uint32_t kPlaces = 4;  // of the ledger

class RoomStageFixture : public tests::ExchangeFixture {
 public:
  explicit RoomStageFixture(const std::string& method = "Read") : ExchangeFixture(method) {
    dispatcher = std::make_unique<dispatch::Dispatcher>(loop.loop(), random, states, far.source());
    state = states.Get(*x->route.provider);
  }
  ~RoomStageFixture() {
    loop.Run([this] {
      pipeline.reset();
      x->place = dispatch::ProviderPlace();
      dispatcher.reset();
    });
  }

  void Enter() { Enter(watch); }
  void Enter(const LimitWatch& with) {
    ExchangeFixture::Enter(
        std::make_unique<RoomStage>(*pipeline, loop.clock(), admission, *dispatcher, sizes, with));
  }
  // Others have all the provider's places.
  void TakeAll() {
    for (uint32_t i = 0; i < kPlaces; ++i) REQUIRE(state->line.TryEnter({.consumer = "other"}));
  }
  void OtherEnds() {
    const int64_t now = loop.clock().MonotonicNanos();
    loop.Run([&] { state->line.Leave("other", now - 1'000'000, now); });
  }

  tests::FakeUpstream far;
  dispatch::ProviderStates states;
  std::unique_ptr<dispatch::Dispatcher> dispatcher;
  std::shared_ptr<dispatch::ProviderState> state;
  AnswerSizes sizes;
};

TEST_CASE("a free place is taken at once, and given back when the exchange lets go of it") {
  RoomStageFixture f;
  f.Enter();
  CHECK(f.passed == 1);
  CHECK(f.x->place.taken());
  CHECK(f.state->line.calls() == 1);
  CHECK(f.x->waited_nanos == 0);
  f.x->place = dispatch::ProviderPlace();
  CHECK(f.state->line.calls() == 0);
}

TEST_CASE("where all places are taken the exchange waits, and goes on when its turn comes") {
  RoomStageFixture f;
  f.TakeAll();
  f.Enter();
  CHECK(f.passed == 0);
  CHECK(f.state->line.waiting() == 1);
  f.loop.Advance(absl::Milliseconds(200));
  f.OtherEnds();
  CHECK(f.passed == 1);
  CHECK(f.x->outcome == Outcome::kUndecided);
  CHECK(f.x->place.taken());
  CHECK(f.x->waited_nanos == 200'000'000);
  CHECK(f.state->line.calls() == kPlaces);
  f.loop.Advance(absl::Minutes(1));  // its timer is gone
  CHECK(f.passed == 1);
}

TEST_CASE("who waited in vain is told that the provider is busy, and when to come again") {
  RoomStageFixture f;
  f.TakeAll();
  f.Enter();
  f.loop.Advance(absl::Milliseconds(999));
  CHECK(f.passed == 0);
  f.loop.Advance(absl::Milliseconds(1));
  CHECK(f.passed == 1);
  CHECK(f.reason() == "PROVIDER_BUSY");
  CHECK(f.x->outcome == Outcome::kRefused);
  CHECK(f.x->refusal->parameters.at("limit") == "4");
  CHECK(f.x->refusal->retry_after == absl::Seconds(1));
  CHECK(f.state->line.waiting() == 0);
}

TEST_CASE("what cannot be answered before its deadline any more is not sent") {
  RoomStageFixture f;
  f.TakeAll();
  f.x->caller_deadline_nanos = f.x->received_nanos + 500'000'000;
  f.Enter();
  REQUIRE(f.passed == 0);
  f.loop.Advance(absl::Milliseconds(474));  // 475 less the margin
  const int64_t now = f.loop.clock().MonotonicNanos();
  f.loop.Run([&] { f.state->line.Leave("other", now - 20'000'000, now); });
  CHECK(f.passed == 1);
  CHECK(f.reason() == "DEADLINE_BEFORE_SENDING");
  CHECK_FALSE(f.x->place.taken());
}

TEST_CASE("a line that would take too long is not joined") {
  RoomStageFixture f;
  f.TakeAll();
  const int64_t now = f.loop.clock().MonotonicNanos();
  f.loop.Run([&] { f.state->line.Leave("other", now - 4'000'000'000, now); });
  REQUIRE(f.state->line.TryEnter({.consumer = "other"}));
  f.Enter();
  CHECK(f.passed == 1);
  CHECK(f.reason() == "PROVIDER_BUSY");
  CHECK(f.x->refusal->retry_after == absl::Seconds(1));  // four seconds by four places
}

TEST_CASE("in shadow mode the provider's limit holds nobody up") {
  RoomStageFixture f;
  telemetry::MetricRegistry metrics;
  const LimitWatch shadow({Limit::kProviderCalls}, metrics, f.limit_log);
  f.TakeAll();
  f.Enter(shadow);
  f.loop.Advance(absl::Seconds(1));
  CHECK(f.passed == 1);
  CHECK(f.x->outcome == Outcome::kUndecided);
  CHECK(f.x->place.taken());
  CHECK(f.state->line.calls() == kPlaces);
  CHECK(f.limit_log.CountOf(telemetry::LogEvent::kLimitInShadow) == 1);
}

TEST_CASE("nobody waits for a provider that is down") {
  RoomStageFixture f;
  f.TakeAll();
  for (int i = 0; i < 100; ++i) f.state->breaker.Failed(f.loop.clock().MonotonicNanos());
  REQUIRE(f.state->breaker.state() == dispatch::CircuitBreaker::State::kOpen);
  f.Enter();
  CHECK(f.passed == 1);
  CHECK(f.x->outcome == Outcome::kUndecided);
  CHECK_FALSE(f.x->place.taken());
}

TEST_CASE("memory for the expected answer is set aside before anything is sent, or it is refused") {
  RoomStageFixture f;
  f.sizes.Saw(f.x->path, 32'000);
  const uint64_t bytes = f.sizes.Expected(f.x->path) * kMemoryCopies;
  REQUIRE(bytes == 1000 * kMemoryCopies);
  SECTION("there is room") {
    f.Enter();
    CHECK(f.x->memory_taken == bytes);
    CHECK(f.x->answer_memory == bytes);
    CHECK(f.admission.memory_bytes() == bytes);
  }
  SECTION("there is none") {
    const uint64_t most = f.admission.options().memory_bytes_per_consumer_max;
    REQUIRE(f.admission.TryTakeMemory(tests::OneStop(), most - bytes + 1));
    f.Enter();
    CHECK(f.reason() == "NODE_OVERLOADED");
    CHECK(f.x->refusal->retry_after == absl::Seconds(1));
    CHECK(f.state->line.calls() == 0);
    CHECK(f.x->memory_taken == 0);
  }
}

TEST_CASE("a stream's messages take their memory one by one") {
  RoomStageFixture f("List");
  f.sizes.Saw(f.x->path, 32'000);
  f.Enter();
  CHECK(f.x->memory_taken == 0);
}

}  // namespace
}  // namespace ndx::broker
