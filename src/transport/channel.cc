#include "ndx/transport/channel.h"

#include <utility>

#include "internal/http2_channel.h"
#include "ndx/core/status_macros.h"

namespace ndx::transport {

absl::string_view DeliveryName(Delivery delivery) {
  switch (delivery) {
    case Delivery::kNotSent:
      return "not_sent";
    case Delivery::kSentAnswerUnknown:
      return "sent_answer_unknown";
    case Delivery::kAnswered:
      break;
  }
  return "answered";
}

absl::string_view EndCauseName(EndCause cause) {
  switch (cause) {
    case EndCause::kAnswered:
      return "answered";
    case EndCause::kConnectFailed:
      return "connect_failed";
    case EndCause::kQueueFull:
      return "queue_full";
    case EndCause::kRefusedStream:
      return "refused_stream";
    case EndCause::kGoAway:
      return "goaway";
    case EndCause::kReset:
      return "reset";
    case EndCause::kDeadline:
      return "deadline";
    case EndCause::kCancelled:
      return "cancelled";
    case EndCause::kMalformedAnswer:
      return "malformed_answer";
    case EndCause::kAnswerTooLarge:
      return "answer_too_large";
    case EndCause::kNoGrpcStatus:
      return "no_grpc_status";
    case EndCause::kConnectionLost:
      return "connection_lost";
    case EndCause::kProtocolError:
      return "protocol_error";
    case EndCause::kChannelClosed:
      break;
  }
  return "channel_closed";
}

absl::StatusOr<std::unique_ptr<Channel>> Channel::Create(EventLoop& loop, core::Random& random,
                                                         ChannelOptions options) {
  NDX_ASSIGN_OR_RETURN(AddressText address, ParseAddress(options.address));
  std::shared_ptr<const TlsContext> tls;
  if (options.tls) {
    NDX_ASSIGN_OR_RETURN(tls, TlsContext::Create(TlsContext::Role::kClient, options.tls->files,
                                                 options.limits.certificate_chain_bytes_max));
  } else {
    const auto local = ResolveLocally(address);
    if (!local.ok() || !local->is_local()) {
      return absl::InvalidArgumentError(options.address +
                                        ": plaintext is for loopback and UNIX sockets only");
    }
  }
  return std::make_unique<Http2Channel>(loop, random, std::move(options), std::move(address),
                                        std::move(tls));
}

}  // namespace ndx::transport
