#include "ndx/console/replay_desk.h"

#include <utility>
#include <variant>

#include "absl/strings/str_cat.h"
#include "ndx/console/refusal_status.h"
#include "ndx/core/status_macros.h"
#include "ndx/replay/plan_digest.h"
#include "ndx/replay/task_counts.h"

namespace ndx::console {
namespace {

using exchange::v1::ErrorReason;
using replay::v1::ReplayTask;

constexpr char kPlanReplay[] = "PlanReplay";
constexpr char kApproveReplay[] = "ApproveReplay";
constexpr char kRunReplay[] = "RunReplay";
constexpr char kPauseReplay[] = "PauseReplay";
constexpr char kResumeReplay[] = "ResumeReplay";
constexpr char kCancelReplay[] = "CancelReplay";

struct TaskStateWords {
  std::string vi;
  std::string en;
};

TaskStateWords WordsOfState(const ReplayTask& task) {
  switch (task.state()) {
    case replay::v1::REPLAY_TASK_STATE_PLANNED:
      return {"đã lập, chưa chạy", "is planned and has not begun"};
    case replay::v1::REPLAY_TASK_STATE_RUNNING:
      return {"đang chạy", "is running"};
    case replay::v1::REPLAY_TASK_STATE_PAUSED:
      return {"đang tạm dừng", "is paused"};
    case replay::v1::REPLAY_TASK_STATE_FINISHED:
      return {"đã hoàn thành", "has finished"};
    default:
      return {"đã hủy", "is cancelled"};
  }
}

absl::Status RefuseTaskState(const ReplayTask& task, const TaskStateWords& words) {
  return RefusalStatus({.reason = exchange::v1::ERROR_REASON_REPLAY_TASK_STATE,
                        .parameters = {{"number", absl::StrCat(task.number())},
                                       {"state_vi", words.vi},
                                       {"state_en", words.en}}});
}
absl::Status RefuseTaskState(const ReplayTask& task) {
  return RefuseTaskState(task, WordsOfState(task));
}

}  // namespace

absl::StatusOr<ReplayTask> ReplayDesk::Find(uint64_t number) const {
  auto task = parts_.store.Task(number);
  if (!absl::IsNotFound(task.status())) return task;
  return RefusalStatus({.reason = exchange::v1::ERROR_REASON_REPLAY_TASK_UNKNOWN,
                        .parameters = {{"number", absl::StrCat(number)}}});
}

absl::Time ReplayDesk::ExpiresAt(const Task& task) const {
  if (!task.plan().needs_approval() || task.state() != replay::v1::REPLAY_TASK_STATE_PLANNED) {
    return absl::InfiniteFuture();
  }
  const bool approved = task.approval().plan_sha256() == task.plan_sha256();
  return absl::FromUnixNanos(approved ? task.approval().time_unix_ns()
                                      : task.plan().planned_unix_ns()) +
         options_.approval_life;
}

absl::StatusOr<ReplayTask> ReplayDesk::Plan(const OperatorIdentity& who, replay::PlanWish wish,
                                            uint64_t replaces) {
  const core::MutexLock planning(planning_);
  Task before;
  {
    const core::MutexLock deciding(deciding_);
    if (replaces != 0) {
      NDX_ASSIGN_OR_RETURN(before, Find(replaces));
      if (before.state() != replay::v1::REPLAY_TASK_STATE_PLANNED) return RefuseTaskState(before);
      const std::string& planner = before.plan().planned_by();
      if (planner != who.name) {
        return RefuseTaskState(before, {absl::StrCat("do ", planner, " lập"),
                                        absl::StrCat("was planned by ", planner)});
      }
      wish.number = replaces;
    } else {
      NDX_ASSIGN_OR_RETURN(wish.number, parts_.store.NextNumber());
    }
    replanned_.insert(wish.number);
  }
  wish.planned_by = who.name;
  auto planned = parts_.planner.Plan(wish);
  const core::MutexLock deciding(deciding_);
  replanned_.erase(wish.number);
  if (const auto* refusal = std::get_if<core::Refusal>(&planned)) return RefusalStatus(*refusal);
  Task task = std::get<Task>(std::move(planned));
  // So that a beginning on the old approval can be told what is wrong with it.
  if (before.has_approval()) *task.mutable_approval() = before.approval();
  task.set_leaf_index_plus_one(before.leaf_index_plus_one());
  NDX_RETURN_IF_ERROR(parts_.ledger.Record({.event = journal::v1::JOURNAL_EVENT_REPLAY_PLANNED,
                                            .operator_name = who.name,
                                            .action = kPlanReplay,
                                            .note = replay::CountsText(task.counts())},
                                           task));
  NDX_RETURN_IF_ERROR(parts_.store.PutTask(task));
  return task;
}

absl::Status ReplayDesk::RefuseApproval(const Task& task, const std::string& who,
                                        const char* action, ErrorReason reason) const {
  NDX_RETURN_IF_ERROR(
      parts_.ledger.RecordBeside({.event = journal::v1::JOURNAL_EVENT_REPLAY_APPROVAL_REFUSED,
                                  .operator_name = who,
                                  .action = action,
                                  .error_reason = core::ReasonName(reason)},
                                 task));
  return RefusalStatus({.reason = reason,
                        .parameters = {{"number", absl::StrCat(task.number())},
                                       {"user", PersonText(who, task.plan().planned_by())},
                                       {"life", absl::FormatDuration(options_.approval_life)}}});
}

absl::StatusOr<ReplayTask> ReplayDesk::Approve(const OperatorIdentity& who, uint64_t number,
                                               absl::string_view plan_sha256) {
  const core::MutexLock deciding(deciding_);
  NDX_ASSIGN_OR_RETURN(Task task, Find(number));
  const auto refuse = [&](ErrorReason reason) {
    return RefuseApproval(task, who.name, kApproveReplay, reason);
  };
  if (!task.plan().needs_approval()) {
    return RefuseTaskState(task, {"không cần phê duyệt", "needs no approval"});
  }
  if (SamePerson(parts_.persons, task.plan().planned_by(), who.name)) {
    return refuse(exchange::v1::ERROR_REASON_REPLAY_SAME_PERSON);
  }
  if (task.approval().used()) return refuse(exchange::v1::ERROR_REASON_REPLAY_APPROVAL_USED);
  if (task.state() != replay::v1::REPLAY_TASK_STATE_PLANNED || replanned_.count(number) > 0) {
    return RefuseTaskState(task);
  }
  if (task.plan_sha256() != plan_sha256) {
    return refuse(exchange::v1::ERROR_REASON_REPLAY_PLAN_DIFFERS);
  }
  if (parts_.clock.Now() >= ExpiresAt(task)) {
    return refuse(exchange::v1::ERROR_REASON_REPLAY_APPROVAL_EXPIRED);
  }
  if (task.approval().plan_sha256() == task.plan_sha256()) {
    return RefuseTaskState(task, {"đã được phê duyệt", "is approved already"});
  }
  NDX_RETURN_IF_ERROR(parts_.ledger.Record({.event = journal::v1::JOURNAL_EVENT_REPLAY_APPROVED,
                                            .operator_name = who.name,
                                            .action = kApproveReplay},
                                           task));
  auto& approval = *task.mutable_approval();
  approval.set_approver(who.name);
  approval.set_time_unix_ns(absl::ToUnixNanos(parts_.clock.Now()));
  approval.set_plan_sha256(task.plan_sha256());
  NDX_RETURN_IF_ERROR(parts_.store.PutTask(task));
  return task;
}

absl::Status ReplayDesk::CheckApproval(const Task& task, const std::string& who) const {
  const auto refuse = [&](ErrorReason reason) {
    return RefuseApproval(task, who, kRunReplay, reason);
  };
  if (!task.plan().needs_approval()) return absl::OkStatus();
  if (!task.has_approval()) return refuse(exchange::v1::ERROR_REASON_REPLAY_APPROVAL_MISSING);
  if (task.approval().plan_sha256() != task.plan_sha256()) {
    return refuse(exchange::v1::ERROR_REASON_REPLAY_PLAN_DIFFERS);
  }
  if (parts_.clock.Now() >= ExpiresAt(task)) {
    return refuse(exchange::v1::ERROR_REASON_REPLAY_APPROVAL_EXPIRED);
  }
  return absl::OkStatus();
}

absl::StatusOr<bool> ReplayDesk::IsWhole(const Task& task) const {
  replay::ItemsDigest digest;
  NDX_RETURN_IF_ERROR(
      parts_.store.ForEachItem(task.number(), 0, [&](const replay::v1::ReplayItem& item) {
        digest.Add(item);
        return true;
      }));
  return digest.Finish() == task.plan().items_sha256() &&
         replay::PlanDigest(task.plan()) == task.plan_sha256();
}

absl::StatusOr<ReplayTask> ReplayDesk::Begin(const OperatorIdentity& who, const char* action,
                                             const Task& task) {
  const absl::Status begun = parts_.runner.Start(task, who.name, action);
  if (absl::IsResourceExhausted(begun)) {
    return RefusalStatus({.reason = exchange::v1::ERROR_REASON_REPLAY_TASKS_BUSY,
                          .parameters = {{"limit", std::string(begun.message())}}});
  }
  NDX_RETURN_IF_ERROR(begun);
  return Find(task.number());
}

absl::StatusOr<ReplayTask> ReplayDesk::Run(const OperatorIdentity& who, uint64_t number) {
  const core::MutexLock deciding(deciding_);
  NDX_ASSIGN_OR_RETURN(Task task, Find(number));
  const bool ended = task.state() == replay::v1::REPLAY_TASK_STATE_FINISHED ||
                     task.state() == replay::v1::REPLAY_TASK_STATE_CANCELLED;
  if (ended && task.approval().used()) {
    return RefuseApproval(task, who.name, kRunReplay,
                          exchange::v1::ERROR_REASON_REPLAY_APPROVAL_USED);
  }
  if (task.state() != replay::v1::REPLAY_TASK_STATE_PLANNED || replanned_.count(number) > 0) {
    return RefuseTaskState(task);
  }
  NDX_RETURN_IF_ERROR(CheckApproval(task, who.name));
  NDX_ASSIGN_OR_RETURN(const bool whole, IsWhole(task));
  if (!whole) {
    return RefuseApproval(task, who.name, kRunReplay,
                          exchange::v1::ERROR_REASON_REPLAY_PLAN_DIFFERS);
  }
  if (task.has_approval()) task.mutable_approval()->set_used(true);
  return Begin(who, kRunReplay, task);
}

absl::StatusOr<ReplayTask> ReplayDesk::Resume(const OperatorIdentity& who, uint64_t number) {
  const core::MutexLock deciding(deciding_);
  NDX_ASSIGN_OR_RETURN(Task task, Find(number));
  if (task.state() != replay::v1::REPLAY_TASK_STATE_PAUSED) return RefuseTaskState(task);
  return Begin(who, kResumeReplay, task);
}

absl::StatusOr<ReplayTask> ReplayDesk::Pause(const OperatorIdentity& who, uint64_t number) {
  NDX_ASSIGN_OR_RETURN(const Task task, Find(number));
  if (!parts_.runner.Halt(number, replay::TaskRunner::Order::kPause, who.name, kPauseReplay)) {
    return RefuseTaskState(task);
  }
  return Find(number);
}

absl::StatusOr<ReplayTask> ReplayDesk::Cancel(const OperatorIdentity& who, uint64_t number) {
  if (parts_.runner.Halt(number, replay::TaskRunner::Order::kCancel, who.name, kCancelReplay)) {
    return Find(number);
  }
  const core::MutexLock deciding(deciding_);
  NDX_ASSIGN_OR_RETURN(Task task, Find(number));
  const bool open = task.state() == replay::v1::REPLAY_TASK_STATE_PLANNED ||
                    task.state() == replay::v1::REPLAY_TASK_STATE_PAUSED;
  if (!open || replanned_.count(number) > 0) return RefuseTaskState(task);
  NDX_RETURN_IF_ERROR(parts_.ledger.Record({.event = journal::v1::JOURNAL_EVENT_REPLAY_ENDED,
                                            .operator_name = who.name,
                                            .action = kCancelReplay,
                                            .note = replay::CountsText(task.counts())},
                                           task));
  task.set_state(replay::v1::REPLAY_TASK_STATE_CANCELLED);
  task.set_ended_unix_ns(absl::ToUnixNanos(parts_.clock.Now()));
  NDX_RETURN_IF_ERROR(parts_.store.PutTask(task));
  return task;
}

}  // namespace ndx::console
