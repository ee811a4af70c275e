#include "ndx/replay/task_ledger.h"

#include <utility>

#include "ndx/core/status_macros.h"
#include "ndx/journal/append_and_wait.h"
#include "ndx/replay/replay_rules.h"

namespace ndx::replay {
namespace {

constexpr char kRunAction[] = "RunReplay";

journal::v1::JournalLeaf LeafOfTask(const v1::ReplayTask& task) {
  journal::v1::JournalLeaf leaf;
  leaf.set_replay_task(task.number());
  leaf.set_replay_mode(ModeWord(task.plan().mode()));
  leaf.set_operator_reason(task.plan().reason());
  leaf.set_caused_by_plus_one(task.leaf_index_plus_one());
  return leaf;
}

journal::v1::JournalLeaf LeafOfStep(const TaskStep& step, const v1::ReplayTask& task) {
  journal::v1::JournalLeaf leaf = LeafOfTask(task);
  leaf.set_event(step.event);
  leaf.set_operator_name(step.operator_name);
  leaf.set_operator_action(step.action);
  leaf.set_error_reason(step.error_reason);
  leaf.set_note(step.note);
  leaf.set_replay_plan_sha256(task.plan_sha256());
  leaf.set_replay_items(task.plan().items());
  return leaf;
}

std::string OutcomeWordOf(const v1::ReplayTask& task, const v1::ReplayItem& item) {
  if (item.state() == v1::REPLAY_ITEM_STATE_ANSWER_UNKNOWN) return "answer unknown";
  if (item.state() == v1::REPLAY_ITEM_STATE_FOUND_DONE) return "found done";
  const bool compared = task.plan().mode() == v1::REPLAY_MODE_VERIFY && item.grpc_status() == 0;
  if (!compared) return "answered";
  return item.differs() ? "different" : "same";
}

}  // namespace

absl::Status TaskLedger::Record(const TaskStep& step, v1::ReplayTask& task) {
  NDX_ASSIGN_OR_RETURN(const auto appended,
                       journal::AppendAndWait(journal_, {.leaf = LeafOfStep(step, task)}));
  task.set_leaf_index_plus_one(appended.index + 1);
  return absl::OkStatus();
}

absl::Status TaskLedger::RecordBeside(const TaskStep& step, const v1::ReplayTask& task) {
  return journal::AppendAndWait(journal_, {.leaf = LeafOfStep(step, task)}).status();
}

absl::Status TaskLedger::RecordItem(const v1::ReplayTask& task, const v1::ReplayItem& item) {
  journal::v1::JournalLeaf leaf = LeafOfTask(task);
  leaf.set_operator_name(task.run_by());
  leaf.set_operator_action(kRunAction);
  leaf.set_consumer(item.consumer());
  leaf.set_provider(item.provider());
  leaf.set_method(item.method());
  leaf.set_error_reason(item.reason());
  leaf.set_grpc_status(item.grpc_status());
  if (item.state() == v1::REPLAY_ITEM_STATE_NOT_SENT || item.new_exchange_id().empty()) {
    const bool done = item.state() == v1::REPLAY_ITEM_STATE_FOUND_DONE;
    leaf.set_event(journal::v1::JOURNAL_EVENT_REPLAY_NOT_SENT);
    leaf.set_exchange_id(item.exchange_id());
    if (done) leaf.set_replay_outcome(OutcomeWordOf(task, item));
  } else {
    leaf.set_event(journal::v1::JOURNAL_EVENT_REPLAY_EXECUTED);
    leaf.set_exchange_id(item.new_exchange_id());
    leaf.set_replay_of(item.exchange_id());
    leaf.set_replay_outcome(OutcomeWordOf(task, item));
  }
  return journal::AppendAndWait(journal_, {.leaf = std::move(leaf)}).status();
}

}  // namespace ndx::replay
