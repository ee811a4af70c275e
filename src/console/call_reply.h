// The answering end of one call, for whichever thread does the work.
//
// Messages and the final status are posted to the call's event loop. When the call is gone, because
// the caller hung up or the server stopped, they are dropped.
//
// Thread-safety: thread-safe, except Attach and the On… methods, which belong to the event loop.
// Ownership: shared between the call's observer and whoever will answer; the latter may outlive the
// call, its connection and the server.
#pragma once

#include <atomic>
#include <memory>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "ndx/core/mutex.h"
#include "ndx/transport/server_call.h"

namespace ndx::console {

class CallReply : public std::enable_shared_from_this<CallReply> {
 public:
  explicit CallReply(transport::ServerCall& call) : loop_(&call.loop()), call_(&call) {}

  // Sends one serialized message.
  void Send(std::string message);

  // The last word. Later calls do nothing.
  void Finish(absl::Status status);

  // The caller does not wait for an answer any more.
  bool cancelled() const { return cancelled_.load(); }

  // Messages and bytes that the caller has not taken yet are more than this: leave some out.
  static constexpr size_t kBacklogBytesMax = size_t{256} << 10;
  bool congested() const { return backlog_bytes_.load() > kBacklogBytesMax; }

  // Blocks a worker until the caller has taken what was sent, but for the backlog, or is gone. Not
  // on the loop.
  void WaitWhileCongested();

  // Of the observer, on the loop.
  void OnCancelled();
  void OnSendable();
  // The call is about to be destroyed.
  void Detach();

 private:
  // Runs act on the loop while the call exists.
  void OnLoop(absl::AnyInvocable<void(transport::ServerCall&)> act);

  // Wakes who waits for the backlog to shrink.
  void NotifyTaken();

  core::Mutex mutex_;
  core::CondVar taken_;  // backlog_bytes_ or cancelled_ changed, or loop_ went
  transport::EventLoop* loop_ ABSL_GUARDED_BY(mutex_);
  transport::ServerCall* call_;  // only on the loop; null when the call is gone
  bool finished_ = false;        // only on the loop
  std::atomic<bool> cancelled_{false};
  std::atomic<size_t> backlog_bytes_{0};
};

}  // namespace ndx::console
