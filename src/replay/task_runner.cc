#include "ndx/replay/task_runner.h"

#include <algorithm>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "ndx/core/status_macros.h"
#include "ndx/replay/pacer.h"
#include "ndx/replay/replay_rules.h"
#include "ndx/replay/task_counts.h"

namespace ndx::replay {
namespace {

using telemetry::LogEvent;

// How long a pause waits for the exchange under way.
constexpr absl::Duration kHaltAwaited = absl::Seconds(5);
constexpr absl::Duration kSwitchLook = absl::Milliseconds(100);
// A node or provider without room is asked so often before it counts as a failure.
constexpr int kBusyTries = 10;
constexpr size_t kDryItemsAWrite = 200;

}  // namespace

// What is known of a running task outside its thread; guarded by the runner's mutex.
struct TaskRunner::Running {
  std::thread thread;
  bool done = false;
  std::optional<Order> order;
  std::string ordered_by;
  std::string action;
  std::string waits_for;
};

// One task on its thread.
class TaskRunner::Run {
 public:
  Run(TaskRunner& runner, Running& running, v1::ReplayTask task)
      : runner_(runner),
        running_(running),
        task_(std::move(task)),
        sender_(runner.parts_.sending, [&runner] { return runner.IsStopping(); }),
        pacer_(task_.plan().pace_per_minute()) {}

  // What ended it, kept and on record.
  void operator()() {
    const absl::Status status = ToTheEnd();
    if (status.ok()) return;
    runner_.parts_.log.Write(LogEvent::kReplayHalted,
                             {{"task", task_.number()}, {"error", status}});
    task_.set_paused_because("store");
    (void)End(journal::v1::JOURNAL_EVENT_REPLAY_PAUSED, v1::REPLAY_TASK_STATE_PAUSED, "", "");
  }

 private:
  enum class Verdict { kGo, kHalt, kStop };

  absl::Status ToTheEnd() {
    if (task_.plan().mode() == v1::REPLAY_MODE_EXECUTE) NDX_RETURN_IF_ERROR(ReadHeldGroups());
    if (task_.plan().mode() == v1::REPLAY_MODE_DRY_RUN) dry_run_.emplace(runner_.parts_.dry_run);
    while (task_.next_item() <= task_.plan().items()) {
      NDX_ASSIGN_OR_RETURN(auto item, store().Item(task_.number(), task_.next_item()));
      NDX_ASSIGN_OR_RETURN(const Verdict verdict, See(item));
      if (verdict == Verdict::kStop) return absl::OkStatus();
      if (verdict == Verdict::kHalt) {
        NDX_RETURN_IF_ERROR(Flush());
        return HaltNow();
      }
    }
    NDX_RETURN_IF_ERROR(Flush());
    return End(journal::v1::JOURNAL_EVENT_REPLAY_ENDED, v1::REPLAY_TASK_STATE_FINISHED, "", "");
  }

  // One item, as far as it goes.
  absl::StatusOr<Verdict> See(v1::ReplayItem& item) {
    if (IsSettled(item)) {
      task_.set_next_item(item.number() + 1);
      return Ordered();
    }
    if (dry_run_.has_value()) return SeeDry(item);
    if (held_groups_.count(item.order_group()) > 0) {
      NDX_RETURN_IF_ERROR(sender_.Leave(task_, exchange::v1::ERROR_REASON_REPLAY_HELD_BACK, item));
      NDX_RETURN_IF_ERROR(Keep(item));
      return Ordered();
    }
    for (int tries = 1;; ++tries) {
      if (const Verdict turn = AwaitTurn(item); turn != Verdict::kGo) return turn;
      pacer_.Sent(now());
      NDX_ASSIGN_OR_RETURN(const auto step, sender_.Send(task_, item));
      if (step == ItemSender::Step::kGivenUp) return Verdict::kStop;
      if (step == ItemSender::Step::kSettled) break;
      if (tries == kBusyTries) {
        NDX_RETURN_IF_ERROR(sender_.Leave(task_, core::ReasonFromName(item.reason()), item));
        break;
      }
      // Nothing was sent: the next try has an id of its own.
      item.set_state(v1::REPLAY_ITEM_STATE_WAITING);
      if (const Verdict waited = Wait(sender_.pause(), item.reason()); waited != Verdict::kGo) {
        return waited;
      }
    }
    NDX_RETURN_IF_ERROR(Keep(item));
    if (task_.failures_in_a_row() < task_.plan().stop_after()) return Ordered();
    task_.set_paused_because("failures");
    return Verdict::kHalt;
  }

