// Replays as tasks (nhiệm vụ thực hiện lại): planned by one person, approved by another where
// something is executed, run by src/replay.
//
//   Plan ─▶ leaf ─▶ PLANNED ─▶ Approve ─▶ leaf ─▶ Run ─▶ leaf ─▶ RUNNING ⇄ PAUSED ─▶ FINISHED
//             ▲        │                                            └─▶ Cancel ─▶ leaf ─▶ CANCELLED
//             └────────┘ planned anew: the approval counts no more
//
// An approval is of one plan, by its SHA-256, which holds the list of exchanges; it counts for a
// time and for one beginning. What is refused of approvals and beginnings is a leaf too.
//
// Thread-safety: thread-safe; everything blocks on the disk, Plan() for as long as it takes to look
// at every exchange. Ownership: everything given outlives it.
// Errors: RefusalStatus() of REPLAY_…, OPERATOR_REASON_INVALID; those of store and journal.
#pragma once

#include <cstdint>
#include <set>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "ndx/console/operator_directory.h"
#include "ndx/console/persons.h"
#include "ndx/core/clock.h"
#include "ndx/core/mutex.h"
#include "ndx/replay/planner.h"
#include "ndx/replay/task_ledger.h"
#include "ndx/replay/task_runner.h"
#include "ndx/replay/task_store.h"

namespace ndx::console {

class ReplayDesk {
 public:
  struct Parts {
    replay::TaskStore& store;
    replay::TaskLedger& ledger;
    replay::Planner& planner;
    replay::TaskRunner& runner;
    const core::Clock& clock;
    const Persons* persons = nullptr;  // null: names alone tell persons apart
  };
  struct Options {
    absl::Duration approval_life = absl::Hours(24);
  };
  using Task = replay::v1::ReplayTask;

  ReplayDesk(const Parts& parts, const Options& options) : parts_(parts), options_(options) {}
  ReplayDesk(const ReplayDesk&) = delete;
  ReplayDesk& operator=(const ReplayDesk&) = delete;

  // replaces: the number of a planned task that is planned anew, by who planned it; 0: a new one.
  absl::StatusOr<Task> Plan(const OperatorIdentity& who, replay::PlanWish wish, uint64_t replaces);
  absl::StatusOr<Task> Approve(const OperatorIdentity& who, uint64_t number,
                               absl::string_view plan_sha256);
  absl::StatusOr<Task> Run(const OperatorIdentity& who, uint64_t number);
  // These two wait a while for the exchange under way.
  absl::StatusOr<Task> Pause(const OperatorIdentity& who, uint64_t number);
  absl::StatusOr<Task> Cancel(const OperatorIdentity& who, uint64_t number);
  absl::StatusOr<Task> Resume(const OperatorIdentity& who, uint64_t number);

  absl::StatusOr<Task> Find(uint64_t number) const;
  const replay::TaskStore& store() const { return parts_.store; }
  // What a running task waits for besides its pace.
  std::string WaitsFor(uint64_t number) const { return parts_.runner.WaitsFor(number); }
  // Until when it may be approved, or begun on its approval; infinite where that does not matter.
  absl::Time ExpiresAt(const Task& task) const;

 private:
  absl::StatusOr<Task> Begin(const OperatorIdentity& who, const char* action, const Task& task)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(deciding_);
  absl::Status RefuseApproval(const Task& task, const std::string& who, const char* action,
                              exchange::v1::ErrorReason reason) const;
  // That the approval counts for this beginning.
  absl::Status CheckApproval(const Task& task, const std::string& who) const;
  // The list of exchanges is the one of the plan.
  absl::StatusOr<bool> IsWhole(const Task& task) const;

  const Parts parts_;
  const Options options_;
  core::Mutex planning_;  // one plan at a time; taken before deciding_
  // Held over the disk: one step at a time.
  core::Mutex deciding_ ABSL_ACQUIRED_AFTER(planning_);
  std::set<uint64_t> replanned_ ABSL_GUARDED_BY(deciding_);
};

}  // namespace ndx::console
