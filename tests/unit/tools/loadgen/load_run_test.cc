#include "ndx/tools/loadgen/load_run.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <deque>
#include <set>
#include <string>
#include <utility>

#include "ndx/core/system_clock.h"
#include "ndx/tests/support/fake_clock.h"

namespace ndx::tools::loadgen {
namespace {

using transport::CallEnd;
using transport::Delivery;
using transport::EndCause;

// How one call is answered.
struct Answer {
  CallEnd end;
  bool echo = true;       // false: a message that nobody sent
  bool withheld = false;  // until Release()
};

Answer Echo() {
  Answer answer;
  answer.end.cause = EndCause::kAnswered;
  answer.end.delivery = Delivery::kAnswered;
  return answer;
}

Answer Refused(absl::StatusCode code) {
  Answer answer = Echo();
  answer.end.status = transport::MakeGrpcStatus(code, "refused");
  return answer;
}

Answer Lost() {
  Answer answer;
  answer.end.cause = EndCause::kConnectionLost;
  answer.end.status = transport::MakeGrpcStatus(absl::StatusCode::kUnavailable, "lost");
  answer.end.text = "the connection was lost";
  return answer;
}

// Answers each call as the script says, in order, and with its echo when the script has ended.
// on_call runs before each answer.
class ScriptedChannel final : public transport::Channel {
 public:
  explicit ScriptedChannel(transport::EventLoop& loop) : loop_(loop) {}

  std::unique_ptr<transport::ClientCall> Start(transport::CallHead head,
                                               transport::ClientCallObserver* observer) override {
    heads.push_back(std::move(head));
    ++under_way;
    under_way_most = std::max(under_way_most, under_way);
    auto call = std::make_unique<Call>();
    Answer answer = Echo();
    if (!script.empty()) {
      answer = script.front();
      script.pop_front();
    }
    auto give = [this, observer, answer, sent = call->sent_message] {
      if (on_call) on_call();
      --under_way;
      sent_bodies.push_back(**sent);
      if (answer.end.cause == EndCause::kAnswered && answer.end.status.ok()) {
        observer->OnMessage(answer.echo ? *sent : transport::MakeMessage("somebody else's"));
      }
      observer->OnEnd(answer.end);
    };
    if (answer.withheld) {
      withheld.push_back(std::move(give));
    } else {
      loop_.Post(std::move(give));  // a round later, as a network would
    }
    return call;
  }
  absl::Status UpdateTls(const transport::TlsFiles&) override { return absl::OkStatus(); }
  size_t connections() const override { return 1; }
  size_t queued_calls() const override { return 0; }

  std::function<void()> on_call;
  std::deque<Answer> script;
  std::vector<std::function<void()>> withheld;
  std::vector<transport::CallHead> heads;
  std::vector<std::string> sent_bodies;
  size_t under_way = 0;
  size_t under_way_most = 0;

 private:
  class Call final : public transport::ClientCall {
   public:
    void SendMessage(transport::Message message) override { *sent_message = std::move(message); }
    void HalfClose() override {}
    void Cancel() override {}
    void ReleaseReceived(size_t) override {}
    size_t pending_send_bytes() const override { return 0; }
    bool sent() const override { return true; }
    std::shared_ptr<const transport::PeerIdentity> peer() const override { return nullptr; }

    // Shared with the answer, which comes when the call may be gone.
    std::shared_ptr<transport::Message> sent_message = std::make_shared<transport::Message>();
  };

  transport::EventLoop& loop_;
};

// A closed loop on a clock that every call moves by 100 ms.
class ClosedBench {
 public:
  ClosedBench() : loop(clock), channel(loop), other(loop) {
    channel.on_call = [this] { clock.Advance(absl::Milliseconds(100)); };
    options.warm_up = absl::ZeroDuration();
    options.duration = absl::Seconds(1);
  }

  LoadFigures Run(std::vector<transport::Channel*> channels) {
    const auto sizes = PayloadSizes::Parse("64");
    LoadRun run(loop, std::move(channels), clock, *sizes, options);
    run.Start([this] { ++measuring; }, [this] { loop.Stop(); });
    Tick();
    loop.Run();
    return run.figures();
  }
  LoadFigures Run() { return Run({&channel}); }

