#include "ndx/broker/stages/share_stage.h"

namespace ndx::broker {

Flow ShareStage::Enter(Exchange& x) {
  if (x.share_taken) return Flow::kNext;
  if (capacity_.limited()) door_.Remember(x);
  const registry::ServiceEntry& service = *x.route.method->service;
  const auto retry_after = capacity_.Take({.consumer = x.principal->system.text(),
                                           .consumer_share = x.principal->entry->share,
                                           .service = service.name,
                                           .service_share = service.share},
                                          clock_.MonotonicNanos());
  if (!retry_after.has_value()) return Flow::kNext;
  if (!watch_.Refuses(Limit::kCapacity, x.principal->system.text())) return Flow::kNext;
  x.Refuse(NodeOverloaded(*retry_after));
  return Flow::kNext;
}

}  // namespace ndx::broker
