#include "ndx/broker/stages/share_stage.h"

#include "ndx/dispatch/failure_reason.h"

namespace ndx::broker {

Flow ShareStage::Enter(Exchange& x) {
  const registry::ServiceEntry& service = *x.route.method->service;
  const auto retry_after = capacity_.Take({.consumer = x.principal->system.text(),
                                           .consumer_share = x.principal->entry->share,
                                           .service = service.name,
                                           .service_share = service.share},
                                          clock_.MonotonicNanos());
  if (!retry_after.has_value()) return Flow::kNext;
  if (!watch_.Refuses(Limit::kCapacity, x.principal->system.text())) return Flow::kNext;
  x.Refuse({.reason = exchange::v1::ERROR_REASON_NODE_OVERLOADED,
            .parameters = {{"retry_after", dispatch::ShortDuration(*retry_after)}},
            .retry_after = *retry_after});
  return Flow::kNext;
}

}  // namespace ndx::broker
