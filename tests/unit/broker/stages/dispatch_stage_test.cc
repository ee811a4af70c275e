#include "ndx/broker/stages/dispatch_stage.h"

#include <catch2/catch.hpp>

#include "ndx/broker/error_answer.h"
#include "ndx/tests/support/exchange_fixture.h"
#include "ndx/tests/support/fake_upstream.h"

namespace ndx::broker {
namespace {

using transport::Delivery;
using transport::EndCause;

class DispatchStageFixture : public tests::ExchangeFixture {
 public:
  explicit DispatchStageFixture(const std::string& method,
                                const core::SystemId& consumer = tests::OneStop())
      : ExchangeFixture(method, consumer) {
    dispatcher = std::make_unique<dispatch::Dispatcher>(loop.loop(), random, states, far.source());
    if (x->streams()) {
      x->spill = *journal.StartSpill("", x->id, nullptr, nullptr);
      x->opened = true;
    }
  }
  ~DispatchStageFixture() {
    loop.Run([this] {
      pipeline.reset();
      dispatcher.reset();
    });
  }

  void Dispatch() {
    Enter(std::make_unique<DispatchStage>(*pipeline, loop.clock(), random, admission, *dispatcher,
                                          sizes, hops, sign_relay, tests::kNodeContact));
  }
  void Far(const std::function<void(tests::FakeUpstream::Attempt&)>& act) {
    loop.Run([&] { act(far.last()); });
  }

