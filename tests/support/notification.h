// Something that happens once, and that another thread waits for; visible to the thread sanitizer.
//
// Thread-safety: thread-safe. May be destroyed as soon as WaitForNotification() has returned.
#pragma once

#include "ndx/core/mutex.h"

namespace ndx::tests {

class Notification {
 public:
  void Notify() {
    core::MutexLock lock(mutex_);
    happened_ = true;
    changed_.NotifyAll();
  }

  void WaitForNotification() {
    core::MutexLock lock(mutex_);
    while (!happened_) changed_.Wait(mutex_);
  }

  bool HasBeenNotified() {
    core::MutexLock lock(mutex_);
    return happened_;
  }

 private:
  core::Mutex mutex_;
  core::CondVar changed_;
  bool happened_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace ndx::tests
