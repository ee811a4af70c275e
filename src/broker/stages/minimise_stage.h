// Stage 8: the provider's signature is checked where the registry wants one, over all that it
// answered; then fields outside the grant are removed from a unary answer. A stream's messages were
// minimised as they came, and an answer from the record is given as it was given the first time.
#pragma once

#include "ndx/broker/hop_times.h"
#include "ndx/broker/stage.h"
#include "ndx/core/clock.h"
#include "ndx/journal/receipt.h"

namespace ndx::broker {

class MinimiseStage final : public Stage {
 public:
  MinimiseStage(const core::Clock& clock, HopTimes& hops) : clock_(clock), hops_(hops) {}

  absl::string_view name() const override { return "minimise"; }
  Flow Enter(Exchange& x) override;

 private:
  const core::Clock& clock_;
  HopTimes& hops_;
  journal::KnownCheckpoints known_checkpoints_;
};

}  // namespace ndx::broker