  absl::StatusOr<Verdict> SeeDry(v1::ReplayItem& item) {
    const auto refusal = dry_run_->Judge(item);
    item.set_state(refusal.has_value() ? v1::REPLAY_ITEM_STATE_NOT_SENT
                                       : v1::REPLAY_ITEM_STATE_PASSED);
    if (refusal.has_value()) item.set_reason(core::ReasonName(refusal->reason));
    item.set_settled_unix_ns(absl::ToUnixNanos(clock().Now()));
    CountSettled(item, *task_.mutable_counts());
    task_.set_next_item(item.number() + 1);
    dry_items_.push_back(item);
    if (dry_items_.size() >= kDryItemsAWrite) NDX_RETURN_IF_ERROR(Flush());
    return Ordered();
  }

  absl::Status Flush() {
    if (dry_items_.empty()) return absl::OkStatus();
    NDX_RETURN_IF_ERROR(store().PutProgress(task_, dry_items_));
    dry_items_.clear();
    return absl::OkStatus();
  }

  absl::Status Keep(const v1::ReplayItem& item) {
    const bool failed = IsFailure(item);
    CountSettled(item, *task_.mutable_counts());
    task_.set_next_item(item.number() + 1);
    const bool held =
        item.reason() == core::ReasonName(exchange::v1::ERROR_REASON_REPLAY_HELD_BACK);
    if (!held) task_.set_failures_in_a_row(failed ? task_.failures_in_a_row() + 1 : 0);
    if (failed && task_.plan().mode() == v1::REPLAY_MODE_EXECUTE) {
      held_groups_.insert(item.order_group());
    }
    ++(failed ? runner_.failed_ : runner_.answered_);
    return store().PutProgress(task_, {&item, 1});
  }

  absl::Status ReadHeldGroups() {
    return store().ForEachItem(task_.number(), 0, [this](const v1::ReplayItem& item) {
      if (IsSettled(item) && IsFailure(item)) held_groups_.insert(item.order_group());
      return item.number() < task_.next_item();
    });
  }

  // Behind the pace, the stop switch and live traffic.
  Verdict AwaitTurn(const v1::ReplayItem& item) {
    while (true) {
      const absl::Duration pace = pacer_.Wait(now());
      std::string why;
      absl::Duration wait = pace;
      const auto& parts = runner_.parts_;
      if (parts.stopped != nullptr && parts.stopped(item.method(), item.provider())) {
        why = "stop switch";
        wait = std::max(pace, kSwitchLook);
      } else if (parts.overloaded != nullptr && parts.overloaded()) {
        why = "overload";
        wait = std::max(pace, kSwitchLook);
      }
      if (wait <= absl::ZeroDuration()) {
        return Wait(absl::ZeroDuration(), "");
      }
      if (const Verdict waited = Wait(wait, why); waited != Verdict::kGo) return waited;
    }
  }

  // Waits so long, or until something is ordered.
  Verdict Wait(absl::Duration duration, const std::string& why) {
    const int64_t until = now() + absl::ToInt64Nanoseconds(duration);
    const core::MutexLock lock(runner_.mutex_);
    running_.waits_for = why;
    while (true) {
      if (runner_.stopping_) return Verdict::kStop;
      if (running_.order.has_value()) return Verdict::kHalt;
      const int64_t left = until - now();
      if (left <= 0) return Verdict::kGo;
      runner_.changed_.WaitFor(runner_.mutex_, absl::Nanoseconds(left));
    }
  }
  Verdict Ordered() { return Wait(absl::ZeroDuration(), ""); }

