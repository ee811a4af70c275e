// Stage 7: the call to the provider. A unary answer is kept for the next stages; a stream's
// messages are minimised, sealed and passed on as they come, and a slow caller slows the provider
// by way of the flow-control windows.
//
// A caller that goes away cancels a read. A change that was sent runs to its end and is recorded.
#pragma once

#include "ndx/broker/admission.h"
#include "ndx/broker/pipeline.h"
#include "ndx/broker/stage.h"
#include "ndx/core/clock.h"
#include "ndx/dispatch/dispatcher.h"

namespace ndx::broker {

class DispatchStage final : public Stage {
 public:
  DispatchStage(Pipeline& pipeline, const core::Clock& clock, core::Random& random,
                Admission& admission, dispatch::Dispatcher& dispatcher)
      : pipeline_(pipeline),
        clock_(clock),
        random_(random),
        admission_(admission),
        dispatcher_(dispatcher) {}

  absl::string_view name() const override { return "dispatch"; }
  Flow Enter(Exchange& x) override;

 private:
  class Observer;

  transport::Metadata MetadataFor(const Exchange& x);

  Pipeline& pipeline_;
  const core::Clock& clock_;
  core::Random& random_;
  Admission& admission_;
  dispatch::Dispatcher& dispatcher_;
};

// The moment by which the provider must have answered: the caller's deadline, or the method's where
// it states none, at most the method's longest; less a margin in which the answer is recorded and
// travels back.
int64_t ProviderDeadline(const Exchange& x, int64_t now_nanos);

// Passes a message of a streamed answer on: minimised, sealed, sent. Ends the exchange's call on
// failure.
void DeliverStreamed(Exchange& x, transport::Message message);

// The caller has taken what was sent: lets the provider send on.
void ReleaseStreamed(Exchange& x);

}  // namespace ndx::broker
