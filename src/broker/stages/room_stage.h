// Between meter and open: room in memory for the answer that is expected, and a place at the
// provider; waits in the provider's line for it. Refuses NODE_OVERLOADED, PROVIDER_BUSY and
// DEADLINE_BEFORE_SENDING; nothing is on record as begun then.
//
// A provider whose breaker is open has nobody waiting for it: dispatch tells why.
#pragma once

#include <memory>

#include "absl/functional/any_invocable.h"
#include "absl/status/statusor.h"
#include "ndx/broker/admission.h"
#include "ndx/broker/answer_sizes.h"
#include "ndx/broker/limit_watch.h"
#include "ndx/broker/pipeline.h"
#include "ndx/broker/stage.h"
#include "ndx/core/clock.h"
#include "ndx/dispatch/dispatcher.h"

namespace ndx::broker {

class RoomStage final : public Stage {
 public:
  RoomStage(Pipeline& pipeline, const core::Clock& clock, Admission& admission,
            dispatch::Dispatcher& dispatcher, const AnswerSizes& sizes, const LimitWatch& watch)
      : pipeline_(pipeline),
        clock_(clock),
        admission_(admission),
        dispatcher_(dispatcher),
        sizes_(sizes),
        watch_(watch) {}

  absl::string_view name() const override { return "room"; }
  Flow Enter(Exchange& x) override;

 private:
  using State = std::shared_ptr<dispatch::ProviderState>;
  using VerdictCallback = absl::AnyInvocable<void(absl::StatusOr<dispatch::WaitingLine::Verdict>)>;

  bool TakeMemory(Exchange& x) const;
  Flow TakePlace(Exchange& x);
  VerdictCallback WhenWaited(Exchange& x, const State& state);
  void Waited(Exchange& x, const State& state, dispatch::WaitingLine::Verdict verdict) const;
  void RefuseBusy(Exchange& x, const dispatch::ProviderState& state,
                  absl::Duration retry_after) const;

  Pipeline& pipeline_;
  const core::Clock& clock_;
  Admission& admission_;
  dispatch::Dispatcher& dispatcher_;
  const AnswerSizes& sizes_;
  const LimitWatch& watch_;
};

}  // namespace ndx::broker
