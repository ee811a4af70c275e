#include "ndx/console/worker_pool.h"

#include <utility>

namespace ndx::console {

WorkerPool::WorkerPool(Options options) : options_(options) {
  for (size_t i = 0; i < options_.threads; ++i) threads_.emplace_back([this] { Run(); });
}

WorkerPool::~WorkerPool() { Stop(); }

bool WorkerPool::Submit(Task task) {
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
  for (std::thread& thread : threads_) {
    if (thread.joinable()) thread.join();
  }
}

void WorkerPool::Run() {
  while (true) {
    Task task;
    {
      core::MutexLock lock(mutex_);
      while (!stopping_ && queue_.empty()) changed_.Wait(mutex_);
      if (stopping_) return;
      task = std::move(queue_.front());
      queue_.pop_front();
    }
    task();
  }
}

}  // namespace ndx::console
