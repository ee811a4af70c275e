#include "ndx/dispatch/failure_reason.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace ndx::dispatch {
namespace {

using exchange::v1::ErrorReason;
using transport::Delivery;
using transport::EndCause;

// What a malformed answer is called in the text; never what the provider sent.
absl::string_view RuleName(EndCause cause) {
  switch (cause) {
    case EndCause::kMalformedAnswer:
      return "message framing";
    case EndCause::kNoGrpcStatus:
      return "no grpc-status";
    case EndCause::kProtocolError:
      return "not HTTP/2";
    default:
      return "protocol";
  }
}

ErrorReason ReasonOf(const transport::CallEnd& end, Delivery delivery, bool changes) {
  switch (end.cause) {
    case EndCause::kCancelled:
      return exchange::v1::ERROR_REASON_CANCELLED;
    case EndCause::kDeadline:
      if (delivery == Delivery::kNotSent) return exchange::v1::ERROR_REASON_DEADLINE_BEFORE_SENDING;
      return changes ? exchange::v1::ERROR_REASON_CHANGE_TIMED_OUT
                     : exchange::v1::ERROR_REASON_READ_TIMED_OUT;
    case EndCause::kNoGrpcStatus:
      // HTTP 429, 502, 503 or 504 of whatever stands before the provider: it may have got the call.
      if (end.status.code == static_cast<int>(absl::StatusCode::kUnavailable)) break;
      return exchange::v1::ERROR_REASON_PROVIDER_ANSWER_MALFORMED;
    case EndCause::kMalformedAnswer:
    case EndCause::kProtocolError:
      return exchange::v1::ERROR_REASON_PROVIDER_ANSWER_MALFORMED;
    case EndCause::kAnswerTooLarge:
      return exchange::v1::ERROR_REASON_PROVIDER_ANSWER_TOO_LARGE;
    case EndCause::kQueueFull:
      return exchange::v1::ERROR_REASON_PROVIDER_BUSY;
    default:
      break;
  }
  if (delivery == Delivery::kNotSent) return exchange::v1::ERROR_REASON_PROVIDER_DOWN;
  return changes ? exchange::v1::ERROR_REASON_CHANGE_BROKEN_OFF
                 : exchange::v1::ERROR_REASON_READ_BROKEN_OFF;
}

}  // namespace

core::Refusal FailureReason(const transport::CallEnd& end, Delivery delivery,
                            const FailedCall& call) {
  core::Refusal refusal;
  refusal.reason = ReasonOf(end, delivery, call.changes);
  refusal.parameters = {{"provider", call.provider},
                        {"owner", call.owner},
                        {"elapsed", ShortDuration(call.elapsed)},
                        {"rule", std::string(RuleName(end.cause))},
                        {"limit", absl::StrCat(call.answer_bytes_max)}};
  const bool down = refusal.reason == exchange::v1::ERROR_REASON_PROVIDER_DOWN;
  if (!call.peer.empty()) {
    refusal.parameters["peer"] = call.peer;
    refusal.parameters["provider"] = absl::StrCat(call.provider, " (qua/via ", call.peer, ")");
    if (down) {
      refusal.reason = exchange::v1::ERROR_REASON_RELAY_PEER_DOWN;
      refusal.parameters["provider"] = call.provider;
    }
  }
  const bool busy = refusal.reason == exchange::v1::ERROR_REASON_PROVIDER_BUSY;
  if (down) refusal.parameters["since"] = VietnamTime(call.down_since);
  if (busy) refusal.parameters["limit"] = absl::StrCat(call.calls_max);
  if (down || busy) {
    refusal.parameters["retry_after"] = ShortDuration(call.retry_after);
    refusal.retry_after = call.retry_after;
  }
  return refusal;
}

std::string ShortDuration(absl::Duration duration) {
  if (duration < absl::Seconds(1)) return absl::StrCat(absl::ToInt64Milliseconds(duration), "ms");
  return absl::StrFormat("%.1fs", absl::ToDoubleSeconds(duration));
}

std::string VietnamTime(absl::Time time) {
  // Vietnam has no daylight saving: a fixed zone needs no time-zone files on the machine.
  return absl::FormatTime("%H:%M:%S %d/%m/%Y", time, absl::FixedTimeZone(7 * 60 * 60));
}

}  // namespace ndx::dispatch