  tests::FakeUpstream far;
  AnswerSizes sizes;
  HopTimes hops;
  RelaySigner sign_relay;
  dispatch::ProviderStates states;
  std::unique_ptr<dispatch::Dispatcher> dispatcher;
};

TEST_CASE("the deadline: the caller's or the method's, at most the longest, less a margin") {
  struct Case {
    std::string name;
    absl::Duration caller;  // zero: none
    absl::Duration spent;
    absl::Duration expected;  // from the beginning
  };
  const Case cases[] = {
      {"the method's ten seconds", absl::ZeroDuration(), absl::ZeroDuration(),
       absl::Milliseconds(9800)},
      {"the caller's two seconds", absl::Seconds(2), absl::ZeroDuration(),
       absl::Milliseconds(1900)},
      {"at most thirty seconds", absl::Minutes(10), absl::ZeroDuration(),
       absl::Milliseconds(29800)},
      {"half of it is over", absl::Seconds(2), absl::Seconds(1), absl::Milliseconds(1950)},
      {"a millisecond", absl::Milliseconds(1), absl::ZeroDuration(), absl::ZeroDuration()},
      {"over", absl::Seconds(1), absl::Seconds(2), absl::Milliseconds(999)},
  };
  for (const Case& each : cases) {
    CAPTURE(each.name);
    tests::ExchangeFixture f("Read");
    const int64_t began = f.x->received_nanos;
    if (each.caller > absl::ZeroDuration()) {
      f.x->caller_deadline_nanos = began + absl::ToInt64Nanoseconds(each.caller);
    }
    const int64_t now = began + absl::ToInt64Nanoseconds(each.spent);
    CHECK(absl::Nanoseconds(ProviderDeadline(*f.x, now) - began) == each.expected);
  }
}

struct OutcomeCase {
  std::string name;
  EndCause cause;
  Delivery delivery;
  int code;
  Outcome read;
  Outcome change;
};

TEST_CASE("the outcome follows from delivery, the provider's words and the method's effect") {
  const OutcomeCase cases[] = {
      {"answered", EndCause::kAnswered, Delivery::kAnswered, 0, Outcome::kAnswered,
       Outcome::kAnswered},
      {"its own error", EndCause::kAnswered, Delivery::kAnswered, 5, Outcome::kAnswered,
       Outcome::kAnswered},
      {"nothing was done", EndCause::kAnswered, Delivery::kAnswered, 14, Outcome::kAnswered,
       Outcome::kAnswered},
      {"CANCELLED", EndCause::kAnswered, Delivery::kAnswered, 1, Outcome::kAnswered,
       Outcome::kInDoubt},
      {"UNKNOWN", EndCause::kAnswered, Delivery::kAnswered, 2, Outcome::kAnswered,
       Outcome::kInDoubt},
      {"DEADLINE_EXCEEDED", EndCause::kAnswered, Delivery::kAnswered, 4, Outcome::kAnswered,
       Outcome::kInDoubt},
      {"a code nobody knows", EndCause::kAnswered, Delivery::kAnswered, 99, Outcome::kAnswered,
       Outcome::kInDoubt},
      {"no connection", EndCause::kConnectFailed, Delivery::kNotSent, 14, Outcome::kFailed,
       Outcome::kFailed},
      {"lost", EndCause::kMalformedAnswer, Delivery::kSentAnswerUnknown, 13, Outcome::kFailed,
       Outcome::kInDoubt},
  };
  for (const OutcomeCase& each : cases) {
    CAPTURE(each.name);
    for (const bool change : {false, true}) {
      DispatchStageFixture f(change ? "Change" : "Read");
      f.Dispatch();
      f.Far([&](auto& far) {
        if (each.cause == EndCause::kAnswered) {
          far.Status(each.code);
        } else {
          far.Break(each.cause, each.delivery);
        }
      });
      // A read is tried again where that may help.
      while (f.passed == 0) {
        f.loop.Advance(absl::Milliseconds(200));
        f.Far([&](auto& far) { far.Break(each.cause, each.delivery); });
      }
      CHECK(f.x->outcome == (change ? each.change : each.read));
      CHECK(f.x->refusal.has_value() == (f.x->outcome != Outcome::kAnswered));
      CHECK(f.x->status.code <= 16);
      CHECK(f.x->call == nullptr);
      CHECK(f.x->observer == nullptr);
    }
  }
}

TEST_CASE("'nothing was done' from a second attempt does not speak for the first") {
  for (const int code : {8, 14, 5}) {
    DispatchStageFixture f("ChangeOnce");
    f.Dispatch();
    f.Far([](auto& far) { far.Break(EndCause::kConnectionLost, Delivery::kSentAnswerUnknown); });
    f.loop.Advance(absl::Milliseconds(60));
    REQUIRE(f.far.calls.size() == 2);
    f.Far([&](auto& far) { far.Status(code); });
    CHECK(f.x->outcome == (code == 5 ? Outcome::kAnswered : Outcome::kInDoubt));
    CHECK(f.reason() == (code == 5 ? "" : "OUTCOME_UNKNOWN"));
    CHECK(f.x->attempts == 2);
  }
}

TEST_CASE("a change in doubt from before stays so until it is answered") {
  struct Case {
    EndCause cause;
    Delivery delivery;
    int code;
    Outcome outcome;
    std::string reason;
  };
  const Case cases[] = {
      {EndCause::kAnswered, Delivery::kAnswered, 0, Outcome::kAnswered, ""},
      {EndCause::kAnswered, Delivery::kAnswered, 14, Outcome::kInDoubt, "OUTCOME_UNKNOWN"},
      {EndCause::kQueueFull, Delivery::kNotSent, 14, Outcome::kInDoubt, "OUTCOME_UNKNOWN"},
      {EndCause::kDeadline, Delivery::kSentAnswerUnknown, 4, Outcome::kInDoubt, "CHANGE_TIMED_OUT"},
  };
  for (const Case& each : cases) {
    CAPTURE(each.code, each.reason);
    DispatchStageFixture f("ChangeOnce");
    f.x->doubted = true;
    f.Dispatch();
    f.Far([&](auto& far) {
      if (each.cause == EndCause::kAnswered) return far.Status(each.code);
      far.Break(each.cause, each.delivery);
    });
    CHECK(f.x->outcome == each.outcome);
    CHECK(f.reason() == each.reason);
  }
}

TEST_CASE("times, attempts and trailers are kept, and metadata filtered") {
  DispatchStageFixture f("Read");
  f.Dispatch();
  f.loop.Advance(absl::Milliseconds(7));
  f.Far([](auto& far) {
    far.observer->OnInitialMetadata({{"x-a", "1"}, {"ndx-consumer", "forged"}});
    far.Message("answer");
    transport::CallEnd end{.delivery = Delivery::kAnswered, .cause = EndCause::kAnswered};
    end.trailers = {{"x-t", "1"}};
    far.End(std::move(end));
  });
  CHECK(f.x->provider_nanos == 7'000'000);
  CHECK(f.x->attempts == 1);
  CHECK(f.x->provider_initial == transport::Metadata({{"x-a", "1"}}));
  CHECK(f.x->provider_trailers.Contains("x-t"));
  CHECK(f.x->answer.size() == 1);
  CHECK(f.x->memory_taken == 6 * kMemoryCopies);
  CHECK(f.far.last().released == 6);
  // A unary answer's metadata waits for the record.
  CHECK_FALSE(f.caller.initial.has_value());
  f.admission.ReleaseMemory(tests::OneStop(), 6 * kMemoryCopies);
}

TEST_CASE("a caller that has gone before sending: nothing is sent") {
  for (const char* method : {"Read", "Change"}) {
    DispatchStageFixture f(method);
    f.x->caller_gone = true;
    f.Dispatch();
    CHECK(f.reason() == "CANCELLED");
    CHECK(f.x->outcome == Outcome::kRefused);
    CHECK(f.far.calls.empty());
  }
}

TEST_CASE("a stream: initial metadata and messages go on at once") {
  DispatchStageFixture f("List", tests::Insurer());
  f.Dispatch();
  f.Far([](auto& far) {
    far.observer->OnInitialMetadata({{"x-a", "1"}, {"ndx-a", "2"}});
    far.Message(tests::EntryBytes("k", "s", ""));
  });
  CHECK(*f.caller.initial == transport::Metadata({{"x-a", "1"}}));
  CHECK(f.caller.messages == std::vector<std::string>{tests::EntryBytes("k", "", "")});
  CHECK(f.x->spill->messages() == 1);
  CHECK(f.far.last().released == 6);
  CHECK(f.admission.memory_bytes() == 0);
}

TEST_CASE("a stream waits for its reader past the limit, and not before") {
  DispatchStageFixture f("List");
  f.Dispatch();
  f.caller.pending = kStreamPendingBytesMax;
  f.Far([](auto& far) { far.Message("four"); });
  CHECK(f.far.last().released == 4);
  f.caller.pending = kStreamPendingBytesMax + 1;
  f.Far([](auto& far) { far.Message("four"); });
  CHECK(f.far.last().released == 4);
  CHECK(f.admission.memory_bytes() == 4);
  f.loop.Run([&] { ReleaseStreamed(*f.x, f.admission); });
  CHECK(f.far.last().released == 8);
  CHECK(f.admission.memory_bytes() == 0);
}

TEST_CASE("a stream that has failed delivers nothing more, though more comes") {
  DispatchStageFixture f("List");
  f.Dispatch();
  f.Far([&](auto& far) {
    f.journal.FailSpilling(absl::UnavailableError("disk"));
    far.Message("lost");
    f.journal.FailSpilling(absl::OkStatus());
    far.Message("after the gap");
  });
  CHECK(f.far.last().cancelled);
  CHECK(f.caller.messages.empty());
  f.Far([](auto& far) { far.Status(0); });
  CHECK(f.x->outcome == Outcome::kFailed);
  CHECK(f.reason() == "ANSWER_NOT_RECORDED");
  CHECK(f.x->refusal->parameters.at("node") == tests::kNodeContact);
}

TEST_CASE("a stream whose reader has gone is sealed to its end where it changes something") {
  DispatchStageFixture f("Apply");
  f.Dispatch();
  f.x->caller_gone = true;
  f.Far([](auto& far) {
    far.Message("one");
    far.Message("two");
  });
  CHECK(f.x->spill->messages() == 2);
  CHECK(f.caller.messages.empty());
  CHECK(f.far.last().released == 6);
}

TEST_CASE("a stage that goes ends its calls and frees their exchanges") {
  DispatchStageFixture f("Change");
  f.Dispatch();
  const std::weak_ptr<Exchange> weak = f.x;
  f.loop.Run([&] { f.pipeline.reset(); });
  CHECK(f.far.last().observer == nullptr);
  CHECK(f.x->call == nullptr);
  CHECK(f.x.use_count() == 1);
  f.pipeline = std::make_unique<Pipeline>();
}

// The provider is behind the insurer's node.
class PeerDispatchFixture : public DispatchStageFixture {
 public:
  explicit PeerDispatchFixture(const std::string& method) : DispatchStageFixture(method) {
    peer.system = registry->FindSystem("VN:GOV:G24:bhxh");
    provider = *x->route.provider;
    provider.via = &peer;
    x->route.provider = &provider;
    x->relay_path = {tests::LedgerNode()};
    sign_relay = [](const crypto::RelayClaims&) { return std::string("signed"); };
  }
  // The call ends with an error as a node has it.
  void Refuse(exchange::v1::ErrorReason reason) {
    Far([&](auto& call) {
      transport::CallEnd end{.status = RenderRefusal({.reason = reason}, x->id, "VN:GOV:G24:bhxh"),
                             .delivery = Delivery::kAnswered,
                             .cause = EndCause::kAnswered};
      end.trailers.Add("ndx-receipt-bin", "receipt");
      call.End(std::move(end));
    });
  }

