// Stage 1: is there room, and is the metadata readable?
//
// Refuses NODE_STOPPING, TOO_MANY_IN_FLIGHT, JOURNAL_UNAVAILABLE (disk nearly full, journal
// stopped), METADATA_INVALID. Gives the exchange its id and trace.
#pragma once

#include "ndx/broker/admission.h"
#include "ndx/broker/stage.h"
#include "ndx/core/clock.h"
#include "ndx/core/random.h"
#include "ndx/journal/journal.h"

namespace ndx::broker {

class AdmitStage final : public Stage {
 public:
  AdmitStage(const core::Clock& clock, core::Random& random, Admission& admission,
             const journal::Journal& journal, std::string node_contact)
      : clock_(clock),
        random_(random),
        admission_(admission),
        journal_(journal),
        node_contact_(std::move(node_contact)) {}

  absl::string_view name() const override { return "admit"; }
  Flow Enter(Exchange& x) override;

 private:
  const core::Clock& clock_;
  core::Random& random_;
  Admission& admission_;
  const journal::Journal& journal_;
  const std::string node_contact_;
};

}  // namespace ndx::broker
