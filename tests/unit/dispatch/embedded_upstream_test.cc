// EmbeddedUpstream is private to src/dispatch: it is tested as what NetworkAndEmbedded() gives for
// an adapter inside the process.
#include <catch2/catch.hpp>
#include <thread>

#include "dispatch_fixture.h"
#include "ndx/tests/support/fake_adapter.h"

namespace ndx::dispatch {
namespace {

using transport::Delivery;
using transport::EndCause;

class KeepingCallObserver final : public transport::ClientCallObserver {
 public:
  void OnMessage(transport::Message message) override {
    messages.push_back(*message);
    if (destroy_in_message) call.reset();
  }
  void OnEnd(transport::CallEnd with) override {
    end = std::move(with);
    call.reset();
  }

  std::unique_ptr<transport::ClientCall> call;
  std::vector<std::string> messages;
  std::optional<transport::CallEnd> end;
  bool destroy_in_message = false;
};

class Fixture {
 public:
  Fixture() {
    loop.Run([this] {
      const auto registry = tests::BuildLedgerRegistry("");
      upstream = NetworkAndEmbedded(loop.loop(), random, adapters, {})(
                     registry->FindMethod(tests::LedgerMethod("Read"))->service->providers.front())
                     .value();
    });
  }
  ~Fixture() {
    loop.Run([this] {
      observer.call.reset();
      upstream.reset();
    });
  }

  void Start(bool one_message = true, size_t bytes_max = 16) {
    loop.Run([&] {
      transport::CallHead head{.path = tests::LedgerMethod("Read")};
      head.metadata = {{"ndx-exchange-id", "id"},
                       {"ndx-idempotency-key", "key"},
                       {"ndx-consumer", "VN:GOV:H55:mot-cua"}};
      head.deadline_nanos = loop.clock().MonotonicNanos() + 1'000'000'000;
      head.message_bytes_max = bytes_max;
      head.expect_one_message = one_message;
      observer.call =
          upstream->Start(std::move(head), transport::MakeMessage("request"), &observer);
      NDX_CHECK(!observer.end.has_value() && observer.messages.empty());
    });
  }

