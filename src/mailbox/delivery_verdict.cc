#include "ndx/mailbox/delivery_verdict.h"

#include <algorithm>

#include "ndx/core/not_now.h"

namespace ndx::mailbox {
namespace {

using broker::Outcome;

// Refused for a time only: for want of room, or because it is not the hour.
bool PassesByItself(const DeliveryEnd& end) {
  if (end.retry_after.has_value()) return true;
  switch (end.reason) {
    case exchange::v1::ERROR_REASON_OUTSIDE_HOURS:
    case exchange::v1::ERROR_REASON_EXCHANGE_IN_PROGRESS:
    case exchange::v1::ERROR_REASON_QUOTA_USED:
    case exchange::v1::ERROR_REASON_SUBJECT_QUOTA_USED:
    case exchange::v1::ERROR_REASON_DEADLINE_BEFORE_SENDING:
    case exchange::v1::ERROR_REASON_CANCELLED:
      return true;
    default:
      return core::RulesOf(end.reason).grpc_code() ==
             static_cast<int>(absl::StatusCode::kUnavailable);
  }
}

}  // namespace

DeliveryVerdict Judge(const DeliveryEnd& end) {
  switch (end.outcome) {
    case Outcome::kAnswered:
      return core::SaysNotNow(end.grpc_status) ? DeliveryVerdict::kRetry : DeliveryVerdict::kFinal;
    case Outcome::kInDoubt:
      return DeliveryVerdict::kDoubt;
    case Outcome::kRefused:
      return PassesByItself(end) ? DeliveryVerdict::kRetry : DeliveryVerdict::kDead;
    default:
      return DeliveryVerdict::kRetry;
  }
}

bool ProviderIsAway(const DeliveryEnd& end) {
  if (end.outcome == Outcome::kAnswered) return core::SaysNotNow(end.grpc_status);
  switch (end.reason) {
    case exchange::v1::ERROR_REASON_PROVIDER_DOWN:
    case exchange::v1::ERROR_REASON_RELAY_PEER_DOWN:
    case exchange::v1::ERROR_REASON_PROVIDER_BUSY:
    case exchange::v1::ERROR_REASON_READ_TIMED_OUT:
    case exchange::v1::ERROR_REASON_CHANGE_TIMED_OUT:
    case exchange::v1::ERROR_REASON_READ_BROKEN_OFF:
    case exchange::v1::ERROR_REASON_CHANGE_BROKEN_OFF:
    case exchange::v1::ERROR_REASON_NODE_STOPPING:
    case exchange::v1::ERROR_REASON_NODE_OVERLOADED:
    case exchange::v1::ERROR_REASON_JOURNAL_UNAVAILABLE:
      return true;
    default:
      return false;
  }
}

absl::Duration BackOff(uint32_t failures, absl::Duration least, absl::Duration most,
                       core::Random& random) {
  const int doublings =
      static_cast<int>(std::min<uint32_t>(std::max<uint32_t>(failures, 1) - 1, 30));
  const absl::Duration longest = std::min(least * (int64_t{1} << doublings), most);
  const double share = static_cast<double>(random.Next64() % 65536) / 65536;
  return std::max(longest * share, least / 10);
}

}  // namespace ndx::mailbox
