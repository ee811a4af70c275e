// One call on the calling side: waits in the channel's queue, then lives on an HTTP/2 stream.
//
//   queued ─▶ begun (connection, id) ─▶ ended ─▶ told (OnEnd) ─▶ released
//
// Thread-safety: on the channel's loop.
// Ownership: owned by the channel; the application holds a CallHandle to it.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "internal/answer_headers.h"
#include "internal/http2_stream.h"
#include "internal/receive_buffer.h"
#include "internal/send_queue.h"
#include "ndx/transport/channel.h"
#include "ndx/transport/client_call.h"
#include "ndx/transport/event_loop.h"

namespace ndx::transport {

class ClientConnection;
class Http2Channel;
class CallHandle;

class ClientStream final : public Http2Stream {
 public:
  ClientStream(Http2Channel& channel, CallHead head, ClientCallObserver* observer);

  // Sends the request on a connection with a free stream. False when the connection takes none any
  // more; the call is then as before.
  bool Begin(ClientConnection& connection);

  // Ends the call for a reason of this side, and resets its stream.
  void Fail(EndCause cause, absl::StatusCode code, absl::string_view text);

  // The connection ended or refused it; it must not be touched any more.
  void OnConnectionEnded(EndCause cause, bool sent, absl::string_view text);

  // Tells OnEnd now, if it has not been told.
  void TellEnd();

  void set_handle(CallHandle* handle) { handle_ = handle; }
  bool ended() const { return ended_; }
  bool waiting() const { return !ended_ && connection_ == nullptr; }
  int64_t deadline_or_never() const;
  uint64_t headers_offset() const { return headers_offset_; }
  bool headers_sent() const { return headers_sent_; }

  // What the handle does.
  void SendMessage(Message message);
  void HalfClose();
  void Abandon();
  void ReleaseReceived(size_t bytes);
  size_t pending_send_bytes() const { return queue_.bytes(); }
  bool sent() const { return headers_sent_; }
  std::shared_ptr<const PeerIdentity> peer() const { return peer_; }

  // Http2Stream.
  bool OnHeader(absl::string_view name, absl::string_view value) override;
  void OnHeadersEnd(bool end_stream) override;
  void OnData(absl::string_view bytes) override;
  void OnDataEnd() override;
  void OnStreamClosed(uint32_t http2_error) override;
  ssize_t NextSendBytes(size_t max, uint32_t* flags) override;
  void CopySend(size_t bytes, std::string* out) override;
  void OnHeadersSent(bool end_stream) override;
  void OnHeadersNotSent() override;

 private:
  void OnInitialHeaders(AnswerHeaders headers, bool end_stream);
  void OnTrailers(AnswerHeaders headers);
  bool Deliver(Message message);
  void Broken(const absl::Status& status);
  void End(CallEnd end);
  void LeaveStream();
  void Resume();

  Http2Channel& channel_;
  EventLoop& loop_;
  CallHead head_;
  ClientCallObserver* observer_;  // null once the application has let go
  CallHandle* handle_ = nullptr;
  ClientConnection* connection_ = nullptr;
  int32_t id_ = 0;
  std::shared_ptr<const PeerIdentity> peer_;
  EventLoop::TimerId deadline_timer_;
  EventLoop::TimerId sendable_timer_;
  std::optional<ReceiveBuffer> receive_;
  SendQueue queue_;
  AnswerHeaders headers_;
  Message first_message_;
  size_t messages_ = 0;
  int http_status_ = 0;
  CallEnd end_;
  uint64_t headers_offset_ = 0;

  bool half_closed_ = false;       // by the application
  bool half_closed_sent_ = false;  // END_STREAM is in the output
  bool deferred_ = false;
  bool was_above_ = false;
  bool headers_sent_ = false;
  bool initial_headers_seen_ = false;
  bool stream_over_ = false;  // in HTTP/2: nothing to reset
  bool ended_ = false;
  bool told_ = false;
};

// What the application owns of a call.
class CallHandle final : public ClientCall {
 public:
  explicit CallHandle(ClientStream* stream) : stream_(stream) { stream_->set_handle(this); }
  ~CallHandle() override {
    if (stream_ != nullptr) stream_->Abandon();
  }
  CallHandle(const CallHandle&) = delete;
  CallHandle& operator=(const CallHandle&) = delete;

  void SendMessage(Message message) override {
    if (stream_ != nullptr) stream_->SendMessage(std::move(message));
  }
  void HalfClose() override {
    if (stream_ != nullptr) stream_->HalfClose();
  }
  void Cancel() override {
    if (stream_ != nullptr) {
      stream_->Fail(EndCause::kCancelled, absl::StatusCode::kCancelled, "cancelled");
    }
  }
  void ReleaseReceived(size_t bytes) override {
    if (stream_ != nullptr) stream_->ReleaseReceived(bytes);
  }
  size_t pending_send_bytes() const override {
    return stream_ != nullptr ? stream_->pending_send_bytes() : 0;
  }
  bool sent() const override { return stream_ != nullptr ? stream_->sent() : sent_; }
  std::shared_ptr<const PeerIdentity> peer() const override {
    return stream_ != nullptr ? stream_->peer() : peer_;
  }

  // The stream is about to go.
  void Detach() {
    sent_ = stream_->sent();
    peer_ = stream_->peer();
    stream_ = nullptr;
  }

 private:
  ClientStream* stream_;
  bool sent_ = false;
  std::shared_ptr<const PeerIdentity> peer_;
};

}  // namespace ndx::transport
