// Threads for drivers that block. This is the one place in the adapters that makes threads for
// calls: a database driver waits for its server, and an event loop must never wait.
//
// Thread-safety: thread-safe.
// Limits: at most queue_max tasks wait; a full queue refuses.
// Ownership: tasks own what they use. The destructor drops tasks that have not begun (their
// destructor runs) and joins the threads.
#pragma once

#include <cstddef>
#include <deque>
#include <string>
#include <thread>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "ndx/core/mutex.h"

namespace ndx::sdk {

struct WorkerPoolOptions {
  size_t threads = 4;
  // Tasks that wait, those running not among them.
  size_t queue_max = 256;
  // Threads are named <name>-0, <name>-1 … (15 characters at most).
  std::string name = "adapter";
};

class WorkerPool {
 public:
  using Task = absl::AnyInvocable<void()>;

  explicit WorkerPool(WorkerPoolOptions options);
  ~WorkerPool();
  WorkerPool(const WorkerPool&) = delete;
  WorkerPool& operator=(const WorkerPool&) = delete;

  // Queues the task for the next free thread. False when the queue is full or the pool is stopping;
  // the task is then left to the caller unchanged.
  bool TryRun(Task& task);

  // No new tasks; waits for those that run, and drops those that wait. Called again, waits for
  // nothing.
  void Stop();

  // Tasks that wait.
  size_t queued() const;

 private:
  void Work();

  const WorkerPoolOptions options_;
  mutable core::Mutex mutex_;
  core::CondVar changed_;
  std::deque<Task> queue_ ABSL_GUARDED_BY(mutex_);
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::vector<std::thread> threads_;
};

}  // namespace ndx::sdk
