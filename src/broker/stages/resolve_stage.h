// Stage 3: method and provider → route, in the registry that the exchange began with.
//
// Thread-safety: belongs to its event loop.
// Refuses METHOD_UNKNOWN, PROVIDER_AMBIGUOUS, PROVIDER_UNKNOWN, STREAMING_UNSUPPORTED,
// SERVICE_NOT_IN_USE, PROVIDER_NOT_IN_USE, and RELAY_LOOP and RELAY_TOO_MANY_HOPS where the route
// leads to a peer.
#pragma once

#include <string>
#include <utility>

#include "ndx/broker/stage.h"
#include "ndx/core/clock.h"

namespace ndx::broker {

class ResolveStage final : public Stage {
 public:
  // node: this one's system.
  ResolveStage(const core::Clock& clock, std::string node)
      : clock_(clock), node_(std::move(node)) {}

  absl::string_view name() const override { return "resolve"; }
  Flow Enter(Exchange& x) override;

 private:
  const core::Clock& clock_;
  const std::string node_;
};

}  // namespace ndx::broker
