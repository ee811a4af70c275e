#include "ndx/tools/ledgerload/load_run.h"

#include <google/rpc/error_details.pb.h>
#include <google/rpc/status.pb.h>
#include <unistd.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <deque>
#include <fstream>
#include <set>
#include <string>
#include <utility>

#include "ndx/tests/support/fake_clock.h"
#include "ndx/tests/support/fake_random.h"
#include "ndx/tests/support/temp_dir.h"

namespace ndx::tools::ledgerload {
namespace {

using transport::CallEnd;
using transport::Delivery;
using transport::EndCause;

// Answers each call as the script says, in order; OK with a receipt when the script has ended. Time
// passes between calls.
class ScriptedChannel final : public transport::Channel {
 public:
  ScriptedChannel(transport::EventLoop& loop, tests::FakeClock& clock)
      : loop_(loop), clock_(clock) {}

  std::unique_ptr<transport::ClientCall> Start(transport::CallHead head,
                                               transport::ClientCallObserver* observer) override {
    heads.push_back(head);
    ++under_way;
    under_way_most = std::max(under_way_most, under_way);
    CallEnd end = Ok();
    if (!script.empty()) {
      end = script.front();
      script.pop_front();
    }
    // A round later, as a network would.
    loop_.Post([this, observer, end] {
      clock_.Advance(absl::Milliseconds(100));
      --under_way;
      if (end.status.ok() && end.cause == EndCause::kAnswered)
        observer->OnMessage(transport::MakeMessage("answer"));
      observer->OnEnd(end);
    });
    return std::make_unique<Call>(*this);
  }
  absl::Status UpdateTls(const transport::TlsFiles&) override { return absl::OkStatus(); }
  size_t connections() const override { return 1; }
  size_t queued_calls() const override { return 0; }

  static CallEnd Ok() {
    CallEnd end;
    end.cause = EndCause::kAnswered;
    end.delivery = Delivery::kAnswered;
    end.trailers.Add("ndx-receipt-bin", "receipt");
    return end;
  }
  static CallEnd Refused(absl::StatusCode code, const std::string& reason) {
    google::rpc::ErrorInfo info;
    info.set_reason(reason);
    google::rpc::Status status;
    status.add_details()->PackFrom(info);
    CallEnd end = Ok();
    end.status = transport::MakeGrpcStatus(code, "refused");
    end.status.details_bin = status.SerializeAsString();
    return end;
  }
  static CallEnd LostCall(Delivery delivery) {
    CallEnd end;
    end.cause = EndCause::kConnectionLost;
    end.delivery = delivery;
    end.status = transport::MakeGrpcStatus(absl::StatusCode::kUnavailable, "lost");
    return end;
  }

  std::deque<CallEnd> script;
  std::vector<transport::CallHead> heads;
  std::vector<std::string> bodies;
  size_t under_way = 0;
  size_t under_way_most = 0;

 private:
  class Call final : public transport::ClientCall {
   public:
    explicit Call(ScriptedChannel& channel) : channel_(channel) {}
    void SendMessage(transport::Message message) override { channel_.bodies.push_back(*message); }
    void HalfClose() override {}
    void Cancel() override {}
    void ReleaseReceived(size_t) override {}
    size_t pending_send_bytes() const override { return 0; }
    bool sent() const override { return true; }
    std::shared_ptr<const transport::PeerIdentity> peer() const override { return nullptr; }

   private:
    ScriptedChannel& channel_;
  };

  transport::EventLoop& loop_;
  tests::FakeClock& clock_;
};

class Bench {
 public:
  Bench() : loop(clock), channel(loop, clock) {
    std::ofstream(dir.File("people.csv"))
        << "number,citizen_id,full_name,birth_date\n1,999078000001,A,1978\n";
    auto read = LoadPlan::Read({dir.File("people.csv"), "", 0, ""});
    REQUIRE(read.ok());
    plan.emplace(*std::move(read));
    auto opened = LoadLedger::Open(dir.File("ledger"));
    REQUIRE(opened.ok());
    ledger = *std::move(opened);
  }

  RunFigures Run(RunOptions options) {
    LoadRun run(loop, channel, clock, random, *plan, *ledger, std::move(options));
    run.Start([&](absl::Status status) {
      outcome = std::move(status);
      loop.Stop();
    });
    Tick();
    loop.Run();
    return run.figures();
  }

  // Time passes with every round of the loop, or a pause would never end.
  void Tick() {
    clock.Advance(absl::Milliseconds(10));
    loop.Post([this] { Tick(); });
  }

  std::map<std::string, LedgerEntry> Entries() const {
    auto entries = ReadLedger(dir.File("ledger"));
    REQUIRE(entries.ok());
    return *std::move(entries);
  }

