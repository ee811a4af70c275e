#include "ndx/mailbox/exchange_history.h"

#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "ndx/tests/support/mem_journal.h"
#include "ndx/tests/support/mem_journal_reader.h"

namespace ndx::mailbox {
namespace {

using journal::v1::JournalEvent;
using Standing = ExchangeHistory::Standing;

struct Step {
  JournalEvent event;
  uint32_t grpc_status = 0;
};

std::vector<journal::StoredLeaf> Leaves(const std::vector<Step>& steps) {
  std::vector<journal::StoredLeaf> leaves;
  for (const Step& step : steps) {
    journal::StoredLeaf leaf;
    leaf.index = leaves.size() + 10;
    leaf.leaf.set_event(step.event);
    leaf.leaf.set_grpc_status(step.grpc_status);
    leaves.push_back(std::move(leaf));
  }
  return leaves;
}

TEST_CASE("the leaves say how a kept request stands") {
  struct Example {
    std::string name;
    std::vector<Step> steps;
    Standing standing;
    uint64_t newest;
  };
  const Step submitted{journal::v1::JOURNAL_EVENT_SUBMITTED};
  const Example cases[] = {
      {"just taken in", {submitted}, Standing::kToBeSent, 10},
      {"asked for directly before",
       {{journal::v1::JOURNAL_EVENT_FAILED, 14}, submitted},
       Standing::kToBeSent,
       11},
      {"under way", {submitted, {journal::v1::JOURNAL_EVENT_REQUEST_OPENED}}, Standing::kOpen, 11},
      {"not sent", {submitted, {journal::v1::JOURNAL_EVENT_FAILED, 14}}, Standing::kToBeSent, 11},
      {"a refusal of a repetition",
       {submitted, {journal::v1::JOURNAL_EVENT_REFUSED, 10}},
       Standing::kToBeSent,
       10},
      {"answered", {submitted, {journal::v1::JOURNAL_EVENT_ANSWERED}}, Standing::kAnswered, 11},
      {"a business error",
       {submitted, {journal::v1::JOURNAL_EVENT_ANSWERED, 5}},
       Standing::kAnswered,
       11},
      {"not now, it said",
       {submitted, {journal::v1::JOURNAL_EVENT_ANSWERED, 14}},
       Standing::kToBeSent,
       11},
      {"in doubt", {submitted, {journal::v1::JOURNAL_EVENT_IN_DOUBT, 14}}, Standing::kInDoubt, 11},
      {"done after all",
       {submitted,
        {journal::v1::JOURNAL_EVENT_IN_DOUBT, 14},
        {journal::v1::JOURNAL_EVENT_RESOLVED, 0}},
       Standing::kAnswered,
       12},
      {"not done",
       {submitted,
        {journal::v1::JOURNAL_EVENT_IN_DOUBT, 14},
        {journal::v1::JOURNAL_EVENT_RESOLVED, 14}},
       Standing::kToBeSent,
       12},
      {"dead", {submitted, {journal::v1::JOURNAL_EVENT_DELIVERY_DEAD, 4}}, Standing::kDead, 11},
      {"to be delivered again",
       {submitted,
        {journal::v1::JOURNAL_EVENT_DELIVERY_DEAD, 4},
        {journal::v1::JOURNAL_EVENT_DELIVERY_RESUMED}},
       Standing::kToBeSent,
       12},
      {"given up",
       {submitted, {journal::v1::JOURNAL_EVENT_DELIVERY_DISCARDED}},
       Standing::kDiscarded,
       11},
      {"answered in a direct call",
       {{journal::v1::JOURNAL_EVENT_ANSWERED}},
       Standing::kAnswered,
       10},
  };
  for (const Example& each : cases) {
    INFO(each.name);
    const auto history = ReadHistory(Leaves(each.steps));
    REQUIRE(history.ok());
    CHECK(history->standing == each.standing);
    CHECK(history->newest.index == each.newest);
  }
  CHECK(absl::IsNotFound(ReadHistory(Leaves({{journal::v1::JOURNAL_EVENT_FAILED, 14}})).status()));
  CHECK(absl::IsNotFound(ReadHistory({}).status()));
}

TEST_CASE("an outcome has the answer as it was recorded, and a receipt") {
  tests::MemJournal journal;
  const std::string id(16, '\x11');
  const auto append = [&](JournalEvent event, std::vector<std::string> answer) {
    journal::Record record;
    record.leaf.set_event(event);
    record.leaf.set_exchange_id(id);
    record.leaf.set_consumer("VN:GOV:H55:mot-cua");
    record.leaf.set_method("/a.v1.Service/Do");
    record.leaf.set_expires_unix_ns(1'779'948'000'000'000'007);
    record.leaf.set_attempt(3);
    if (!answer.empty()) {
      record.response.emplace();
      for (auto& each : answer) {
        record.response->messages.push_back(std::make_shared<const std::string>(std::move(each)));
      }
    }
    journal.Append(std::move(record), [](const auto&) {});
  };
  append(journal::v1::JOURNAL_EVENT_SUBMITTED, {});
  append(journal::v1::JOURNAL_EVENT_ANSWERED, {"answer"});
  const tests::MemJournalReader reader(journal);
  const auto leaves =
      reader.LeavesOf(core::ExchangeId::FromBytes(id).value(), "VN:GOV:H55:mot-cua");
  REQUIRE(leaves.ok());
  const auto outcome = OutcomeOf(ReadHistory(*leaves).value(), reader);
  REQUIRE(outcome.ok());
  CHECK(outcome->state() == exchange::v1::OUTCOME_STATE_ANSWERED);
  CHECK(outcome->answer() == "answer");
  CHECK_FALSE(outcome->answer_missing());
  CHECK(outcome->attempts() == 3);
  CHECK(outcome->expires().seconds() == 1'779'948'000);
  CHECK(outcome->expires().nanos() == 7);
  CHECK(outcome->receipt().tlog_proof() == tests::MemJournal::ReceiptText(1));
}

}  // namespace
}  // namespace ndx::mailbox
