// A few threads for operators' work that blocks: reading and verifying the journal, waiting for a
// leaf to be durable, loading a registry. (The exception to the rule against std::thread: an event
// loop must not do this, and the journal has no thread to lend.)
//
// Thread-safety: thread-safe. Ownership: what tasks refer to outlives Stop().
// Limits: at most `queue_max` tasks wait; one more is refused.
#pragma once

#include <deque>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/functional/any_invocable.h"
#include "ndx/core/mutex.h"

namespace ndx::console {

class WorkerPool {
 public:
  using Task = absl::AnyInvocable<void()>;

  struct Options {
    size_t threads = 4;
    size_t queue_max = 64;
  };

  explicit WorkerPool(Options options);
  // Stops as Stop() does.
  ~WorkerPool();
  WorkerPool(const WorkerPool&) = delete;
  WorkerPool& operator=(const WorkerPool&) = delete;

  // False when the queue is full or the pool has stopped; the task is then destroyed unrun.
  bool Submit(Task task);

  // Finishes the tasks that run, drops those that wait, joins the threads.
  void Stop();

 private:
  void Run();
  const Options options_;
  core::Mutex mutex_;
  core::CondVar changed_;  // of the two below
  std::deque<Task> queue_ ABSL_GUARDED_BY(mutex_);
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::vector<std::thread> threads_;
};

}  // namespace ndx::console
