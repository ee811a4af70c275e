// The answering end of a gRPC call: messages and the final status are posted to the call's event
// loop.
//
// Thread-safety: thread-safe, except the constructor and the On… methods, which belong to the event
// loop.
#pragma once

#include <atomic>
#include <memory>
#include <string>

#include "absl/base/thread_annotations.h"
#include "ndx/console/call_reply.h"
#include "ndx/core/mutex.h"
#include "ndx/transport/server_call.h"

namespace ndx::console {

class GrpcReply final : public CallReply, public std::enable_shared_from_this<GrpcReply> {
 public:
  explicit GrpcReply(transport::ServerCall& call) : loop_(&call.loop()), call_(&call) {}

  void Send(std::string message) override;
  void Finish(absl::Status status) override;
  bool cancelled() const override { return cancelled_.load(); }
  bool congested() const override { return backlog_bytes_.load() > kBacklogBytesMax; }
  void WaitWhileCongested() override;

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
