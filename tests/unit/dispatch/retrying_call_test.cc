// RetryingCall is private to src/dispatch: it is tested as the call that Dispatcher::Start gives.
#include <catch2/catch.hpp>

#include "dispatch_fixture.h"
#include "ndx/tests/support/temp_dir.h"

namespace ndx::dispatch {
namespace {

using transport::Delivery;
using transport::EndCause;
using State = CircuitBreaker::State;

// The longest pauses before the second and the third attempt, and a bit.
constexpr absl::Duration kFirstPause = absl::Milliseconds(51);
constexpr absl::Duration kSecondPause = absl::Milliseconds(101);

TEST_CASE("an answer is passed on, with one attempt and everything given back") {
  DispatchFixture f;
  auto call = f.Start("Read");
  REQUIRE(f.far.calls.size() == 1);
  CHECK(f.far.last().head.path == "/ledger.v1.LedgerService/Read");
  CHECK(f.far.last().head.metadata.Contains("ndx-exchange-id"));
  CHECK(f.far.last().head.expect_one_message);
  CHECK(f.far.last().request == "request");
  CHECK(f.state().line.calls() == 1);
  f.loop.Run([&] {
    f.far.last().observer->OnInitialMetadata({{"x-version", "2"}});
    f.far.last().Answer("answer");
  });
  REQUIRE(call->end.has_value());
  CHECK(call->initial->Contains("x-version"));
  CHECK(call->messages == std::vector<std::string>{"answer"});
  CHECK(call->end->delivery == Delivery::kAnswered);
  CHECK(call->end->attempts == 1);
  CHECK_FALSE(call->end->refusal.has_value());
  CHECK(f.state().line.calls() == 0);
}

TEST_CASE("the provider's own error is an answer, and is never tried again") {
  DispatchFixture f;
  auto call = f.Start("Read");
  f.loop.Run([&] { f.far.last().Status(14, "later"); });
  REQUIRE(call->end.has_value());
  CHECK(call->end->delivery == Delivery::kAnswered);
  CHECK(call->end->call.status.code == 14);
  CHECK(f.far.calls.size() == 1);
  CHECK(f.state().breaker.state() == State::kClosed);
}

struct RetryCase {
  std::string name;
  std::string method;
  EndCause cause;
  Delivery delivery;
  bool again;
};

TEST_CASE("only idempotent methods are tried again, and only after what passes by itself") {
  const RetryCase cases[] = {
      {"read, no connection", "Read", EndCause::kConnectFailed, Delivery::kNotSent, true},
      {"read, refused stream", "Read", EndCause::kRefusedStream, Delivery::kNotSent, true},
      {"read, going away", "Read", EndCause::kGoAway, Delivery::kNotSent, true},
      {"read, reset", "Read", EndCause::kReset, Delivery::kSentAnswerUnknown, true},
      {"read, lost", "Read", EndCause::kConnectionLost, Delivery::kSentAnswerUnknown, true},
      {"read, queue full", "Read", EndCause::kQueueFull, Delivery::kNotSent, false},
      {"read, malformed", "Read", EndCause::kMalformedAnswer, Delivery::kSentAnswerUnknown, false},
      {"read, too large", "Read", EndCause::kAnswerTooLarge, Delivery::kSentAnswerUnknown, false},
      {"read, protocol", "Read", EndCause::kProtocolError, Delivery::kSentAnswerUnknown, false},
      {"read, channel closed", "Read", EndCause::kChannelClosed, Delivery::kSentAnswerUnknown,
       false},
      {"change, not even sent", "Change", EndCause::kConnectFailed, Delivery::kNotSent, false},
      {"change, lost", "Change", EndCause::kConnectionLost, Delivery::kSentAnswerUnknown, false},
      {"idempotent change, lost", "ChangeOnce", EndCause::kConnectionLost,
       Delivery::kSentAnswerUnknown, true},
  };
  for (const RetryCase& each : cases) {
    CAPTURE(each.name);
    DispatchFixture f;
    auto call = f.Start(each.method);
    f.Break(each.cause, each.delivery);
    CHECK(call->end.has_value() != each.again);
    CHECK(f.state().line.calls() == 0);
    f.loop.Advance(kFirstPause);
    CHECK(f.far.calls.size() == (each.again ? 2U : 1U));
    f.loop.Run([&] { call->call.reset(); });
    CHECK(f.state().line.calls() == 0);
  }
}

TEST_CASE("the pause lies between half and all of the back-off, doubled each time") {
  DispatchFixture f;
  auto call = f.Start("Read");
  f.Break(EndCause::kReset, Delivery::kSentAnswerUnknown);
  f.loop.Advance(absl::Milliseconds(24));
  CHECK(f.far.calls.size() == 1);
  f.loop.Advance(absl::Milliseconds(27));
  CHECK(f.far.calls.size() == 2);
  f.Break(EndCause::kReset, Delivery::kSentAnswerUnknown);
  f.loop.Advance(absl::Milliseconds(49));
  CHECK(f.far.calls.size() == 2);
  f.loop.Advance(absl::Milliseconds(52));
  CHECK(f.far.calls.size() == 3);
  f.Break(EndCause::kReset, Delivery::kSentAnswerUnknown);
  REQUIRE(call->end.has_value());
  CHECK(call->end->attempts == 3);
  CHECK(call->reason() == "READ_BROKEN_OFF");
}

TEST_CASE("no retry begins after the deadline: the failure is told at once") {
  DispatchFixture f;
  auto call = f.Start("Read", absl::Milliseconds(25));
  f.Break(EndCause::kConnectFailed, Delivery::kNotSent);
  REQUIRE(call->end.has_value());
  CHECK(call->reason() == "PROVIDER_DOWN");
}

TEST_CASE(
    "a stop order ends retries, those that wait too; what is asked for the first time goes on") {
  const tests::TempDir directory;
  const auto stops = StopSwitch::Open(directory.File("stops.yaml"));
  REQUIRE(stops.ok());
  const StopOrder order{
      .scope = {.service = "ledger.v1.LedgerService"}, .operator_name = "an", .reason = "SC 1"};
  DispatchFixture f;
  f.states.Obey(**stops);
  auto waits = f.Start("Read");
  f.Break(EndCause::kReset, Delivery::kSentAnswerUnknown);
  REQUIRE_FALSE(waits->end.has_value());
  REQUIRE((*stops)->Stop(order).ok());
  f.loop.Advance(kFirstPause);
  REQUIRE(waits->end.has_value());
  CHECK(waits->reason() == "READ_BROKEN_OFF");
  CHECK(waits->end->attempts == 1);
  CHECK(f.far.calls.size() == 1);

  auto later = f.Start("Read");
  CHECK(f.far.calls.size() == 2);
  f.Break(EndCause::kReset, Delivery::kSentAnswerUnknown);
  CHECK(later->end.has_value());
  REQUIRE((*stops)->Resume(order.scope).ok());
  auto again = f.Start("Read");
  f.Break(EndCause::kReset, Delivery::kSentAnswerUnknown);
  f.loop.Advance(kFirstPause);
  CHECK(f.far.calls.size() == 4);
}

TEST_CASE("what was delivered once is never asked for again") {
  DispatchFixture f;
  SECTION("a message") {
    auto call = f.Start("List");
    f.loop.Run([&] { f.far.last().Message("one"); });
    f.Break(EndCause::kConnectionLost, Delivery::kSentAnswerUnknown);
    REQUIRE(call->end.has_value());
    CHECK(call->reason() == "READ_BROKEN_OFF");
    CHECK(call->messages.size() == 1);
  }
  SECTION("initial metadata") {
    auto call = f.Start("List");
    f.loop.Run([&] { f.far.last().observer->OnInitialMetadata({}); });
    f.Break(EndCause::kConnectionLost, Delivery::kSentAnswerUnknown);
    CHECK(call->end.has_value());
  }
  CHECK(f.far.calls.size() == 1);
}

TEST_CASE("retries end with the budget, whatever the number of calls") {
  DispatchFixture f;
  // A budget of ten is saved up at the start, and a call earns a tenth of a retry.
  int again = 0;
  for (int i = 0; i < 30; ++i) {
    auto call = f.Start("Read");
    const size_t before = f.far.calls.size();
    f.Break(EndCause::kGoAway, Delivery::kNotSent);
    f.loop.Advance(kFirstPause);
    if (f.far.calls.size() > before) {
      ++again;
      f.loop.Run([&] { f.far.last().Answer(""); });
    }
    REQUIRE(call->end.has_value());
    // Keeps the breaker shut, which would stop the calls for another reason.
    auto good = f.Start("Read");
    f.loop.Run([&] { f.far.last().Answer(""); });
  }
  CHECK(again >= 10);
  CHECK(again <= 16);
}

TEST_CASE("what an earlier attempt left open stays open") {
  DispatchFixture f;
  auto call = f.Start("ChangeOnce");
  f.Break(EndCause::kConnectionLost, Delivery::kSentAnswerUnknown);
  f.loop.Advance(kFirstPause);
  REQUIRE(f.far.calls.size() == 2);
  SECTION("the last attempt was not sent") {
    f.Break(EndCause::kConnectFailed, Delivery::kNotSent);
    f.loop.Advance(kSecondPause);
    f.Break(EndCause::kConnectFailed, Delivery::kNotSent);
    REQUIRE(call->end.has_value());
    CHECK(call->end->delivery == Delivery::kSentAnswerUnknown);
    CHECK(call->reason() == "CHANGE_BROKEN_OFF");
  }
  SECTION("the deadline passes before the next attempt can be made") {
    f.Break(EndCause::kConnectFailed, Delivery::kNotSent);
    f.loop.Advance(absl::Seconds(11));
    REQUIRE(call->end.has_value());
    CHECK(call->end->delivery == Delivery::kSentAnswerUnknown);
    CHECK(call->reason() == "CHANGE_BROKEN_OFF");
    CHECK(call->end->attempts == 2);
  }
  SECTION("the last attempt was answered: the answer says whether it is all") {
    f.loop.Run([&] { f.far.last().Status(14); });
    REQUIRE(call->end.has_value());
    CHECK(call->end->delivery == Delivery::kAnswered);
    CHECK(call->end->earlier_attempt_unknown);
  }
}

TEST_CASE("an answer after a clean failure leaves nothing open") {
  DispatchFixture f;
  auto call = f.Start("ChangeOnce");
  f.Break(EndCause::kRefusedStream, Delivery::kNotSent);
  f.loop.Advance(kFirstPause);
  f.loop.Run([&] { f.far.last().Answer("done"); });
  REQUIRE(call->end.has_value());
  CHECK_FALSE(call->end->earlier_attempt_unknown);
  CHECK(call->end->attempts == 2);
}

TEST_CASE("a call is cancelled while it runs and while it waits to be tried again") {
  DispatchFixture f;
  auto call = f.Start("Read");
  SECTION("while it runs") {
    f.loop.Run([&] { call->call->Cancel(); });
    CHECK(f.far.last().cancelled);
    CHECK_FALSE(call->end.has_value());
    f.Break(EndCause::kCancelled, Delivery::kSentAnswerUnknown);
  }
  SECTION("while it waits") {
    f.Break(EndCause::kGoAway, Delivery::kNotSent);
    f.loop.Run([&] {
      call->call->Cancel();
      call->call->Cancel();
    });
  }
  REQUIRE(call->end.has_value());
  CHECK(call->reason() == "CANCELLED");
  CHECK(f.far.calls.size() == 1);
  CHECK(f.state().line.calls() == 0);
  CHECK(f.state().breaker.state() == State::kClosed);
}

TEST_CASE("a call that is destroyed gives its place back and tells nobody") {
  DispatchFixture f;
  auto call = f.Start("Read");
  CHECK(f.state().line.calls() == 1);
  f.loop.Run([&] { call->call.reset(); });
  CHECK(f.state().line.calls() == 0);
  CHECK_FALSE(call->end.has_value());
  CHECK(f.far.last().observer == nullptr);
}

TEST_CASE("too little time: nothing is sent") {
  DispatchFixture f;
  auto call = f.Start("Read", absl::ZeroDuration());
  REQUIRE(call->end.has_value());
  CHECK(call->reason() == "DEADLINE_BEFORE_SENDING");
  CHECK(call->end->delivery == Delivery::kNotSent);
  CHECK(call->end->attempts == 0);
  CHECK(f.far.calls.empty());
  auto enough = f.Start("Read", absl::Nanoseconds(1));
  CHECK(f.far.calls.size() == 1);
}

TEST_CASE("the provider's places: all of them, and not one more") {
  DispatchFixture f;
  std::vector<std::unique_ptr<KeepingObserver>> running;
  for (int i = 0; i < 4; ++i) running.push_back(f.Start("Read"));
  CHECK(f.far.calls.size() == 4);
  auto refused = f.Start("Read");
  REQUIRE(refused->end.has_value());
  CHECK(refused->reason() == "PROVIDER_BUSY");
  CHECK(refused->end->delivery == Delivery::kNotSent);
  CHECK(refused->end->refusal->parameters.at("limit") == "4");
  CHECK(refused->end->refusal->retry_after.has_value());
  f.loop.Run([&] { f.far.calls[0]->Answer(""); });
  auto next = f.Start("Read");
  CHECK_FALSE(next->end.has_value());
}

// Failures in a row that open the breaker, from the registry's default.
constexpr int kFailuresToOpen = 5;

TEST_CASE("failures in a row open the breaker, and a probe closes it") {
  DispatchFixture f;
  for (int i = 0; i < kFailuresToOpen; ++i) {
    auto call = f.Start("Change");
    CHECK(f.state().breaker.state() == State::kClosed);
    f.Break(EndCause::kConnectFailed, Delivery::kNotSent);
  }
  CHECK(f.state().breaker.state() == State::kOpen);
  CHECK(f.state().down_since_unix_nanos.load() != 0);
  auto refused = f.Start("Change");
  REQUIRE(refused->end.has_value());
  CHECK(refused->reason() == "PROVIDER_DOWN");
  CHECK(refused->end->refusal->retry_after == absl::Seconds(10));
  CHECK(f.far.calls.size() == kFailuresToOpen);

  f.loop.Advance(absl::Seconds(10));
  auto probe = f.Start("Change");
  CHECK_FALSE(probe->end.has_value());
  auto second = f.Start("Change");
  CHECK(second->reason() == "PROVIDER_DOWN");
  f.loop.Run([&] { f.far.last().Answer("back"); });
  CHECK(f.state().breaker.state() == State::kClosed);
  CHECK(f.state().down_since_unix_nanos.load() == 0);
}

TEST_CASE("a probe that is given up frees the way for the next one") {
  DispatchFixture f;
  for (int i = 0; i < kFailuresToOpen; ++i) {
    auto call = f.Start("Change");
    f.Break(EndCause::kConnectFailed, Delivery::kNotSent);
  }
  f.loop.Advance(absl::Seconds(10));
  auto probe = f.Start("Change");
  SECTION("destroyed") {
    f.loop.Run([&] { probe->call.reset(); });
  }
  SECTION("cancelled") {
    f.loop.Run([&] { probe->call->Cancel(); });
    f.Break(EndCause::kCancelled, Delivery::kSentAnswerUnknown);
  }
  auto next = f.Start("Change");
  CHECK_FALSE(next->end.has_value());
}

TEST_CASE("what is the caller's doing does not open the breaker") {
  DispatchFixture f;
  for (int i = 0; i < 3 * kFailuresToOpen; ++i) {
    auto call = f.Start("Change", absl::Seconds(4));
    SECTION("a deadline shorter than anybody can judge by") {
      f.loop.Advance(absl::Seconds(4));
      f.Break(EndCause::kDeadline, Delivery::kSentAnswerUnknown);
    }
    SECTION("a cancelled call") { f.Break(EndCause::kCancelled, Delivery::kSentAnswerUnknown); }
    SECTION("an answer that is too large") {
      f.Break(EndCause::kAnswerTooLarge, Delivery::kSentAnswerUnknown);
    }
    SECTION("a full queue") { f.Break(EndCause::kQueueFull, Delivery::kNotSent); }
    SECTION("an error that the provider answered") {
      f.loop.Run([&] { f.far.last().Status(13); });
    }
    CHECK(f.state().breaker.state() == State::kClosed);
  }
}

TEST_CASE("a provider that hangs for as long as it may opens the breaker") {
  DispatchFixture f;
  for (int i = 0; i < kFailuresToOpen; ++i) {
    auto call = f.Start("Change", absl::Seconds(5));
    f.loop.Advance(absl::Seconds(5));
    f.Break(EndCause::kDeadline, Delivery::kSentAnswerUnknown);
    REQUIRE(call->end.has_value());
    CHECK(call->reason() == "CHANGE_TIMED_OUT");
  }
  CHECK(f.state().breaker.state() == State::kOpen);
}

TEST_CASE("received bytes are given back to the attempt under way") {
  DispatchFixture f;
  auto call = f.Start("List");
  f.loop.Run([&] {
    f.far.last().Message("four");
    call->call->ReleaseReceived(4);
  });
  CHECK(f.far.last().released == 4);
}

}  // namespace
}  // namespace ndx::dispatch
