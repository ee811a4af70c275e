#include "ndx/daemon/feed_watch.h"

#include <pthread.h>

namespace ndx::daemon {

FeedWatch::FeedWatch(console::PeerDesk& desk, absl::Duration interval)
    : desk_(desk), interval_(interval), thread_([this] { Run(); }) {}

FeedWatch::~FeedWatch() {
  {
    const core::MutexLock lock(mutex_);
    ending_ = true;
  }
  changed_.NotifyAll();
  thread_.join();
}

void FeedWatch::Run() {
  (void)pthread_setname_np(pthread_self(), "ndx-feeds");
  while (true) {
    desk_.Refresh();
    const core::MutexLock lock(mutex_);
    if (!ending_) changed_.WaitFor(mutex_, interval_);
    if (ending_) return;
  }
}

}  // namespace ndx::daemon
