// Stage 5, second half: the grant's quotas. Refuses QUOTA_USED, SUBJECT_QUOTA_USED and
// CAMPAIGN_TOTAL_USED; the first refusal of the second for a grant is logged, with its consumer:
// somebody may be walking through a register. An answer from the record is not counted again: it
// never gets here.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "absl/time/civil_time.h"
#include "ndx/broker/limit_watch.h"
#include "ndx/broker/stage.h"
#include "ndx/core/clock.h"
#include "ndx/journal/journal.h"
#include "ndx/routing/rate_limiter.h"

namespace ndx::broker {

class MeterStage final : public Stage {
 public:
  MeterStage(const core::Clock& clock, routing::RateLimiter& limiter, journal::Journal& journal,
             const LimitWatch& watch, telemetry::Log& log, std::string node_contact)
      : clock_(clock),
        limiter_(limiter),
        journal_(journal),
        watch_(watch),
        log_(log),
        node_contact_(std::move(node_contact)) {}

  absl::string_view name() const override { return "meter"; }
  Flow Enter(Exchange& x) override;

 private:
  // References of whom the request asks about; an error where there is no key for them.
  absl::StatusOr<std::vector<std::string>> SubjectsOf(const Exchange& x) const;
  void Tell(const Exchange& x);

  const core::Clock& clock_;
  routing::RateLimiter& limiter_;
  journal::Journal& journal_;
  const LimitWatch& watch_;
  telemetry::Log& log_;
  const std::string node_contact_;
  absl::flat_hash_map<std::string, absl::CivilDay> told_;  // of grants, when last
};

}  // namespace ndx::broker
