#include "ndx/broker/stages/meter_stage.h"

#include <utility>

namespace ndx::broker {

Flow MeterStage::Enter(Exchange& x) {
  if (x.decision.grant == nullptr) return Flow::kNext;  // the node's own services
  auto refusal = limiter_.Take(*x.decision.grant->grant, clock_.Now(), clock_.MonotonicNanos());
  if (refusal.has_value() && watch_.Refuses(Limit::kQuota, x.principal->system.text())) {
    x.Refuse(*std::move(refusal));
  }
  return Flow::kNext;
}

}  // namespace ndx::broker
