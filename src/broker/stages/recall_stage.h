// Stage 5, first half: an exchange id that the caller chose may have been used before. Then the
// recorded answer is given again, or the id is refused if it stood for something else.
#pragma once

#include "ndx/broker/admission.h"
#include "ndx/broker/pipeline.h"
#include "ndx/broker/stage.h"
#include "ndx/journal/journal.h"

namespace ndx::broker {

class RecallStage final : public Stage {
 public:
  RecallStage(Pipeline& pipeline, Admission& admission, journal::Journal& journal,
              std::string node_contact)
      : pipeline_(pipeline),
        admission_(admission),
        journal_(journal),
        node_contact_(std::move(node_contact)) {}

  absl::string_view name() const override { return "recall"; }
  Flow Enter(Exchange& x) override;

 private:
  void Apply(Exchange& x, absl::StatusOr<journal::Recalled> recalled);
  // The recorded answer becomes this exchange's; false when it cannot be given.
  bool TakeAnswer(Exchange& x, journal::Recalled& recalled);

  Pipeline& pipeline_;
  Admission& admission_;
  journal::Journal& journal_;
  const std::string node_contact_;
};

}  // namespace ndx::broker