  // Time passes with every round of the loop, or a pause would never end.
  void Tick() {
    clock.Advance(absl::Milliseconds(1));
    loop.Post([this] { Tick(); });
  }

  tests::FakeClock clock;
  transport::EventLoop loop;
  ScriptedChannel channel;
  ScriptedChannel other;
  LoadOptions options;
  int measuring = 0;
};

TEST_CASE("closed loop: the next call begins when one has ended, and each has a body of its own") {
  ClosedBench bench;
  bench.options.concurrency = 3;
  bench.options.metadata.Add("ndx-purpose", "do-tai");
  const LoadFigures figures = bench.Run();
  CHECK(bench.channel.under_way_most == 3);
  CHECK(figures.requests == bench.channel.heads.size());
  CHECK(figures.requests >= 9);
  CHECK(figures.by_status == std::map<std::string, uint64_t>{{"OK", figures.requests}});
  CHECK(figures.faults == 0);
  CHECK(figures.seconds == 1);
  CHECK(figures.answered.count() == figures.requests);
  CHECK(figures.answered.Quantile(0) >= 100'000'000);
  const std::set<std::string> bodies(bench.channel.sent_bodies.begin(),
                                     bench.channel.sent_bodies.end());
  CHECK(bodies.size() == figures.requests);
  for (const transport::CallHead& head : bench.channel.heads) {
    CHECK(head.path == kEchoPath);
    CHECK(*head.metadata.Find("ndx-purpose") == "do-tai");
    CHECK(head.deadline_nanos.has_value());
  }
  CHECK(bench.measuring == 1);
}

TEST_CASE("closed loop: callers are spread over the connections") {
  ClosedBench bench;
  bench.options.concurrency = 4;
  bench.Run({&bench.channel, &bench.other});
  CHECK(bench.channel.under_way_most == 2);
  CHECK(bench.other.under_way_most == 2);
}

TEST_CASE("closed loop: what is sent during the warm-up is checked and not counted") {
  ClosedBench bench;
  bench.options.warm_up = absl::Seconds(1);
  bench.channel.script.push_back(Refused(absl::StatusCode::kPermissionDenied));
  const LoadFigures figures = bench.Run();
  CHECK(figures.requests > 0);
  CHECK(figures.requests < bench.channel.heads.size());
  CHECK(figures.by_status.count("PERMISSION_DENIED") == 0);
  CHECK(figures.faults == 1);
  CHECK(figures.first_fault == "request 0: PERMISSION_DENIED: refused");
}

TEST_CASE("answers: what was not sent is a wrong answer") {
  ClosedBench bench;
  Answer wrong = Echo();
  wrong.echo = false;
  bench.channel.script = {Echo(), wrong};
  const LoadFigures figures = bench.Run();
  CHECK(figures.wrong_answers == 1);
  CHECK(figures.faults == 1);
  CHECK(figures.first_fault == "request 1: the answer is not what was sent");
}

TEST_CASE("answers: a trailer that was asked for must be there") {
  ClosedBench bench;
  bench.options.trailer = "ndx-receipt-bin";
  Answer with_receipt = Echo();
  with_receipt.end.trailers.Add("ndx-receipt-bin", "receipt");
  bench.channel.script = {with_receipt, Echo()};
  for (int i = 0; i < 100; ++i) bench.channel.script.push_back(with_receipt);
  const LoadFigures figures = bench.Run();
  CHECK(figures.wrong_answers == 1);
  CHECK(figures.first_fault == "request 1: the answer has no trailer ndx-receipt-bin");
}

TEST_CASE("answers: an expected status is counted and no fault, another is") {
  ClosedBench bench;
  bench.options.expected = {"RESOURCE_EXHAUSTED"};
  bench.channel.script = {Refused(absl::StatusCode::kResourceExhausted),
                          Refused(absl::StatusCode::kInternal)};
  const LoadFigures figures = bench.Run();
  CHECK(figures.by_status.at("RESOURCE_EXHAUSTED") == 1);
  CHECK(figures.by_status.at("INTERNAL") == 1);
  CHECK(figures.failed.count() == 2);
  CHECK(figures.answered.count() == figures.requests - 2);
  CHECK(figures.faults == 1);
}

TEST_CASE("answers: a call that is broken off is a fault under its cause, and the run goes on") {
  ClosedBench bench;
  bench.channel.script = {Lost()};
  const LoadFigures figures = bench.Run();
  CHECK(figures.by_status.at("connection_lost") == 1);
  CHECK(figures.by_status.at("OK") == figures.requests - 1);
  CHECK(figures.first_fault == "request 0: connection_lost: the connection was lost");
}

TEST_CASE("stop: the run ends early, and calls under way are waited for") {
  ClosedBench bench;
  bench.options.duration = absl::Hours(1);
  const auto sizes = PayloadSizes::Parse("64");
  LoadRun run(bench.loop, {&bench.channel}, bench.clock, *sizes, bench.options);
  bench.channel.on_call = [&] {
    bench.clock.Advance(absl::Milliseconds(100));
    if (bench.channel.heads.size() == 5) run.Stop();
  };
  run.Start([] {}, [&] { bench.loop.Stop(); });
  bench.Tick();
  bench.loop.Run();
  CHECK(run.figures().requests == 5);
  CHECK(run.figures().seconds < 2);
}

// An open loop on the machine's clock, whose calls are withheld until all have been sent.
TEST_CASE("open loop: requests leave by the clock, not when another is answered") {
  const core::SystemClock clock;
  transport::EventLoop loop(clock);
  ScriptedChannel channel(loop);
  const auto sizes = PayloadSizes::Parse("64");
  LoadOptions options;
  options.concurrency = 100;
  options.rate = 2000;
  options.warm_up = absl::ZeroDuration();
  options.duration = absl::Milliseconds(25);
  for (int i = 0; i < 50; ++i) {
    Answer later = Echo();
    later.withheld = true;
    channel.script.push_back(later);
  }
  LoadRun run(loop, {&channel}, clock, *sizes, options);
  run.Start([] {}, [&] { loop.Stop(); });
  // All that are due have left, or the time is over: then they are answered.
  std::function<void()> release = [&] {
    if (channel.heads.size() < 50) return loop.Post(release);
    for (const auto& give : std::exchange(channel.withheld, {})) give();
  };
  loop.Post(release);
  loop.Run();
  CHECK(channel.under_way_most == 50);
  CHECK(run.figures().requests == 50);
  CHECK(run.figures().unsent == 0);
  // The first was to leave 24.5 ms before the last did.
  CHECK(run.figures().answered.max() >= 24'500'000);
}

TEST_CASE(
    "open loop: what cannot be sent because all calls are under way has waited all the same") {
  const core::SystemClock clock;
  transport::EventLoop loop(clock);
  ScriptedChannel channel(loop);
  const auto sizes = PayloadSizes::Parse("64");
  LoadOptions options;
  options.concurrency = 1;
  options.rate = 1000;
  options.warm_up = absl::ZeroDuration();
  options.duration = absl::Milliseconds(20);
  Answer never = Echo();
  never.withheld = true;
  channel.script.push_back(never);
  LoadRun run(loop, {&channel}, clock, *sizes, options);
  run.Start([] {}, [&] { loop.Stop(); });
  std::function<void()> release = [&] {
    if (run.figures().unsent == 0) return loop.Post(release);
    for (const auto& give : std::exchange(channel.withheld, {})) give();
  };
  loop.Post(release);
  loop.Run();
  CHECK(channel.heads.size() == 1);
  CHECK(run.figures().requests == 20);
  CHECK(run.figures().unsent == 19);
  CHECK(run.figures().answered.count() == 20);
  CHECK(run.figures().answered.Quantile(0.5) >= 9'000'000);
  CHECK(run.figures().faults == 1);
  CHECK(run.figures().first_fault == "19 requests were due and not sent");
}

}  // namespace
}  // namespace ndx::tools::loadgen
