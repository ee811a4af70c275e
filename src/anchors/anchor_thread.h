// The thread that keeps the anchors: it waits for other people's servers, so it is nobody else's.
//
// Thread-safety: Start and destruction from one thread. Ownership: anchors and poster outlive it.
#pragma once

#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/time/time.h"
#include "ndx/anchors/anchors.h"
#include "ndx/core/mutex.h"
#include "ndx/http/http_client.h"

namespace ndx::anchors {

class AnchorThread {
 public:
  // Calls anchors.RunDue() at once and then every `period`.
  AnchorThread(Anchors& anchors, http::HttpPoster& poster,
               absl::Duration period = absl::Seconds(1));
  // Ends a request that is under way, and the thread.
  ~AnchorThread();
  AnchorThread(const AnchorThread&) = delete;
  AnchorThread& operator=(const AnchorThread&) = delete;

 private:
  void Run();

  Anchors& anchors_;
  http::HttpPoster& poster_;
  const absl::Duration period_;
  core::Mutex mutex_;
  core::CondVar changed_;
  bool ending_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace ndx::anchors
