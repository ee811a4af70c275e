#include "ndx/broker/stages/meter_stage.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "ndx/dispatch/failure_reason.h"

namespace ndx::broker {
namespace {

constexpr absl::Duration kFullPause = absl::Milliseconds(200);

}  // namespace

Flow MeterStage::Enter(Exchange& x) {
  if (!admission_.TryEnterConsumer(x.principal->system)) {
    x.Refuse(
        {.reason = exchange::v1::ERROR_REASON_TOO_MANY_IN_FLIGHT,
         .parameters = {{"limit", absl::StrCat(admission_.options().in_flight_per_consumer_max)},
                        {"retry_after", dispatch::ShortDuration(kFullPause)}},
         .retry_after = kFullPause});
    return Flow::kNext;
  }
  x.holds_consumer_place = true;
  if (x.decision.grant == nullptr) return Flow::kNext;
  auto refusal = limiter_.Take(*x.decision.grant->grant, clock_.Now(), clock_.MonotonicNanos());
  if (refusal.has_value()) x.Refuse(*std::move(refusal));
  return Flow::kNext;
}

}  // namespace ndx::broker
