#include "statement_canceller.h"

#include <pthread.h>

#include <utility>

namespace ndx::connectors {

void CancelTarget::Close() {
  core::MutexLock lock(mutex_);
  stop_ = nullptr;
}

void CancelTarget::Stop() {
  core::MutexLock lock(mutex_);
  if (stop_ != nullptr) stop_();
}

StatementCanceller::StatementCanceller() : thread_([this] { Work(); }) {
  pthread_setname_np(thread_.native_handle(), "sql-cancel");
}

StatementCanceller::~StatementCanceller() {
  {
    core::MutexLock lock(mutex_);
    stopping_ = true;
    changed_.NotifyAll();
  }
  thread_.join();
}

void StatementCanceller::Request(std::shared_ptr<CancelTarget> target) {
  core::MutexLock lock(mutex_);
  queue_.push_back(std::move(target));
  changed_.NotifyOne();
}

void StatementCanceller::Work() {
  for (;;) {
    std::shared_ptr<CancelTarget> target;
    {
      core::MutexLock lock(mutex_);
      while (queue_.empty() && !stopping_) changed_.Wait(mutex_);
      if (stopping_) return;
      target = std::move(queue_.front());
      queue_.pop_front();
    }
    target->Stop();
  }
}

}  // namespace ndx::connectors
