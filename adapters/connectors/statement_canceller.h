// Stops statements that run on a database server, from a thread of its own: asking the server to
// stop one opens a connection and waits, which the thread that learns of the cancellation (an event
// loop) must not do.
//
// Thread-safety: thread-safe.
// Ownership: targets are shared, because a connection may close while its cancellation is on its
// way.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <thread>

#include "ndx/core/mutex.h"

namespace ndx::connectors {

// What stops the statement of one connection. Blocks; called on the canceller's thread.
class CancelTarget {
 public:
  explicit CancelTarget(std::function<void()> stop) : stop_(std::move(stop)) {}

  // After Close() has returned, stop is not running and will not run.
  void Close();
  void Stop();

 private:
  core::Mutex mutex_;
  std::function<void()> stop_ ABSL_GUARDED_BY(mutex_);
};

class StatementCanceller {
 public:
  StatementCanceller();
  ~StatementCanceller();
  StatementCanceller(const StatementCanceller&) = delete;
  StatementCanceller& operator=(const StatementCanceller&) = delete;

  // Queues the target; returns at once. There are never more than connections.
  void Request(std::shared_ptr<CancelTarget> target);

 private:
  void Work();

  core::Mutex mutex_;
  core::CondVar changed_;
  std::deque<std::shared_ptr<CancelTarget>> queue_ ABSL_GUARDED_BY(mutex_);
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace ndx::connectors
