// What follows from how a delivery ended: pure decisions.
//
// Thread-safety: thread-safe functions.
#pragma once

#include <cstdint>
#include <optional>

#include "absl/time/time.h"
#include "ndx/broker/exchange.h"
#include "ndx/core/random.h"
#include "ndx/core/refusal.h"

namespace ndx::mailbox {

// How a delivery ended, as far as the mailbox asks.
struct DeliveryEnd {
  broker::Outcome outcome = broker::Outcome::kUndecided;
  int grpc_status = 0;
  exchange::v1::ErrorReason reason = exchange::v1::ERROR_REASON_UNSPECIFIED;
  std::optional<absl::Duration> retry_after;
};

enum class DeliveryVerdict {
  kFinal,  // answered, a business "no" and the provider's own errors too
  kRetry,  // nothing was done: again later
  kDoubt,  // sent, answer unknown: to be asked about
  kDead,   // refused, and will be again
};

DeliveryVerdict Judge(const DeliveryEnd& end);

// The provider cannot be reached: nothing else of its lane would be delivered now either.
bool ProviderIsAway(const DeliveryEnd& end);

// Exponential back-off with full jitter: a random time up to `least` doubled with each failure, at
// most `most`; never less than a tenth of `least`. failures counts from 1.
absl::Duration BackOff(uint32_t failures, absl::Duration least, absl::Duration most,
                       core::Random& random);

}  // namespace ndx::mailbox
