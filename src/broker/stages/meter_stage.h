// Stage 5, second half: the grant's quota. Refuses QUOTA_USED. An answer from the record is not
// counted again: it never gets here.
#pragma once

#include "ndx/broker/limit_watch.h"
#include "ndx/broker/stage.h"
#include "ndx/core/clock.h"
#include "ndx/routing/rate_limiter.h"

namespace ndx::broker {

class MeterStage final : public Stage {
 public:
  MeterStage(const core::Clock& clock, routing::RateLimiter& limiter, const LimitWatch& watch)
      : clock_(clock), limiter_(limiter), watch_(watch) {}

  absl::string_view name() const override { return "meter"; }
  Flow Enter(Exchange& x) override;

 private:
  const core::Clock& clock_;
  routing::RateLimiter& limiter_;
  const LimitWatch& watch_;
};

}  // namespace ndx::broker