  absl::Status HaltNow() {
    std::optional<Order> order;
    std::string by;
    std::string action;
    {
      const core::MutexLock lock(runner_.mutex_);
      order = running_.order;
      by = running_.ordered_by;
      action = running_.action;
    }
    if (order == Order::kCancel) {
      return End(journal::v1::JOURNAL_EVENT_REPLAY_ENDED, v1::REPLAY_TASK_STATE_CANCELLED, by,
                 action);
    }
    if (order == Order::kPause) task_.set_paused_because("operator");
    return End(journal::v1::JOURNAL_EVENT_REPLAY_PAUSED, v1::REPLAY_TASK_STATE_PAUSED, by, action);
  }

  absl::Status End(journal::v1::JournalEvent event, v1::ReplayTaskState state,
                   const std::string& by, const std::string& action) {
    const bool paused = state == v1::REPLAY_TASK_STATE_PAUSED;
    const std::string note = absl::StrCat(paused ? task_.paused_because() : "", paused ? ", " : "",
                                          CountsText(task_.counts()));
    NDX_RETURN_IF_ERROR(runner_.parts_.sending.ledger.Record(
        {.event = event, .operator_name = by, .action = action, .note = note}, task_));
    task_.set_state(state);
    if (!paused) {
      task_.clear_paused_because();
      task_.set_ended_unix_ns(absl::ToUnixNanos(clock().Now()));
    }
    runner_.parts_.log.Write(paused ? LogEvent::kReplayPaused : LogEvent::kReplayEnded,
                             {{"task", task_.number()},
                              {"why", task_.paused_because()},
                              {"waiting", task_.counts().waiting()},
                              {"failed", FailuresOf(task_.counts())}});
    return store().PutTask(task_);
  }

  TaskStore& store() { return runner_.parts_.sending.store; }
  const core::Clock& clock() const { return runner_.parts_.sending.clock; }
  int64_t now() const { return clock().MonotonicNanos(); }

