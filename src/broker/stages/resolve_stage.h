// Stage 3: method and provider → route, in the registry that the exchange began with.
//
// Thread-safety: belongs to its event loop.
// Refuses METHOD_UNKNOWN, PROVIDER_AMBIGUOUS, PROVIDER_UNKNOWN, STREAMING_UNSUPPORTED.
#pragma once

#include "ndx/broker/stage.h"

namespace ndx::broker {

class ResolveStage final : public Stage {
 public:
  absl::string_view name() const override { return "resolve"; }
  Flow Enter(Exchange& x) override;
};

}  // namespace ndx::broker
