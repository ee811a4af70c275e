// One thread that runs tasks in order. Private to this folder.
//
// Thread-safety: thread-safe. std::thread: reading, decrypting and sealing large payloads block,
// and an event loop must not.
#pragma once

#include <deque>
#include <thread>

#include "absl/functional/any_invocable.h"
#include "ndx/core/mutex.h"

namespace ndx::journal {

class Worker {
 public:
  using Task = absl::AnyInvocable<void()>;

  explicit Worker(size_t tasks_max);
  ~Worker() { Close(); }

  // False if too many tasks wait or the worker is closed; the task is dropped then.
  bool Post(Task task);

  // Runs what waits, then ends the thread.
  void Close();

 private:
  void Run();

  const size_t tasks_max_;
  core::Mutex mutex_;
  core::CondVar changed_;
  std::deque<Task> tasks_ ABSL_GUARDED_BY(mutex_);
  bool closed_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace ndx::journal
