#include "ndx/broker/stages/minimise_stage.h"

#include <utility>

#include "ndx/broker/minimise_answer.h"

namespace ndx::broker {

Flow MinimiseStage::Enter(Exchange& x) {
  if (x.outcome != Outcome::kAnswered || x.streams() || x.recalled) return Flow::kNext;
  const int64_t began = clock_.MonotonicNanos();
  for (transport::Message& message : x.answer) {
    auto minimised = MinimiseMessage(x, std::move(message));
    if (!minimised.ok()) {
      // Sent and answered, but with bytes of another type: nothing of them may be delivered.
      x.answer.clear();
      x.outcome = x.changes() ? Outcome::kInDoubt : Outcome::kFailed;
      x.refusal = AnswerOfWrongType(x);
      break;
    }
    message = *std::move(minimised);
  }
  x.minimise_nanos = clock_.MonotonicNanos() - began;
  return Flow::kNext;
}

}  // namespace ndx::broker
