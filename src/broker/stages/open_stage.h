// Stage 6: for a method that changes something (or asks for it, or streams) the request is durable
// in the journal before anything is sent.
#pragma once

#include "ndx/broker/leaf.h"
#include "ndx/broker/pipeline.h"
#include "ndx/broker/stage.h"
#include "ndx/core/clock.h"
#include "ndx/journal/journal.h"

namespace ndx::broker {

class OpenStage final : public Stage {
 public:
  OpenStage(Pipeline& pipeline, const core::Clock& clock, journal::Journal& journal,
            std::string node_contact)
      : pipeline_(pipeline),
        clock_(clock),
        journal_(journal),
        node_contact_(std::move(node_contact)) {}

  absl::string_view name() const override { return "open"; }
  Flow Enter(Exchange& x) override;

 private:
  void Opened(Exchange& x, const absl::StatusOr<journal::Appended>& appended);
  core::Refusal Unavailable() const;

  Pipeline& pipeline_;
  const core::Clock& clock_;
  journal::Journal& journal_;
  const std::string node_contact_;
};

}  // namespace ndx::broker
