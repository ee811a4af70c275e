// How a node stops: no exchange cut, no record lost.
#include <cstdlib>

#include "duration_setting.h"
#include "ndx/core/mutex.h"
#include "ndx/daemon/feed_watch.h"
#include "ndx/daemon/journal_continuity.h"
#include "ndx/daemon/node.h"

namespace ndx::daemon {

void Node::Drain() {
  const absl::Duration grace = DurationOf(settings_.exchange().drain_timeout());
  log_->Write(telemetry::LogEvent::kNodeStopping,
              {{"in_flight", broker_->admission().in_flight()}});
  notifier_.Stopping(grace + absl::Seconds(10));
  stopping_.store(true);
  if (replay_tasks_ != nullptr) replay_tasks_->Stop();
  mailbox_->HoldDeliveries();
  DrainServer(grace);
  broker_->admission().Stop();
  operators_.reset();
  feed_watch_.reset();
  erasures_->Stop();
  const bool all_ended = AwaitExchanges(grace);
  mailbox_->Stop();
  RecordRefusals();
  anchoring_->Stop();
  journal_->Close();
  continuity_->Keep(journal_->reader().Checkpoint());
  log_->Write(telemetry::LogEvent::kNodeStopped, {{"leaves", journal_->reader().size()}});
  // A change that its provider still works on cannot be waited for any longer. Its request is on
  // record, and the next start finds it in doubt; the process must end without touching what it
  // still refers to.
  if (!all_ended) {
    log_.reset();
    std::_Exit(0);
  }
}

void Node::DrainServer(absl::Duration grace) {
  struct Ended {
    core::Mutex mutex;
    core::CondVar changed;
    bool done ABSL_GUARDED_BY(mutex) = false;
  };
  auto ended = std::make_shared<Ended>();
  server_->Drain(grace, [ended](bool) {
    const core::MutexLock lock(ended->mutex);
    ended->done = true;
    ended->changed.NotifyAll();
  });
  {
    const core::MutexLock lock(ended->mutex);
    while (!ended->done) ended->changed.Wait(ended->mutex);
  }
  server_->Stop();
}

bool Node::AwaitExchanges(absl::Duration grace) {
  constexpr absl::Duration kLook = absl::Milliseconds(10);
  core::Mutex mutex;
  core::CondVar never;
  const int64_t until = clock_.MonotonicNanos() + absl::ToInt64Nanoseconds(grace);
  while (broker_->admission().in_flight() > 0) {
    if (clock_.MonotonicNanos() >= until) return false;
    const core::MutexLock lock(mutex);
    never.WaitFor(mutex, kLook);
  }
  return true;
}

}  // namespace ndx::daemon
