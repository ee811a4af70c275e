#include "ndx/replay/task_ledger.h"

#include <catch2/catch.hpp>

#include "ndx/tests/support/mem_journal.h"

namespace ndx::replay {
namespace {

v1::ReplayTask Task() {
  v1::ReplayTask task;
  task.set_number(7);
  task.mutable_plan()->set_mode(v1::REPLAY_MODE_VERIFY);
  task.mutable_plan()->set_reason("case 45/VV: outage");
  task.mutable_plan()->set_items(3);
  task.set_plan_sha256(std::string(32, 'p'));
  task.set_run_by("an");
  return task;
}

TEST_CASE("a step is a leaf that continues the one before and names the plan") {
  tests::MemJournal journal;
  TaskLedger ledger(journal);
  v1::ReplayTask task = Task();
  REQUIRE(ledger
              .Record({.event = journal::v1::JOURNAL_EVENT_REPLAY_PLANNED,
                       .operator_name = "an",
                       .action = "PlanReplay",
                       .note = "3 waiting"},
                      task)
              .ok());
  REQUIRE(ledger
              .RecordBeside({.event = journal::v1::JOURNAL_EVENT_REPLAY_APPROVAL_REFUSED,
                             .operator_name = "an",
                             .action = "ApproveReplay",
                             .error_reason = "REPLAY_SAME_PERSON"},
                            task)
              .ok());
  CHECK(task.leaf_index_plus_one() == 1);
  const auto entries = journal.entries();
  REQUIRE(entries.size() == 2);
  const auto& planned = entries[0].leaf;
  CHECK(planned.replay_task() == 7);
  CHECK(planned.replay_mode() == "verify");
  CHECK(planned.replay_items() == 3);
  CHECK(planned.replay_plan_sha256() == task.plan_sha256());
  CHECK(planned.operator_reason() == "case 45/VV: outage");
  CHECK(planned.note() == "3 waiting");
  CHECK(entries[1].leaf.caused_by_plus_one() == 1);
  CHECK(entries[1].leaf.error_reason() == "REPLAY_SAME_PERSON");
}

TEST_CASE("an item's leaf says what became of it, and of which exchange it is") {
  tests::MemJournal journal;
  TaskLedger ledger(journal);
  v1::ReplayItem item;
  item.set_exchange_id(std::string(16, 'o'));
  item.set_new_exchange_id(std::string(16, 'n'));
  const auto recorded = [&](v1::ReplayItemState state, bool differs = false) {
    item.set_state(state);
    item.set_differs(differs);
    REQUIRE(ledger.RecordItem(Task(), item).ok());
    return journal.entries().back().leaf;
  };
  auto leaf = recorded(v1::REPLAY_ITEM_STATE_ANSWERED);
  CHECK(leaf.event() == journal::v1::JOURNAL_EVENT_REPLAY_EXECUTED);
  CHECK(leaf.exchange_id() == item.new_exchange_id());
  CHECK(leaf.replay_of() == item.exchange_id());
  CHECK(leaf.replay_outcome() == "same");
  CHECK(leaf.operator_name() == "an");
  CHECK(recorded(v1::REPLAY_ITEM_STATE_ANSWERED, true).replay_outcome() == "different");
  CHECK(recorded(v1::REPLAY_ITEM_STATE_ANSWER_UNKNOWN).replay_outcome() == "answer unknown");
  leaf = recorded(v1::REPLAY_ITEM_STATE_NOT_SENT);
  CHECK(leaf.event() == journal::v1::JOURNAL_EVENT_REPLAY_NOT_SENT);
  CHECK(leaf.exchange_id() == item.exchange_id());
  item.clear_new_exchange_id();
  leaf = recorded(v1::REPLAY_ITEM_STATE_FOUND_DONE);
  CHECK(leaf.event() == journal::v1::JOURNAL_EVENT_REPLAY_NOT_SENT);
  CHECK(leaf.replay_outcome() == "found done");
}

TEST_CASE("without its leaf a step has not been taken") {
  tests::MemJournal journal;
  journal.Fail(absl::DataLossError("x"));
  v1::ReplayTask task = Task();
  CHECK(absl::IsDataLoss(TaskLedger(journal).Record({}, task)));
  CHECK(task.leaf_index_plus_one() == 0);
  CHECK(absl::IsDataLoss(TaskLedger(journal).RecordItem(task, {})));
}

}  // namespace
}  // namespace ndx::replay
