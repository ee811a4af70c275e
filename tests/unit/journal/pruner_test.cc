// Payloads go when their retention is over; leaves, proofs and receipts stay.
#include <string>

#include "retention_fixture.h"

namespace ndx::journal {
namespace {

constexpr char kOrder[] = "15/QD-CQDT";

struct Level {
  uint32_t level;
  int days;
};

TEST_CASE("a security level's payloads are there on their last day and gone the day after") {
  const Level levels[] = {{2, 31}, {3, 92}, {4, 184}, {5, 366}};
  for (const Level& level : levels) {
    RetentionFixture f;
    f.rules = RetentionRules::Make(level.level, {}).value();
    f.Start();
    const uint64_t leaf = f.AppendRead("079000000001");
    f.PassDays(level.days);
    INFO(level.level);
    CHECK(f.IsKept(leaf));
    f.PassDays(1);
    CHECK(f.IsRemoved(leaf));
    CHECK(f.journal->retention().status().exchanges_pruned == 1);
  }
}

TEST_CASE("without rules nothing goes") {
  RetentionFixture f;
  f.rules = RetentionRules();
  f.Start();
  const uint64_t leaf = f.AppendRead("079000000001");
  f.PassDays(10 * 366);
  CHECK(f.IsKept(leaf));
  CHECK(f.journal->retention().Forecast()->due.empty());
}

TEST_CASE("the retention counts from the leaf that closes the exchange; what is open stays") {
  RetentionFixture f;
  f.Start();
  const auto late = f.NewId();
  const auto never = f.NewId();
  const uint64_t opened = f.AppendRecord(f.OpeningOf(late, R"(number: "079000000001")"));
  const uint64_t open = f.AppendRecord(f.OpeningOf(never, R"(number: "079000000001")"));
  f.PassDays(20);
  const uint64_t closed =
      f.AppendRecord(f.ClosingOf(v1::JOURNAL_EVENT_ANSWERED, late, R"(head: "late")"));
  f.PassDays(31);
  CHECK(f.IsKept(opened));
  CHECK(f.IsKept(closed));
  f.PassDays(1);
  CHECK(f.IsRemoved(opened));
  CHECK(f.IsRemoved(closed));
  f.PassDays(400);
  CHECK(f.IsKept(open));
  // In doubt is not closed either; what resolves it closes it.
  f.journal.reset();
  f.Start();
  const uint64_t doubt = f.journal->reader().size() - 1;
  f.PassDays(400);
  CHECK(f.IsKept(open));
  CHECK(f.IsKept(doubt));
  Record resolved = f.ClosingOf(v1::JOURNAL_EVENT_RESOLVED, never, R"(head: "at last")");
  const uint64_t settled = f.AppendRecord(std::move(resolved));
  f.PassDays(31);
  CHECK(f.IsKept(settled));
  f.PassDays(1);
  for (const uint64_t leaf : {open, doubt, settled}) CHECK(f.IsRemoved(leaf));
}

TEST_CASE("receipts of before and after prove, every leaf is there, and it verifies") {
  RetentionFixture f;
  f.Start();
  f.vkey = f.journal->vkey();
  const std::string ask = f.Ask(R"(number: "079000000001" text: "CANARY-ask")");
  const std::string answer = f.Answer(R"(head: "CANARY-answer")");
  const uint64_t leaf = f.AppendRead("079000000001");
  f.PassDays(32);
  REQUIRE(f.IsRemoved(leaf));
  const auto now = f.journal->reader().Receipt(leaf);
  REQUIRE(now.ok());
  ReceiptChecks checks{.vkey = f.vkey};
  checks.request = ReceiptMessages{.messages = {ask}, .descriptor = &f.source.Type("t.Ask")};
  checks.response = ReceiptMessages{.messages = {answer}, .descriptor = &f.source.Type("t.Answer")};
  for (const std::string& receipt : {f.receipts[leaf], *now}) {
    const auto verified = VerifyReceipt(receipt, checks);
    INFO(verified.status());
    CHECK(verified.ok());
  }
  // That of before still tells another answer from the one given.
  checks.response->messages = {f.Answer(R"(head: "forged")")};
  CHECK_FALSE(VerifyReceipt(f.receipts[leaf], checks).ok());
  CHECK(f.journal->reader().ConsistencyProof(leaf + 1, f.journal->reader().size()).ok());
  const VerifyReport report = f.VerifyAtRest();
  for (const VerifyProblem& problem : report.problems) UNSCOPED_INFO(problem.ToString());
  CHECK(report.ok());
  CHECK(report.payloads_pruned == 1);
}

TEST_CASE("what is removed is in no file: not its keys, and it is told from loss") {
  RetentionFixture f;
  f.Start();
  const uint64_t leaf = f.AppendRead("079000000001");
  f.PassDays(32);
  const absl::Status gone = f.journal->reader().OpenPayload(leaf).status();
  CHECK(absl::IsNotFound(gone));
  CHECK(std::string(gone.message()).find("retention expired on 2025-07-16") != std::string::npos);
  const auto recalled = RecallAndWait(
      *f.journal,
      {.consumer = kTestConsumer,
       .exchange_id =
           core::ExchangeId::FromBytes(f.journal->reader().Leaf(leaf)->leaf.exchange_id()).value(),
       .method = kTestMethod,
       .request = Shared({f.Ask(R"(number: "079000000001" text: "CANARY-ask")")})});
  REQUIRE(recalled.ok());
  CHECK(recalled->verdict == RecallVerdict::kAnswerNotKept);
}

TEST_CASE("a legal hold keeps payloads until it is released") {
  RetentionFixture f;
  f.Start();
  const uint64_t of_subject = f.AppendRead("079000000001");
  const uint64_t of_exchange = f.AppendRead("079000000002");
  const uint64_t of_nobody = f.AppendRead("079000000003");
  PayloadKeeper& keeper = f.journal->payload_keeper();
  const auto on_subject = keeper.AddHold("079000000001", {.order = kOrder, .operator_name = "lan"});
  LegalHold hold{.order = kOrder, .operator_name = "lan"};
  hold.exchange_id = f.journal->reader().Leaf(of_exchange)->leaf.exchange_id();
  const auto on_exchange = keeper.AddHold("", hold);
  REQUIRE(on_subject.ok());
  REQUIRE(on_exchange.ok());
  f.PassDays(32);
  CHECK(f.IsKept(of_subject));
  CHECK(f.IsKept(of_exchange));
  CHECK(f.IsRemoved(of_nobody));
  CHECK(f.journal->retention().status().kept_back == 2);
  f.Restart();
  f.PassDays(32);
  CHECK(f.IsKept(of_subject));
  CHECK(f.journal->retention().status().kept_back == 2);
  REQUIRE(f.journal->payload_keeper().ReleaseHold(on_subject->number).ok());
  f.PassDays(1);
  CHECK(f.IsRemoved(of_subject));
  CHECK(f.IsKept(of_exchange));
  REQUIRE(f.journal->payload_keeper().ReleaseHold(on_exchange->number).ok());
  f.PassDays(1);
  CHECK(f.IsRemoved(of_exchange));
  CHECK(f.journal->retention().status().kept_back == 0);
}

TEST_CASE("a clock that jumps does not let payloads expire") {
  RetentionFixture f;
  f.Start();
  const uint64_t leaf = f.AppendRead("079000000001");
  f.PassDays(10);
  f.clock.Jump(366 * absl::Hours(24));
  f.PassDays(1);
  CHECK(f.IsKept(leaf));
  RetentionStatus status = f.journal->retention().status();
  CHECK(status.clock_held);
  CHECK(status.clock_ahead == 366 * absl::Hours(24));
  // Nor over a restart.
  f.Restart();
  f.PassDays(1);
  CHECK(f.IsKept(leaf));
  CHECK(f.journal->retention().status().clock_held);
  REQUIRE(f.journal->retention().AcceptClock().ok());
  f.PassDays(1);
  CHECK(f.IsRemoved(leaf));
  CHECK_FALSE(f.journal->retention().status().clock_held);
}

TEST_CASE("leaves that a clock ahead has written stand in nobody's way") {
  RetentionFixture f;
  f.Start();
  f.clock.Jump(100 * absl::Hours(24));
  const uint64_t ahead = f.AppendRead("079000000001");
  f.clock.Jump(-100 * absl::Hours(24));
  const uint64_t after = f.AppendRead("079000000002");
  f.PassDays(32);
  CHECK(f.IsKept(ahead));
  CHECK(f.IsRemoved(after));
  CHECK(f.journal->retention().status().kept_back == 1);
  f.PassDays(100);
  CHECK(f.IsRemoved(ahead));
}

TEST_CASE("a node that was off for long waits for a person, and catches up a short while alone") {
  RetentionFixture f;
  f.Start();
  const uint64_t leaf = f.AppendRead("079000000001");
  f.Settle();
  f.journal.reset();
  f.clock.Jump(40 * absl::Hours(24));
  f.Start();
  f.Settle();
  CHECK(f.IsKept(leaf));
  CHECK(f.journal->retention().status().clock_held);
  REQUIRE(f.journal->retention().AcceptClock().ok());
  f.PassDays(1);
  CHECK(f.IsRemoved(leaf));
}

TEST_CASE("other rules are followed from their first start on") {
  RetentionFixture f;
  f.rules = RetentionRules::Make(5, {}).value();
  f.Start();
  const uint64_t leaf = f.AppendRead("079000000001");
  f.PassDays(100);
  CHECK(f.IsKept(leaf));
  f.rules = RetentionRules::Make(5, {{.name = kTestMethod, .keep_days = 30}}).value();
  f.Restart();
  const auto forecast = f.journal->retention().Forecast();
  f.Settle();
  CHECK(f.IsRemoved(leaf));
  const auto history = f.journal->retention().History(UINT64_MAX, 10);
  REQUIRE(history.ok());
  REQUIRE(history->size() == 1);
  CHECK(history->front().groups.at(0).keep_days == 30);
  CHECK(history->front().groups.at(0).exchanges == 1);
  CHECK(history->front().leaf_index == f.journal->reader().size() - 1);
}

TEST_CASE("what would go is foretold and changes nothing") {
  RetentionFixture f;
  f.rules = RetentionRules::Make(std::nullopt, {{.name = kTestMethod, .keep_days = 31}}).value();
  f.Start();
  const uint64_t leaf = f.AppendRead("079000000001");
  f.Settle();
  // Time that passes between two looks of the pruner.
  REQUIRE(f.journal->payload_keeper()
              .AddHold("079000000001", {.order = kOrder, .operator_name = "lan"})
              .ok());
  f.PassDays(32);
  CHECK(f.journal->retention().Forecast()->due.empty());
  REQUIRE(f.journal->payload_keeper().ReleaseHold(1).ok());
  f.Pass(absl::Minutes(1));
  CHECK(f.IsKept(leaf));
  const auto forecast = f.journal->retention().Forecast();
  REQUIRE(forecast.ok());
  REQUIRE(forecast->due.size() == 1);
  CHECK(forecast->due[0].method == kTestMethod);
  CHECK(forecast->due[0].exchanges == 1);
  CHECK(forecast->due[0].bytes > 0);
  CHECK(forecast->complete);
  CHECK(f.IsKept(leaf));
  f.Pass(absl::Minutes(10));
  CHECK(f.IsRemoved(leaf));
}

// A crash at any point does no harm: what is recorded is finished, what is not is done again.
TEST_CASE("a removal that a crash cuts off is finished by the next start") {
  for (const std::string step :
       {"before the retention's leaf", "the retention's leaf is written", "keys are removed",
        "payloads are removed", "the removal is noted", "removed keys are scrubbed"}) {
    INFO(step);
    RetentionFixture f;
    std::string copy;
    f.at_step = [&](absl::string_view at) {
      if (copy.empty() && at == step) copy = f.CopyDirectory("copy");
    };
    f.Start();
    f.vkey = f.journal->vkey();
    const uint64_t leaf = f.AppendRead("079000000001");
    f.PassDays(20);
    const uint64_t young = f.AppendRead("079000000001");
    f.PassDays(11);
    f.PassDays(1);
    REQUIRE(f.IsRemoved(leaf));
    REQUIRE_FALSE(copy.empty());
    f.at_step = nullptr;
    f.journal.reset();
    f.StartIn(copy);
    f.PassDays(1);
    CHECK(f.IsRemoved(leaf));
    CHECK(f.IsKept(young));
    CHECK(f.journal->retention().status().exchanges_pruned == 1);
    CHECK(VerifyReceipt(*f.journal->reader().Receipt(leaf), {.vkey = f.vkey}).ok());
    const auto history = f.journal->retention().History(UINT64_MAX, 10);
    CHECK(history->size() == 1);
    f.journal.reset();
    VerifyOptions options;
    options.vkeys = {f.vkey};
    const auto report = VerifyJournal(copy, options);
    REQUIRE(report.ok());
    for (const VerifyProblem& problem : report->problems) UNSCOPED_INFO(problem.ToString());
    CHECK(report->ok());
    CHECK(report->payloads_pruned == 1);
  }
}

}  // namespace
}  // namespace ndx::journal
