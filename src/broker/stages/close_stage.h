// Stage 9: how the exchange ended is durable in the journal before anything of it leaves.
//
// Refusals of callers who are not authenticated, and of those for whom there is no room at the
// moment, get a leaf of their own only while they are few; a flood of them is counted
// (refusal_counter.h), so that nobody without a valid certificate can fill the journal, and nobody
// makes an overloaded node do more for a refusal than for an answer.
#pragma once

#include "ndx/broker/capacity.h"
#include "ndx/broker/leaf.h"
#include "ndx/broker/pipeline.h"
#include "ndx/broker/refusal_counter.h"
#include "ndx/broker/stage.h"
#include "ndx/core/clock.h"
#include "ndx/journal/journal.h"

namespace ndx::broker {

class CloseStage final : public Stage {
 public:
  CloseStage(Pipeline& pipeline, const core::Clock& clock, journal::Journal& journal,
             RefusalCounter& refusals, Capacity& capacity, std::string node_contact)
      : pipeline_(pipeline),
        clock_(clock),
        journal_(journal),
        refusals_(refusals),
        capacity_(capacity),
        node_contact_(std::move(node_contact)) {}

  absl::string_view name() const override { return "close"; }
  Flow Enter(Exchange& x) override;

 private:
  bool NeedsLeaf(const Exchange& x);
  void Closed(Exchange& x, absl::StatusOr<journal::Appended> appended) const;
  void Withhold(Exchange& x) const;

  Pipeline& pipeline_;
  const core::Clock& clock_;
  journal::Journal& journal_;
  RefusalCounter& refusals_;
  Capacity& capacity_;
  const std::string node_contact_;
};

}  // namespace ndx::broker
