#include "worker.h"

#include <utility>

namespace ndx::journal {

Worker::Worker(size_t tasks_max) : tasks_max_(tasks_max), thread_([this] { Run(); }) {}

bool Worker::Post(Task task) {
  core::MutexLock lock(mutex_);
  if (closed_ || tasks_.size() >= tasks_max_) return false;
  tasks_.push_back(std::move(task));
  changed_.NotifyOne();
  return true;
}

void Worker::Close() {
  {
    core::MutexLock lock(mutex_);
    closed_ = true;
    changed_.NotifyOne();
  }
  if (thread_.joinable()) thread_.join();
}

void Worker::Run() {
  while (true) {
    Task task;
    {
      core::MutexLock lock(mutex_);
      while (tasks_.empty() && !closed_) changed_.Wait(mutex_);
      if (tasks_.empty()) return;
      task = std::move(tasks_.front());
      tasks_.pop_front();
    }
    task();
  }
}

}  // namespace ndx::journal
