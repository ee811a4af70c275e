// Why a call to a provider failed, in the words that callers get.
//
// Thread-safety: thread-safe (pure function).
#pragma once

#include <string>

#include "absl/time/time.h"
#include "ndx/core/refusal.h"
#include "ndx/transport/client_call.h"

namespace ndx::dispatch {

// What the texts need to know beside the end of the call.
struct FailedCall {
  bool changes = false;        // the method changes something
  std::string provider;        // VN:GOV:<member>:<system>
  std::string owner;           // whom to tell
  std::string peer;            // through which the provider is reached; empty: the node does itself
  absl::Duration elapsed;      // since the first attempt
  absl::Time down_since;       // of the provider; used where it is down
  absl::Duration retry_after;  // until it is tried again
  size_t answer_bytes_max = 0;
  uint32_t calls_max = 0;  // that the provider takes at once
};

// The refusal for an end that is not the provider's own answer (cause other than kAnswered).
// `delivery` is what is known over all attempts.
core::Refusal FailureReason(const transport::CallEnd& end, transport::Delivery delivery,
                            const FailedCall& call);

// 350ms or 2.5s: as error texts show it.
std::string ShortDuration(absl::Duration duration);

// Hour, day and offset of Asia/Ho_Chi_Minh, as error texts show an instant.
std::string VietnamTime(absl::Time time);

}  // namespace ndx::dispatch
