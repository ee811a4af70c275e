#include "ndx/broker/stages/close_stage.h"

#include <utility>

namespace ndx::broker {

Flow CloseStage::Enter(Exchange& x) {
  if (!NeedsLeaf(x)) return Flow::kNext;
  auto leaf = LeafOf(x, ClosingEvent(x), clock_, journal_);
  if (!leaf.ok()) {
    Withhold(x);
    return Flow::kNext;
  }
  journal::Record record;
  record.leaf = *std::move(leaf);
  record.recallable = x.context.exchange_id.has_value();
  if (x.outcome != Outcome::kRefused) {
    if (!x.opened) {
      record.request = RequestPayload(x);
      record.consumer_signature = x.context.signature;
    }
    if (x.spill != nullptr && x.spill->messages() > 0) {
      record.response_spill = std::move(x.spill);
    } else {
      record.response = AnswerPayload(x);
    }
  }
  journal_.Append(std::move(record), [this, alive = x.shared_from_this()](
                                         absl::StatusOr<journal::Appended> appended) mutable {
    transport::EventLoop& loop = alive->loop;
    loop.Post([this, alive = std::move(alive), appended = std::move(appended)]() mutable {
      if (appended.ok()) {
        alive->leaf_index = appended->index;
        alive->receipt = std::move(appended->receipt);
      } else {
        Withhold(*alive);
      }
      pipeline_.Next(*alive);
    });
  });
  return Flow::kWait;
}

bool CloseStage::NeedsLeaf(const Exchange& x) {
  if (x.recalled) return false;  // its leaf is there already
  if (x.principal.has_value()) return true;
  refusals_.Count(x.refusal->reason);
  return refusals_.TryTakeLeaf(clock_.MonotonicNanos());
}

void CloseStage::Withhold(Exchange& x) const {
  x.answer.clear();
  if (x.outcome == Outcome::kRefused) {
    // Nothing was sent: the refusal says all, and it is the journal's absence that the caller must
    // hear of.
    x.refusal = core::Refusal{.reason = exchange::v1::ERROR_REASON_JOURNAL_UNAVAILABLE};
  } else {
    x.outcome = Outcome::kFailed;
    x.refusal = core::Refusal{.reason = exchange::v1::ERROR_REASON_ANSWER_NOT_RECORDED};
  }
  x.refusal->parameters = {{"node", node_contact_}};
}

}  // namespace ndx::broker
