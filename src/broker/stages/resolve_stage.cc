#include "ndx/broker/stages/resolve_stage.h"

#include <utility>
#include <variant>

#include "ndx/broker/relay_proof.h"

namespace ndx::broker {

Flow ResolveStage::Enter(Exchange& x) {
  auto result = routing::Router::Resolve(*x.registry, x.path, x.context.provider, clock_.Now());
  if (auto* refusal = std::get_if<core::Refusal>(&result)) {
    x.Refuse(std::move(*refusal));
  } else {
    x.route = std::get<routing::Route>(result);
    if (auto astray = BeginRelay(x, node_)) x.Refuse(*std::move(astray));
  }
  return Flow::kNext;
}

}  // namespace ndx::broker
