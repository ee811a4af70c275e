// Stage 3: method and provider → route, in the registry that the exchange began with.
//
// Thread-safety: belongs to its event loop.
// Refuses METHOD_UNKNOWN, PROVIDER_AMBIGUOUS, PROVIDER_UNKNOWN, STREAMING_UNSUPPORTED,
// SERVICE_NOT_IN_USE, PROVIDER_NOT_IN_USE.
#pragma once

#include "ndx/broker/stage.h"
#include "ndx/core/clock.h"

namespace ndx::broker {

class ResolveStage final : public Stage {
 public:
  explicit ResolveStage(const core::Clock& clock) : clock_(clock) {}

  absl::string_view name() const override { return "resolve"; }
  Flow Enter(Exchange& x) override;

 private:
  const core::Clock& clock_;
};

}  // namespace ndx::broker
