// Stage 5, for what was submitted: it is kept, on stable storage, and answered with its handle. The
// SUBMITTED leaf has the request, and sealed beside it what the caller stated.
#pragma once

#include <string>
#include <utility>

#include "ndx/broker/kept_requests.h"
#include "ndx/broker/pipeline.h"
#include "ndx/broker/stage.h"
#include "ndx/core/clock.h"
#include "ndx/journal/journal.h"

namespace ndx::broker {

class KeepStage final : public Stage {
 public:
  // kept may be null: nothing is kept then.
  KeepStage(Pipeline& pipeline, const core::Clock& clock, journal::Journal& journal,
            KeptRequests* kept, std::string node_contact)
      : pipeline_(pipeline),
        clock_(clock),
        journal_(journal),
        kept_(kept),
        node_contact_(std::move(node_contact)) {}

  absl::string_view name() const override { return "keep"; }
  Flow Enter(Exchange& x) override;

 private:
  void Reserved(Exchange& x, absl::StatusOr<Reservation> reservation);
  void Record(Exchange& x, const Reservation& reservation);
  core::Refusal Unavailable() const;

  Pipeline& pipeline_;
  const core::Clock& clock_;
  journal::Journal& journal_;
  KeptRequests* const kept_;
  const std::string node_contact_;
};

}  // namespace ndx::broker
