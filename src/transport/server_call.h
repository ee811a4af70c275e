// One gRPC call as the serving side sees it.
//
//   headers ──▶ ServerService::OnCall(call) ──▶ observer
//   message ──▶ OnMessage …  end ──▶ OnRequestEnd
//   the service: [SendInitialMetadata] SendMessage* Finish
//
// Life of a call: the transport owns the ServerCall and the observer that OnCall returned. Both
// live until the service has called Finish() or Reset() *and* the stream is closed; so a service
// whose caller is gone may still finish its work and its records, and must end with Finish() (which
// then sends nothing). The observer is destroyed from the event loop, never inside one of its own
// methods.
//
// Thread-safety: everything on the call's event loop. Other threads come back by loop().Post().
// Errors: after OnCancelled(), or after Finish(), sends are ignored.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "ndx/transport/event_loop.h"
#include "ndx/transport/grpc_status.h"
#include "ndx/transport/message.h"
#include "ndx/transport/metadata.h"
#include "ndx/transport/peer_identity.h"
#include "ndx/transport/status_mapping.h"

namespace ndx::transport {

struct RequestHead {
  // ":path" as received, at most kHeaderListBytesMax; normally /package.Service/Method.
  std::string path;
  std::string authority;
  std::string user_agent;
  // Custom metadata only. Keys of grpc-, and keys of the server's reserved prefixes that are not on
  // its allow list (identity keys of ndx-), have been dropped.
  Metadata metadata;
  // Names of keys that were dropped because a caller must not set them (not their values).
  std::vector<std::string> dropped_keys;
  // From grpc-timeout, on the loop's monotonic clock. Empty: the caller set none.
  std::optional<int64_t> deadline_nanos;
  // When the head was complete, on the same clock.
  int64_t received_nanos = 0;
  // When it came to this machine, as far as is known: it may have waited in the socket.
  int64_t arrived_nanos = 0;
};

enum class CancelCause {
  kResetByCaller,   // RST_STREAM
  kConnectionLost,  // closed or failed
  kConnectionCut,   // by us: hostile frames, keepalive unanswered, sending stalled, age and grace
                    // over
  kServerStopping,  // Stop(), or the drain's deadline
};

absl::string_view CancelCauseName(CancelCause cause);

// Receives the events of one call; made by the service.
class ServerCallObserver {
 public:
  virtual ~ServerCallObserver() = default;

  // One whole message. Its bytes count against the stream's window until ReleaseReceived().
  virtual void OnMessage(Message message) = 0;

  // The caller has ended its request. Not called after OnRequestMalformed.
  virtual void OnRequestEnd() = 0;

  // The request breaks the protocol or a limit; nothing more of it will come. status has the code
  // and text to answer with (the text never repeats what was received). The service still decides
  // how and when to Finish(), because it writes its record first.
  virtual void OnRequestMalformed(absl::Status status) = 0;

  // The caller cannot be answered any more. The service must still call Finish().
  virtual void OnCancelled(CancelCause cause) = 0;

  // pending_send_bytes() has fallen to kSendLowWaterBytes or less after SendMessage left it above.
  virtual void OnSendable() {}

  // The last event. delivered: everything up to the final status was handed to the kernel.
  virtual void OnClosed(bool delivered) { (void)delivered; }
};

class ServerCall {
 public:
  // See OnSendable.
  static constexpr size_t kSendLowWaterBytes = size_t{64} << 10;

  virtual ~ServerCall() = default;

  virtual const RequestHead& head() const = 0;
  virtual const std::shared_ptr<const PeerIdentity>& peer() const = 0;
  virtual EventLoop& loop() const = 0;

  // Limit of one message, compressed or not, in force from the next message prefix on; so call it
  // in OnCall. Default core::kMessageBytesDefault.
  virtual void SetMessageBytesMax(size_t bytes) = 0;

  // Unary or server streaming: a missing or second request message is then malformed
  // (UNIMPLEMENTED). OnMessage then comes only when the request has ended well, directly before
  // OnRequestEnd.
  virtual void ExpectOneMessage() = 0;

  // At most once, before the first message. Without it, headers without custom metadata are sent.
  virtual void SendInitialMetadata(Metadata metadata) = 0;

  // Queues a message. Never blocks or refuses: watch pending_send_bytes() and wait for
  // OnSendable().
  virtual void SendMessage(Message message) = 0;

  // Queues the final status; the call's last word. With nothing sent before, the answer is one
  // trailers-only header block.
  virtual void Finish(GrpcStatus status, Metadata trailers = {}) = 0;

  // Ends the stream without a status. Queued messages are dropped.
  virtual void Reset(Http2Error error) = 0;

  // Bytes of messages queued and not yet handed to the socket.
  virtual size_t pending_send_bytes() const = 0;

  // Gives back window for bytes of messages that OnMessage delivered and the application no longer
  // buffers. Until then the caller can send at most a window's worth more.
  virtual void ReleaseReceived(size_t bytes) = 0;

  // False after OnCancelled, or when all is sent.
  virtual bool open() const = 0;
};

// Where calls arrive.
//
// Thread-safety: OnCall is called on every event loop of the server at once; implementations are
// thread-safe.
class ServerService {
 public:
  virtual ~ServerService() = default;

  // Never returns null. May call any method of the call. Not called for what is not gRPC: that is
  // answered with an HTTP status (405, 415, 400) by the transport.
  virtual std::unique_ptr<ServerCallObserver> OnCall(ServerCall& call) = 0;
};

}  // namespace ndx::transport
