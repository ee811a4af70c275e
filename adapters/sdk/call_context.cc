#include "ndx/adapters/sdk/call_context.h"

#include <algorithm>

namespace ndx::sdk {

absl::Duration CallContext::Remaining() const {
  if (call_.deadline_nanos == kNoDeadline) return absl::InfiniteDuration();
  return absl::Nanoseconds(std::max<int64_t>(0, call_.deadline_nanos - clock_.MonotonicNanos()));
}

absl::Status CallContext::Check() const {
  if (cancelled()) return absl::CancelledError("the caller has gone");
  if (Remaining() == absl::ZeroDuration()) {
    return absl::DeadlineExceededError("the deadline passed before the adapter was done");
  }
  return absl::OkStatus();
}

}  // namespace ndx::sdk
