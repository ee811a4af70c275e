// Asks peers for their services at intervals, the first time at once.
//
// A thread of its own: it waits for other nodes.
//
// Thread-safety: construction and destruction from one thread. Ownership: the desk outlives it.
#pragma once

#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/time/time.h"
#include "ndx/console/peer_desk.h"
#include "ndx/core/mutex.h"

namespace ndx::daemon {

class FeedWatch {
 public:
  // Begins.
  FeedWatch(console::PeerDesk& desk, absl::Duration interval);
  // Waits for a question that is under way: kFeedDeadline at most for each peer.
  ~FeedWatch();
  FeedWatch(const FeedWatch&) = delete;
  FeedWatch& operator=(const FeedWatch&) = delete;

 private:
  void Run();

  console::PeerDesk& desk_;
  const absl::Duration interval_;
  core::Mutex mutex_;
  core::CondVar changed_;
  bool ending_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace ndx::daemon
