// One call on the serving side: between an HTTP/2 stream and the service's observer.
//
//   headers ─▶ open ─▶ [malformed] ─▶ finished   (what the service sees)
//   stream: open ─▶ closed ─▶ written             (what HTTP/2 and the socket see)
//   released when finished and closed, and, if a status was sent, written or the connection is gone
//
// Thread-safety: on the connection's loop.
// Ownership: owned by the shard, because it may outlive its connection.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "internal/http2_connection.h"
#include "internal/http2_stream.h"
#include "internal/receive_buffer.h"
#include "internal/request_headers.h"
#include "internal/send_queue.h"
#include "internal/server_shared.h"
#include "ndx/transport/server_call.h"

namespace ndx::transport {

class ServerConnection;
class ServerShard;

class ServerStream final : public Http2Stream, public ServerCall {
 public:
  ServerStream(ServerShared& shared, ServerShard& shard, ServerConnection& connection, int32_t id);
  ~ServerStream() override;

  // Http2Stream.
  bool OnHeader(absl::string_view name, absl::string_view value) override;
  void OnHeadersEnd(bool end_stream) override;
  void OnData(absl::string_view bytes) override;
  void OnDataEnd() override;
  void OnStreamClosed(uint32_t http2_error) override;
  ssize_t NextSendBytes(size_t max, uint32_t* flags) override;
  void CopySend(size_t bytes, std::string* out) override;
  void OnHeadersSent(bool end_stream) override;

  // The last event of the observer.
  void TellClosed();
  // The socket took all of it.
  void OnWritten();
  // The connection is gone, and must not be touched any more.
  void OnConnectionEnded(CancelCause cause);
  // Has bytes to send, and no progress since then.
  bool StalledSince(int64_t nanos) const {
    return !closed_ && !queue_.empty() && send_progress_nanos_ <= nanos;
  }
  int64_t send_progress_nanos() const { return send_progress_nanos_; }
  // Its peer has taken too little: resets the stream, or ends the connection where the socket
  // itself takes nothing.
  void CutStalled();

  // ServerCall.
  const RequestHead& head() const override { return head_; }
  const std::shared_ptr<const PeerIdentity>& peer() const override { return peer_; }
  EventLoop& loop() const override { return loop_; }
  void SetMessageBytesMax(size_t bytes) override;
  void ExpectOneMessage() override { one_message_ = true; }
  void SendInitialMetadata(Metadata metadata) override;
  void SendMessage(Message message) override;
  void Finish(GrpcStatus status, Metadata trailers) override;
  void Reset(Http2Error error) override;
  size_t pending_send_bytes() const override { return queue_.bytes(); }
  void ReleaseReceived(size_t bytes) override;
  bool open() const override { return !closed_ && !cancelled_ && !finished_; }

 private:
  void StartCall(bool end_stream);
  void Refuse(int http_status);
  bool Deliver(Message message);
  void EndRequest();
  void Malformed(absl::Status status);
  void Cancelled(CancelCause cause);
  void SubmitHeaders(const Metadata& metadata);
  void SubmitTrailersOnly();
  void SubmitTrailers();
  void Resume();
  void ReleaseIfOver();
  void ClearQueue();

  ServerShared& shared_;
  ServerShard& shard_;
  EventLoop& loop_;
  ServerConnection* connection_;  // null once it is gone
  const int32_t id_;
  const std::shared_ptr<const PeerIdentity> peer_;
  std::optional<RequestHeaders> headers_;  // until the block is complete
  RequestHead head_;
  std::unique_ptr<ServerCallObserver> observer_;
  ReceiveBuffer receive_;
  SendQueue queue_;
  Message first_message_;
  GrpcStatus status_;
  Metadata trailers_;
  int64_t send_progress_nanos_ = 0;
  size_t send_progress_bytes_ = 0;  // since then
  size_t trailer_bytes_ = 0;

  bool one_message_ = false;
  bool unknown_encoding_ = false;
  bool dropping_ = false;       // request bytes are of no interest any more
  bool request_ended_ = false;  // the caller's END_STREAM was seen
  bool headers_submitted_ = false;
  bool deferred_ = false;  // nghttp2 waits for ResumeStream
  bool was_above_ = false;
  bool finished_ = false;     // the service has spoken its last word
  bool status_sent_ = false;  // it is in the connection's output
  bool cancelled_ = false;
  bool closed_ = false;
  bool written_ = false;
  bool releasing_ = false;
};

}  // namespace ndx::transport