  tests::TempDir dir;
  tests::FakeClock clock;
  tests::FakeRandom random;
  transport::EventLoop loop;
  ScriptedChannel channel;
  std::optional<LoadPlan> plan;
  std::unique_ptr<LoadLedger> ledger;
  absl::Status outcome;
};

RunOptions Count(uint64_t count) {
  RunOptions options;
  options.concurrency = 1;
  options.count_max = count;
  options.duration = absl::Hours(1);
  return options;
}

TEST_CASE("run: every exchange has an id of its own, is in the ledger, and keeps its receipt") {
  Bench bench;
  RunOptions options = Count(20);
  options.concurrency = 4;
  options.metadata.Add("ndx-purpose", "giai-quyet-tthc");
  const RunFigures figures = bench.Run(options);
  CHECK(bench.outcome.ok());
  CHECK(figures.sent == 20);
  CHECK(figures.acked == 20);
  CHECK(figures.receipts == 20);
  CHECK(figures.by_status.at(0) == 20);
  CHECK(figures.latencies_us.size() == 20);
  CHECK(figures.latencies_us.front() >= 100'000);
  CHECK(bench.channel.under_way_most == 4);
  std::set<std::string> ids;
  for (const transport::CallHead& head : bench.channel.heads) {
    const std::string* id = head.metadata.Find("ndx-exchange-id");
    REQUIRE(id != nullptr);
    CHECK(ids.insert(*id).second);
    CHECK(*head.metadata.Find("ndx-purpose") == "giai-quyet-tthc");
    CHECK(head.path == kVerifyPath);
    CHECK(head.deadline_nanos.has_value());
  }
  const auto entries = bench.Entries();
  CHECK(entries.size() == 20);
  for (const auto& [id, entry] : entries) {
    CHECK(ids.count(id) == 1);
    REQUIRE(entry.has_receipt);
    const auto record = ReadReceipt(bench.dir.File("ledger"), entry.receipt_offset);
    REQUIRE(record.ok());
    CHECK(*record == ReceiptRecord{id, "receipt", bench.channel.bodies.front(), "answer"});
  }
}

TEST_CASE("run: a lost exchange is entered as lost, and the next one is tried") {
  Bench bench;
  bench.channel.script = {ScriptedChannel::LostCall(Delivery::kSentAnswerUnknown),
                          ScriptedChannel::LostCall(Delivery::kNotSent)};
  const RunFigures figures = bench.Run(Count(3));
  CHECK(figures.lost_unknown == 1);
  CHECK(figures.lost_not_sent == 1);
  CHECK(figures.acked == 1);
  CHECK(figures.resent == 0);
  const auto entries = bench.Entries();
  CHECK(entries.size() == 3);
  int acked = 0;
  int maybe = 0;
  for (const auto& [id, entry] : entries) {
    acked += entry.acked ? 1 : 0;
    maybe += entry.maybe_carried_out ? 1 : 0;
    CHECK(entry.acked != (entry.losses == 1));
  }
  CHECK(acked == 1);
  CHECK(maybe == 1);
}

TEST_CASE("run: with resend the same exchange is sent until it is answered") {
  Bench bench;
  bench.channel.script = {ScriptedChannel::LostCall(Delivery::kSentAnswerUnknown),
                          ScriptedChannel::LostCall(Delivery::kNotSent)};
  RunOptions options = Count(1);
  options.resend = true;
  const RunFigures figures = bench.Run(options);
  CHECK(figures.sent == 1);
  CHECK(figures.resent == 2);
  CHECK(figures.acked == 1);
  const auto entries = bench.Entries();
  REQUIRE(entries.size() == 1);
  CHECK(entries.begin()->second.sendings == 3);
  CHECK(entries.begin()->second.acked);
  CHECK(bench.channel.bodies[0] == bench.channel.bodies[2]);
}

TEST_CASE("run: a refusal is an answer, and its reason is noted") {
  Bench bench;
  bench.channel.script = {
      ScriptedChannel::Refused(absl::StatusCode::kPermissionDenied, "NO_GRANT"),
      ScriptedChannel::Refused(absl::StatusCode::kUnavailable, "NODE_STOPPING")};
  const RunFigures figures = bench.Run(Count(2));
  CHECK(figures.acked == 2);
  CHECK(figures.by_status.at(7) == 1);
  CHECK(figures.by_status.at(14) == 1);
  std::set<std::string> notes;
  for (const auto& [id, entry] : bench.Entries()) notes.insert(entry.note);
  CHECK(notes == std::set<std::string>{"reason=NO_GRANT", "reason=NODE_STOPPING"});
}

TEST_CASE("run: the time ends it, and what is under way is waited for") {
  Bench bench;
  RunOptions options = Count(1'000'000);
  options.duration = absl::Seconds(1);
  const RunFigures figures = bench.Run(options);
  // One call takes 100 ms of the fake clock and a few rounds of the loop.
  CHECK(figures.sent >= 5);
  CHECK(figures.sent <= 12);
  CHECK(figures.acked == figures.sent);
}

TEST_CASE("run: the time ends resending too") {
  Bench bench;
  for (int at = 0; at < 100; ++at) {
    bench.channel.script.push_back(ScriptedChannel::LostCall(Delivery::kNotSent));
  }
  RunOptions options = Count(1);
  options.resend = true;
  options.duration = absl::Seconds(1);
  const RunFigures figures = bench.Run(options);
  CHECK(figures.sent == 1);
  CHECK(figures.acked == 0);
  CHECK(figures.resent >= 3);
  CHECK(figures.resent < 100);
}

TEST_CASE("run: a ledger that cannot be written ends it") {
  Bench bench;
  REQUIRE(::symlink("/dev/full", bench.dir.File("full").c_str()) == 0);
  auto full = LoadLedger::Open(bench.dir.File("full"));
  REQUIRE(full.ok());
  bench.ledger = *std::move(full);
  bench.Run(Count(5));
  CHECK(bench.outcome.code() == absl::StatusCode::kUnavailable);
}

}  // namespace
}  // namespace ndx::tools::ledgerload
