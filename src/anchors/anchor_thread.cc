#include "ndx/anchors/anchor_thread.h"

namespace ndx::anchors {

AnchorThread::AnchorThread(Anchors& anchors, http::HttpPoster& poster, absl::Duration period)
    : anchors_(anchors), poster_(poster), period_(period), thread_([this] { Run(); }) {}

AnchorThread::~AnchorThread() {
  {
    const core::MutexLock lock(mutex_);
    ending_ = true;
    changed_.NotifyAll();
  }
  poster_.Stop();
  thread_.join();
}

void AnchorThread::Run() {
  while (true) {
    {
      const core::MutexLock lock(mutex_);
      if (ending_) return;
    }
    anchors_.RunDue();
    const core::MutexLock lock(mutex_);
    if (!ending_) changed_.WaitFor(mutex_, period_);
  }
}

}  // namespace ndx::anchors
