// One gRPC call as the calling side sees it.
//
//   auto call = channel.Start(head, &observer);
//   call->SendMessage(request); call->HalfClose();
//   … OnInitialMetadata  OnMessage*  OnEnd
//
// Thread-safety: everything on the channel's event loop.
// Ownership: the caller owns the ClientCall. Destroying it before OnEnd resets the stream (CANCEL)
// and means that no more events come; it may be destroyed inside any event. The observer must
// outlive it. Errors: all in CallEnd. No event is ever delivered from inside Start() or a
// ClientCall method.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "ndx/transport/grpc_status.h"
#include "ndx/transport/message.h"
#include "ndx/transport/metadata.h"
#include "ndx/transport/peer_identity.h"

namespace ndx::transport {

// What is known of the request at the other end.
enum class Delivery {
  // No byte of it left, or the peer said that it did not look at it: may be tried elsewhere.
  kNotSent,
  // It may have been carried out or not.
  kSentAnswerUnknown,
  // The peer ended the call with its own grpc-status.
  kAnswered,
};

enum class EndCause {
  kAnswered,         // the peer's own status
  kConnectFailed,    // no connection, or in back-off after one failed
  kQueueFull,        // too many calls wait for a stream
  kRefusedStream,    // RST_STREAM(REFUSED_STREAM)
  kGoAway,           // above the last stream id of a GOAWAY
  kReset,            // any other RST_STREAM
  kDeadline,         // ours passed
  kCancelled,        // ClientCall::Cancel
  kMalformedAnswer,  // broken framing, bad -bin, compressed, wrong number of messages
  kAnswerTooLarge,   // a message or header list over the limit
  kNoGrpcStatus,     // ended without one; the code comes from the HTTP status
  kConnectionLost,
  kProtocolError,  // the peer does not speak HTTP/2
  kChannelClosed,  // the channel was destroyed
};

absl::string_view DeliveryName(Delivery delivery);
absl::string_view EndCauseName(EndCause cause);

struct CallEnd {
  // The peer's status, or the one that the cause stands for.
  GrpcStatus status;
  Metadata trailers;
  Delivery delivery = Delivery::kNotSent;
  EndCause cause = EndCause::kConnectFailed;
  // One English line for logs; never what the peer sent.
  std::string text;
};

struct CallHead {
  // "/package.Service/Method".
  std::string path;
  // Empty: the channel's.
  std::string authority;
  Metadata metadata;
  // Monotonic. Sent on as grpc-timeout with what is left then. Empty: none.
  std::optional<int64_t> deadline_nanos;
  // Sent on instead, for a peer that is to give up sooner.
  std::optional<int64_t> stated_deadline_nanos;
  // Of one answer message. Empty: the channel's.
  std::optional<size_t> message_bytes_max;
  // Unary answers: none or more than one message with status OK is then malformed (UNIMPLEMENTED).
  bool expect_one_message = false;
};

class ClientCallObserver {
 public:
  virtual ~ClientCallObserver() = default;

  // Initial metadata of the answer. Not called for a trailers-only answer.
  virtual void OnInitialMetadata(Metadata metadata) { (void)metadata; }

  // One whole message. Its bytes count against the stream's window until ReleaseReceived().
  virtual void OnMessage(Message message) = 0;

  // The last event.
  virtual void OnEnd(CallEnd end) = 0;

  // pending_send_bytes() has fallen to ClientCall::kSendLowWaterBytes or less after it was above.
  virtual void OnSendable() {}
};

class ClientCall {
 public:
  static constexpr size_t kSendLowWaterBytes = size_t{64} << 10;

  virtual ~ClientCall() = default;

  // Queues a message; uncompressed. Ignored after HalfClose or OnEnd.
  virtual void SendMessage(Message message) = 0;

  // No more messages.
  virtual void HalfClose() = 0;

  // Resets the stream; OnEnd(CANCELLED) follows from the loop.
  virtual void Cancel() = 0;

  // Gives back window for bytes of messages that OnMessage delivered and nobody buffers any more.
  virtual void ReleaseReceived(size_t bytes) = 0;

  // Bytes of messages queued and not yet handed to the socket.
  virtual size_t pending_send_bytes() const = 0;

  // True once any byte of the request may have left.
  virtual bool sent() const = 0;

  // The server at the other end; null until the call has a connection.
  virtual std::shared_ptr<const PeerIdentity> peer() const = 0;
};

}  // namespace ndx::transport