  registry::PeerEntry peer;
  registry::ProviderEntry provider;
};

TEST_CASE("a peer gets the assertion, and is told to give up sooner by the hop") {
  PeerDispatchFixture f("Read");
  f.hops.Saw("VN:GOV:G24:bhxh", 50'000'000, 0);
  f.Dispatch();
  const auto& head = f.far.last().head;
  CHECK(*head.metadata.Find("ndx-relay-assertion-bin") == "signed");
  CHECK(head.metadata.Find("traceparent") != nullptr);
  CHECK(head.metadata.Find("ndx-consumer") == nullptr);
  CHECK(head.metadata.Find("ndx-idempotency-key") == nullptr);
  CHECK(*head.deadline_nanos == f.x->deadline_nanos);
  CHECK(*head.stated_deadline_nanos == f.x->deadline_nanos - 50'000'000);
  f.Far([](auto& call) { call.Answer("answer"); });
  CHECK(f.x->outcome == Outcome::kAnswered);
  CHECK(f.x->answered_by_peer);
  CHECK(f.x->next_receipt.empty());
}

TEST_CASE("what a peer says tells whether the provider has seen anything") {
  struct Case {
    exchange::v1::ErrorReason reason;
    Outcome read;
    Outcome change;
  };
  const Case cases[] = {
      {exchange::v1::ERROR_REASON_NO_GRANT, Outcome::kFailed, Outcome::kFailed},
      {exchange::v1::ERROR_REASON_RELAY_ASSERTION_EXPIRED, Outcome::kFailed, Outcome::kFailed},
      {exchange::v1::ERROR_REASON_QUOTA_USED, Outcome::kFailed, Outcome::kFailed},
      {exchange::v1::ERROR_REASON_PROVIDER_DOWN, Outcome::kFailed, Outcome::kFailed},
      {exchange::v1::ERROR_REASON_RELAY_PEER_DOWN, Outcome::kFailed, Outcome::kFailed},
      {exchange::v1::ERROR_REASON_CHANGE_TIMED_OUT, Outcome::kFailed, Outcome::kInDoubt},
      {exchange::v1::ERROR_REASON_EXCHANGE_IN_PROGRESS, Outcome::kFailed, Outcome::kInDoubt},
      {exchange::v1::ERROR_REASON_ANSWER_NOT_RECORDED, Outcome::kFailed, Outcome::kInDoubt},
      {exchange::v1::ERROR_REASON_RELAY_RECEIPT_INVALID, Outcome::kFailed, Outcome::kInDoubt},
      {exchange::v1::ERROR_REASON_PROVIDER_ERROR, Outcome::kAnswered, Outcome::kAnswered},
  };
  for (const Case& each : cases) {
    CAPTURE(core::ReasonName(each.reason));
    for (const auto& [method, outcome] :
         {std::pair{"Read", each.read}, std::pair{"Change", each.change}}) {
      PeerDispatchFixture f(method);
      f.Dispatch();
      f.Refuse(each.reason);
      CHECK(f.x->outcome == outcome);
      CHECK(f.x->error_node == "VN:GOV:G24:bhxh");
      CHECK(f.x->next_receipt == "receipt");
      CHECK(f.reason() == (outcome == Outcome::kAnswered ? "" : core::ReasonName(each.reason)));
    }
  }
}

TEST_CASE("a peer's 'nothing was sent' does not speak for the attempt before") {
  PeerDispatchFixture f("ChangeOnce");
  f.x->doubted = true;
  f.Dispatch();
  f.Refuse(exchange::v1::ERROR_REASON_PROVIDER_DOWN);
  CHECK(f.x->outcome == Outcome::kInDoubt);
  CHECK(f.reason() == "OUTCOME_UNKNOWN");
  CHECK(f.x->error_node.empty());  // it is this node's word
}

TEST_CASE("an error that is no node's leaves a change in doubt, and is not passed on") {
  PeerDispatchFixture f("Change");
  f.Dispatch();
  f.Far([](auto& call) { call.Status(14, "away"); });
  CHECK(f.x->outcome == Outcome::kInDoubt);
  CHECK(f.reason() == "RELAY_PEER_FAULT");
  CHECK(f.x->error_node.empty());
}

TEST_CASE("a peer that cannot be reached is named, and nothing was sent") {
  PeerDispatchFixture f("Change");
  f.Dispatch();
  f.Far([](auto& call) { call.Break(EndCause::kConnectFailed, Delivery::kNotSent); });
  CHECK(f.x->outcome == Outcome::kFailed);
  CHECK(f.reason() == "RELAY_PEER_DOWN");
  CHECK(f.x->refusal->parameters.at("peer") == "VN:GOV:G24:bhxh");
  CHECK(f.x->refusal->parameters.at("provider") == "VN:GOV:G01:ledger");
}

TEST_CASE("without a key to sign with nothing is passed on") {
  PeerDispatchFixture f("Read");
  f.sign_relay = nullptr;
  f.Dispatch();
  CHECK(f.reason() == "INTERNAL");
  CHECK(f.far.calls.empty());
}

}  // namespace
}  // namespace ndx::broker
