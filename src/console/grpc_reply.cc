#include "ndx/console/grpc_reply.h"

#include <utility>

#include "ndx/console/refusal_status.h"

namespace ndx::console {

void GrpcReply::OnLoop(absl::AnyInvocable<void(transport::ServerCall&)> act) {
  core::MutexLock lock(mutex_);
  if (loop_ == nullptr) return;
  loop_->Post([self = shared_from_this(), act = std::move(act)]() mutable {
    if (self->call_ != nullptr && !self->finished_) act(*self->call_);
  });
}

void GrpcReply::Send(std::string message) {
  backlog_bytes_ += message.size();
  OnLoop([this, message = std::move(message)](transport::ServerCall& call) mutable {
    call.SendMessage(transport::MakeMessage(std::move(message)));
    backlog_bytes_ = call.pending_send_bytes();
    NotifyTaken();
  });
}

void GrpcReply::WaitWhileCongested() {
  core::MutexLock lock(mutex_);
  while (congested() && !cancelled() && loop_ != nullptr) taken_.Wait(mutex_);
}

void GrpcReply::NotifyTaken() {
  // Taken so that nobody is between looking and waiting.
  { core::MutexLock lock(mutex_); }
  taken_.NotifyAll();
}

void GrpcReply::Finish(absl::Status status) {
  OnLoop([this, status = std::move(status)](transport::ServerCall& call) {
    finished_ = true;
    call.Finish(ToWireStatus(status));
  });
}

void GrpcReply::OnCancelled() {
  cancelled_ = true;
  NotifyTaken();
  if (call_ == nullptr || finished_) return;
  // Nothing is recorded for the caller's sake: what an operator asked for was recorded before it
  // began. So the call may end now, whatever still runs.
  finished_ = true;
  call_->Finish(transport::ToGrpcStatus(absl::CancelledError("the caller hung up")));
}

void GrpcReply::OnSendable() {
  if (call_ != nullptr) backlog_bytes_ = call_->pending_send_bytes();
  NotifyTaken();
}

void GrpcReply::Detach() {
  cancelled_ = true;
  call_ = nullptr;
  {
    core::MutexLock lock(mutex_);
    loop_ = nullptr;
  }
  taken_.NotifyAll();
}

}  // namespace ndx::console
