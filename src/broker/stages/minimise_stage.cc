#include "ndx/broker/stages/minimise_stage.h"

#include <utility>

#include "ndx/broker/minimise_answer.h"
#include "ndx/broker/provider_proof.h"
#include "ndx/broker/relay_answer.h"

namespace ndx::broker {

namespace {

// Sent and answered, but nothing of the answer may be delivered.
void WithholdAnswer(Exchange& x, core::Refusal why) {
  x.answer.clear();
  x.outcome = x.changes() ? Outcome::kInDoubt : Outcome::kFailed;
  x.refusal = std::move(why);
}

}  // namespace

Flow MinimiseStage::Enter(Exchange& x) {
  if (x.recalled) return Flow::kNext;
  if (x.answered_by_peer) {
    if (auto unproved = CheckNextReceipt(x, hops_, known_checkpoints_)) {
      x.next_receipt.clear();
      x.error_node.clear();
      WithholdAnswer(x, *std::move(unproved));
    }
  }
  if (x.outcome != Outcome::kAnswered) return Flow::kNext;
  if (auto unproved = CheckProviderSignature(x, clock_.Now())) {
    WithholdAnswer(x, *std::move(unproved));
    return Flow::kNext;
  }
  if (x.streams()) return Flow::kNext;
  const int64_t began = clock_.MonotonicNanos();
  for (transport::Message& message : x.answer) {
    auto minimised = MinimiseMessage(x, std::move(message));
    if (!minimised.ok()) {
      WithholdAnswer(x, AnswerOfWrongType(x));  // bytes of another type
      break;
    }
    message = *std::move(minimised);
  }
  x.minimise_nanos = clock_.MonotonicNanos() - began;
  return Flow::kNext;
}

}  // namespace ndx::broker
