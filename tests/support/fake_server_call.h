// A call as a face gets it from the transport, that keeps what was answered.
//
//   FakeServerCall call(loop, peer, "/ledger.v1.LedgerService/Read", {{"ndx-purpose", "tthc"}});
//   call.Begin(face);  call.Send("request");  …  call.finished, call.status, call.messages
//
// Thread-safety: everything on the loop.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "ndx/transport/server_call.h"

namespace ndx::tests {

class FakeServerCall final : public transport::ServerCall {
 public:
  FakeServerCall(transport::EventLoop& on_loop, std::shared_ptr<const transport::PeerIdentity> from,
                 std::string path, transport::Metadata metadata)
      : loop_(on_loop), peer_(std::move(from)) {
    head_.path = std::move(path);
    head_.metadata = std::move(metadata);
    head_.received_nanos = head_.arrived_nanos = loop_.clock().MonotonicNanos();
  }

  void SetDeadline(absl::Duration from_now) {
    head_.deadline_nanos = head_.received_nanos + absl::ToInt64Nanoseconds(from_now);
  }

  void Begin(transport::ServerService& service) { observer = service.OnCall(*this); }
  // One whole request, as the transport tells it of a method that expects one message.
  void Send(std::string body) {
    observer->OnMessage(transport::MakeMessage(std::move(body)));
    observer->OnRequestEnd();
  }
  void Cancel() {
    open_ = false;
    observer->OnCancelled(transport::CancelCause::kResetByCaller);
  }
  // The transport lets go of the call once it is finished and its stream closed.
  void Close() {
    observer->OnClosed(open_);
    observer.reset();
  }

  const transport::RequestHead& head() const override { return head_; }
  const std::shared_ptr<const transport::PeerIdentity>& peer() const override { return peer_; }
  transport::EventLoop& loop() const override { return loop_; }
  void SetMessageBytesMax(size_t bytes) override { message_bytes_max = bytes; }
  void ExpectOneMessage() override { expects_one = true; }
  void SendInitialMetadata(transport::Metadata metadata) override { initial = std::move(metadata); }
  void SendMessage(transport::Message message) override {
    if (open_ && finished == 0) messages.push_back(*message);
  }
  void Finish(transport::GrpcStatus with, transport::Metadata and_trailers) override {
    if (++finished > 1) return;
    status = std::move(with);
    trailers = std::move(and_trailers);
  }
  void Reset(transport::Http2Error) override { ++finished; }
  size_t pending_send_bytes() const override { return pending; }
  void ReleaseReceived(size_t bytes) override { released += bytes; }
  bool open() const override { return open_ && finished == 0; }

  std::unique_ptr<transport::ServerCallObserver> observer;
  size_t message_bytes_max = 0;
  bool expects_one = false;
  size_t released = 0;
  std::optional<transport::Metadata> initial;
  std::vector<std::string> messages;
  int finished = 0;
  transport::GrpcStatus status;
  transport::Metadata trailers;
  size_t pending = 0;

 private:
  transport::EventLoop& loop_;
  const std::shared_ptr<const transport::PeerIdentity> peer_;
  transport::RequestHead head_;
  bool open_ = true;
};

}  // namespace ndx::tests