  TaskRunner& runner_;
  Running& running_;
  v1::ReplayTask task_;
  ItemSender sender_;
  Pacer pacer_;
  std::optional<DryRun> dry_run_;
  std::vector<v1::ReplayItem> dry_items_;
  std::set<uint32_t> held_groups_;
};

TaskRunner::TaskRunner(Parts parts, Options options)
    : parts_(std::move(parts)), options_(options) {}

TaskRunner::~TaskRunner() { Stop(); }

bool TaskRunner::IsStopping() const {
  const core::MutexLock lock(mutex_);
  return stopping_;
}

absl::Status TaskRunner::PauseInterrupted() {
  constexpr size_t kPage = 100;
  uint64_t before = 0;
  while (true) {
    NDX_ASSIGN_OR_RETURN(const auto tasks, parts_.sending.store.Tasks(before, kPage));
    for (v1::ReplayTask task : tasks) {
      before = task.number();
      if (task.state() != v1::REPLAY_TASK_STATE_RUNNING) continue;
      task.set_paused_because("restart");
      NDX_RETURN_IF_ERROR(parts_.sending.ledger.Record(
          {.event = journal::v1::JOURNAL_EVENT_REPLAY_PAUSED,
           .operator_name = "",
           .action = "",
           .note = absl::StrCat("restart, ", CountsText(task.counts()))},
          task));
      task.set_state(v1::REPLAY_TASK_STATE_PAUSED);
      parts_.log.Write(LogEvent::kReplayPaused, {{"task", task.number()}, {"why", "restart"}});
      NDX_RETURN_IF_ERROR(parts_.sending.store.PutTask(task));
    }
    if (tasks.size() < kPage) return absl::OkStatus();
  }
}

absl::Status TaskRunner::TakePlace(uint64_t number) {
  const core::MutexLock lock(mutex_);
  // A task that has just halted is about to say that it is done.
  while (!stopping_ && running_.count(number) > 0) {
    Forget();
    if (running_.count(number) > 0) changed_.Wait(mutex_);
  }
  Forget();
  if (stopping_) return absl::CancelledError("the node is stopping");
  if (running_.size() >= options_.tasks_max) {
    return absl::ResourceExhaustedError(absl::StrCat(options_.tasks_max));
  }
  running_[number] = std::make_unique<Running>();
  return absl::OkStatus();
}

absl::Status TaskRunner::RecordStart(v1::ReplayTask& task, const std::string& action) {
  NDX_RETURN_IF_ERROR(
      parts_.sending.ledger.Record({.event = journal::v1::JOURNAL_EVENT_REPLAY_STARTED,
                                    .operator_name = task.run_by(),
                                    .action = action,
                                    .note = CountsText(task.counts())},
                                   task));
  task.set_state(v1::REPLAY_TASK_STATE_RUNNING);
  task.clear_paused_because();
  task.set_failures_in_a_row(0);
  if (task.begun_unix_ns() == 0) {
    task.set_begun_unix_ns(absl::ToUnixNanos(parts_.sending.clock.Now()));
  }
  NDX_RETURN_IF_ERROR(parts_.sending.store.PutTask(task));
  parts_.log.Write(LogEvent::kReplayStarted, {{"task", task.number()},
                                              {"mode", ModeWord(task.plan().mode())},
                                              {"operator", task.run_by()},
                                              {"items", task.plan().items()}});
  return absl::OkStatus();
}

absl::Status TaskRunner::Start(v1::ReplayTask task, const std::string& operator_name,
                               const std::string& action) {
  const uint64_t number = task.number();
  NDX_RETURN_IF_ERROR(TakePlace(number));
  task.set_run_by(operator_name);
  absl::Status recorded = RecordStart(task, action);
  const core::MutexLock lock(mutex_);
  // Stop() has come in between: the next start pauses it.
  if (stopping_) return absl::CancelledError("the node is stopping");
  if (!recorded.ok()) {
    running_.erase(number);
    changed_.NotifyAll();
    return recorded;
  }
  Running& running = *running_[number];
  running.thread = std::thread([this, &running, task = std::move(task)] {
    Run(*this, running, task)();
    const core::MutexLock done(mutex_);
    running.done = true;
    changed_.NotifyAll();
  });
  return absl::OkStatus();
}

bool TaskRunner::Halt(uint64_t number, Order order, const std::string& operator_name,
                      const std::string& action) {
  const int64_t until =
      parts_.sending.clock.MonotonicNanos() + absl::ToInt64Nanoseconds(kHaltAwaited);
  const core::MutexLock lock(mutex_);
  Forget();
  const auto found = running_.find(number);
  if (found == running_.end()) return false;
  Running& running = *found->second;
  running.order = order;
  running.ordered_by = operator_name;
  running.action = action;
  changed_.NotifyAll();
  while (!running.done && !stopping_) {
    const int64_t left = until - parts_.sending.clock.MonotonicNanos();
    if (left <= 0) break;
    changed_.WaitFor(mutex_, absl::Nanoseconds(left));
  }
  return true;
}

std::string TaskRunner::WaitsFor(uint64_t number) const {
  const core::MutexLock lock(mutex_);
  const auto found = running_.find(number);
  return found == running_.end() || found->second->done ? "" : found->second->waits_for;
}

size_t TaskRunner::running() const {
  const core::MutexLock lock(mutex_);
  size_t count = 0;
  for (const auto& [number, running] : running_) count += running->done ? 0 : 1;
  return count;
}

void TaskRunner::Forget() {
  for (auto it = running_.begin(); it != running_.end();) {
    if (!it->second->done) {
      ++it;
      continue;
    }
    // It has said that it is done, and does nothing after it but return.
    it->second->thread.join();
    it = running_.erase(it);
  }
}

void TaskRunner::Stop() {
  std::map<uint64_t, std::unique_ptr<Running>> running;
  {
    const core::MutexLock lock(mutex_);
    stopping_ = true;
    running.swap(running_);
    changed_.NotifyAll();
  }
  for (auto& [number, state] : running) {
    if (state->thread.joinable()) state->thread.join();
  }
}

}  // namespace ndx::replay
