// Stage 5, second half: the consumer's places on the node, and the grant's quota.
#pragma once

#include "ndx/broker/admission.h"
#include "ndx/broker/stage.h"
#include "ndx/core/clock.h"
#include "ndx/routing/rate_limiter.h"

namespace ndx::broker {

class MeterStage final : public Stage {
 public:
  MeterStage(const core::Clock& clock, Admission& admission, routing::RateLimiter& limiter)
      : clock_(clock), admission_(admission), limiter_(limiter) {}

  absl::string_view name() const override { return "meter"; }
  Flow Enter(Exchange& x) override;

 private:
  const core::Clock& clock_;
  Admission& admission_;
  routing::RateLimiter& limiter_;
};

}  // namespace ndx::broker
