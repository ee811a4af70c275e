// The leaves of a replay task: one for each step and for each exchange that it sent or did not
// send. A leaf continues the task's leaf before; those of exchanges continue the one that began it.
//
// Thread-safety: thread-safe; everything blocks until the leaf is durable. Ownership: the journal
// outlives it. Errors: those of Journal::Append; nothing may be done without its leaf.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "ndx/journal/journal.h"
#include "ndx/replay/v1/replay_task.pb.h"

namespace ndx::replay {

// Who does a step, by which method of the operator API; without a name the node itself.
struct TaskStep {
  journal::v1::JournalEvent event = journal::v1::JOURNAL_EVENT_UNSPECIFIED;
  std::string operator_name;
  std::string action;
  std::string error_reason = "";
  std::string note = "";
};

class TaskLedger {
 public:
  explicit TaskLedger(journal::Journal& journal) : journal_(journal) {}

  // Records a step, which the task then names as its newest.
  absl::Status Record(const TaskStep& step, v1::ReplayTask& task);
  // The same of what changes nothing for the task: an approval that is refused.
  absl::Status RecordBeside(const TaskStep& step, const v1::ReplayTask& task);
  // That an item has been sent, or has not been: as its state says.
  absl::Status RecordItem(const v1::ReplayTask& task, const v1::ReplayItem& item);

 private:
  journal::Journal& journal_;
};

}  // namespace ndx::replay
