// Runs replay tasks in the background: one exchange after another, at the plan's pace, behind live
// traffic, until the end, an order, or too many failures in a row. Has a thread for each task that
// runs: its work blocks on disk and journal, and waits for providers, which an event loop must not.
//
//   PLANNED ─▶ RUNNING ─▶ FINISHED
//                │  ▲
//                ▼  │            every change of state is a leaf first, then kept
//              PAUSED ─▶ CANCELLED (from PLANNED too)
//
// One exchange of a task is under way at a time, so their order is kept as a whole. A dry run sends
// nothing and knows no pace. What a stop or a crash of the node leaves RUNNING is PAUSED by the
// next start, and goes on only when somebody says so.
//
// Thread-safety: thread-safe. Ownership: everything given outlives Stop(); callbacks of exchanges
// still under way then touch nothing of it.
// Errors: Start() as the task store and the journal; trouble of the disk on the way halts the task
// with a log line.
#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "ndx/core/mutex.h"
#include "ndx/replay/dry_run.h"
#include "ndx/replay/item_sender.h"
#include "ndx/replay/task_store.h"
#include "ndx/telemetry/log.h"

namespace ndx::replay {

class TaskRunner {
 public:
  struct Parts {
    ItemSender::Parts sending;
    DryRun::Parts dry_run;
    telemetry::Log& log;
    // True while nothing may be sent to this provider by this method (công tắc dừng); may be null.
    std::function<bool(absl::string_view method, absl::string_view provider)> stopped = nullptr;
    // True while the node has more to do than it can; may be null.
    std::function<bool()> overloaded = nullptr;
  };
  struct Options {
    size_t tasks_max = 4;
  };

  TaskRunner(Parts parts, Options options);
  ~TaskRunner();
  TaskRunner(const TaskRunner&) = delete;
  TaskRunner& operator=(const TaskRunner&) = delete;

  // What an earlier process left RUNNING is paused. Before anything else.
  absl::Status PauseInterrupted();

  // Records REPLAY_STARTED, keeps the task as RUNNING and lets it run. kResourceExhausted: as many
  // run as may. The task is PLANNED or PAUSED and not running.
  absl::Status Start(v1::ReplayTask task, const std::string& operator_name,
                     const std::string& action);

  enum class Order { kPause, kCancel };
  // Halts a running task and waits a while for it; false: it does not run.
  bool Halt(uint64_t number, Order order, const std::string& operator_name,
            const std::string& action);

  // What a running task waits for besides its pace; empty: nothing, or it does not run.
  std::string WaitsFor(uint64_t number) const;
  size_t running() const;
  // Exchanges settled since the start: sent with an answer; not sent or without one.
  uint64_t answered() const { return answered_.load(); }
  uint64_t failed() const { return failed_.load(); }

  // Lets go of all tasks: they stay RUNNING in the store.
  void Stop();

 private:
  struct Running;
  class Run;

  bool IsStopping() const;
  // One of the tasks that may run, for this one.
  absl::Status TakePlace(uint64_t number);
  absl::Status RecordStart(v1::ReplayTask& task, const std::string& action);
  // Lets go of threads that have ended.
  void Forget() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const Parts parts_;
  const Options options_;
  std::atomic<uint64_t> answered_{0};
  std::atomic<uint64_t> failed_{0};
  mutable core::Mutex mutex_;
  mutable core::CondVar changed_;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::map<uint64_t, std::unique_ptr<Running>> running_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace ndx::replay