  tests::LoopThread loop;
  tests::FakeRandom random;
  std::shared_ptr<tests::FakeAdapter> adapter = std::make_shared<tests::FakeAdapter>();
  const EmbeddedAdapters adapters = {{"ledger", adapter}};
  std::unique_ptr<Upstream> upstream;
  KeepingCallObserver observer;
};

TEST_CASE("an adapter gets the call as a network adapter would, and its answer comes by the loop") {
  Fixture f;
  f.adapter->AnswerWith({"answer"});
  f.Start();
  const sdk::AdapterCall call = f.adapter->call(0);
  CHECK(call.method == "/ledger.v1.LedgerService/Read");
  CHECK(*call.request == "request");
  CHECK(call.exchange_id == "id");
  CHECK(call.idempotency_key == "key");
  CHECK(call.Metadata(sdk::kConsumerKey) == "VN:GOV:H55:mot-cua");
  CHECK(call.deadline_nanos == f.loop.clock().MonotonicNanos() + 1'000'000'000);
  CHECK(f.observer.messages == std::vector<std::string>{"answer"});
  REQUIRE(f.observer.end.has_value());
  CHECK(f.observer.end->delivery == Delivery::kAnswered);
  CHECK(f.observer.end->status.ok());
}

TEST_CASE("an answer from the adapter's own thread") {
  Fixture f;
  f.adapter->Hang();
  f.Start();
  std::thread worker([&] {
    f.adapter->reply(0)->SendMessage(std::make_shared<const std::string>("late"));
    f.adapter->reply(0)->Finish(absl::OkStatus());
  });
  worker.join();
  f.loop.Settle();
  CHECK(f.observer.messages == std::vector<std::string>{"late"});
  CHECK(f.observer.end->delivery == Delivery::kAnswered);
}

struct EndCase {
  std::string name;
  std::vector<std::string> messages;
  absl::Status status;
  EndCause cause;
  size_t delivered;
};

TEST_CASE("a unary answer is one message and OK, or an error, or malformed") {
  const EndCase cases[] = {
      {"one", {"a"}, absl::OkStatus(), EndCause::kAnswered, 1},
      {"one, empty", {""}, absl::OkStatus(), EndCause::kAnswered, 1},
      {"none", {}, absl::OkStatus(), EndCause::kMalformedAnswer, 0},
      {"two", {"a", "b"}, absl::OkStatus(), EndCause::kMalformedAnswer, 0},
      {"an error", {}, absl::NotFoundError("no"), EndCause::kAnswered, 0},
      {"a message and an error", {"a"}, absl::NotFoundError("no"), EndCause::kAnswered, 0},
      {"at the limit", {std::string(16, 'x')}, absl::OkStatus(), EndCause::kAnswered, 1},
      {"over the limit", {std::string(17, 'x')}, absl::OkStatus(), EndCause::kAnswerTooLarge, 0},
  };
  for (const EndCase& each : cases) {
    CAPTURE(each.name);
    Fixture f;
    f.adapter->AnswerWith(each.messages, each.status);
    f.Start();
    REQUIRE(f.observer.end.has_value());
    CHECK(f.observer.end->cause == each.cause);
    CHECK(f.observer.messages.size() == each.delivered);
    const bool answered = each.cause == EndCause::kAnswered;
    CHECK(f.observer.end->delivery ==
          (answered ? Delivery::kAnswered : Delivery::kSentAnswerUnknown));
  }
}

TEST_CASE("an adapter that hangs is given up at the deadline, and told so") {
  Fixture f;
  f.adapter->Hang();
  f.Start();
  f.loop.Advance(absl::Milliseconds(999));
  CHECK_FALSE(f.observer.end.has_value());
  f.loop.Advance(absl::Milliseconds(1));
  REQUIRE(f.observer.end.has_value());
  CHECK(f.observer.end->cause == EndCause::kDeadline);
  CHECK(f.observer.end->delivery == Delivery::kSentAnswerUnknown);
  CHECK(f.adapter->reply(0)->cancelled());
  // What it says afterwards goes nowhere.
  f.adapter->reply(0)->Finish(absl::OkStatus());
  f.loop.Settle();
  CHECK(f.observer.messages.empty());
}

TEST_CASE("cancelling ends the call once, from the loop") {
  Fixture f;
  f.adapter->Hang();
  f.Start();
  f.loop.Run([&] {
    f.observer.call->Cancel();
    f.observer.call->Cancel();
    CHECK_FALSE(f.observer.end.has_value());
  });
  REQUIRE(f.observer.end.has_value());
  CHECK(f.observer.end->cause == EndCause::kCancelled);
  CHECK(f.adapter->reply(0)->cancelled());
}

TEST_CASE("a call may go while its adapter still works, and inside any event") {
  Fixture f;
  SECTION("while it works") {
    f.adapter->Hang();
    f.Start();
    f.loop.Run([&] { f.observer.call.reset(); });
    CHECK(f.adapter->reply(0)->cancelled());
    f.adapter->reply(0)->Finish(absl::OkStatus());
    f.loop.Settle();
  }
  SECTION("inside OnMessage of a unary answer") {
    f.observer.destroy_in_message = true;
    f.Start();
    CHECK(f.observer.messages.size() == 1);
  }
  SECTION("inside OnMessage of a stream") {
    f.observer.destroy_in_message = true;
    f.adapter->AnswerWith({"a", "b"});
    f.Start(/*one_message=*/false);
    CHECK(f.observer.messages.size() == 1);
  }
  CHECK_FALSE(f.observer.end.has_value());
}

TEST_CASE("a stream waits for its reader at the limit") {
  Fixture f;
  f.adapter->Hang();
  constexpr size_t kHalf = size_t{1} << 19;
  f.Start(/*one_message=*/false, kHalf + 1);
  const auto send = [&](size_t bytes) {
    f.adapter->reply(0)->SendMessage(std::make_shared<const std::string>(bytes, 'x'));
    f.loop.Settle();
  };
  send(kHalf);
  send(kHalf);
  // One MiB is still allowed; AwaitSendable() would block past it, so it is asked only where it
  // does not.
  CHECK(f.adapter->reply(0)->AwaitSendable());
  send(1);
  std::thread adapter([&] {
    f.adapter->reply(0)->AwaitSendable();
    f.adapter->reply(0)->SendMessage(std::make_shared<const std::string>("after"));
    f.adapter->reply(0)->Finish(absl::OkStatus());
  });
  f.loop.Settle();
  CHECK(f.observer.messages.size() == 3);
  f.loop.Run([&] { f.observer.call->ReleaseReceived(1); });
  adapter.join();
  f.loop.Settle();
  REQUIRE(f.observer.messages.size() == 4);
  CHECK(f.observer.messages.back() == "after");
  CHECK(f.observer.end->delivery == Delivery::kAnswered);
}

TEST_CASE("an adapter's error carries its details") {
  Fixture f;
  f.adapter->AnswerWith({}, absl::UnknownError("may have happened"));
  f.Start();
  CHECK(f.observer.end->status.code == 2);
  CHECK(f.observer.end->status.message == "may have happened");
}

}  // namespace
}  // namespace ndx::dispatch
