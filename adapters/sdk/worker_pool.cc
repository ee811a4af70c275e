#include "ndx/adapters/sdk/worker_pool.h"

#include <pthread.h>

#include <utility>

#include "absl/strings/str_cat.h"
#include "ndx/core/status_macros.h"

namespace ndx::sdk {

WorkerPool::WorkerPool(WorkerPoolOptions options) : options_(std::move(options)) {
  NDX_CHECK(options_.threads > 0);
  threads_.reserve(options_.threads);
  for (size_t i = 0; i < options_.threads; ++i) {
    threads_.emplace_back([this] { Work(); });
    const std::string name = absl::StrCat(options_.name, "-", i).substr(0, 15);
    pthread_setname_np(threads_.back().native_handle(), name.c_str());
  }
}

WorkerPool::~WorkerPool() { Stop(); }

bool WorkerPool::TryRun(Task& task) {
  core::MutexLock lock(mutex_);
  if (stopping_ || queue_.size() >= options_.queue_max) return false;
  queue_.push_back(std::move(task));
  changed_.NotifyOne();
  return true;
}

void WorkerPool::Stop() {
  std::deque<Task> dropped;
  {
    core::MutexLock lock(mutex_);
    stopping_ = true;
    dropped.swap(queue_);
    changed_.NotifyAll();
  }
  for (std::thread& thread : threads_) thread.join();
  threads_.clear();
}

size_t WorkerPool::queued() const {
  core::MutexLock lock(mutex_);
  return queue_.size();
}

void WorkerPool::Work() {
  for (;;) {
    Task task;
    {
      core::MutexLock lock(mutex_);
      while (queue_.empty() && !stopping_) changed_.Wait(mutex_);
      if (stopping_) return;
      task = std::move(queue_.front());
      queue_.pop_front();
    }
    task();
  }
}

}  // namespace ndx::sdk
