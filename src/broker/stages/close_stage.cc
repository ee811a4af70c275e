#include "ndx/broker/stages/close_stage.h"

#include <utility>

#include "ndx/broker/minimise_answer.h"

namespace ndx::broker {

namespace {

// Nothing is wrong with the exchange; there are too many of them.
bool ForWantOfRoom(const Exchange& x) {
  if (x.outcome != Outcome::kRefused || !x.refusal.has_value()) return false;
  return x.refusal->reason == exchange::v1::ERROR_REASON_NODE_OVERLOADED ||
         x.refusal->reason == exchange::v1::ERROR_REASON_TOO_MANY_IN_FLIGHT ||
         x.refusal->reason == exchange::v1::ERROR_REASON_PROVIDER_BUSY;
}

}  // namespace

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
  record.next_receipt = x.next_receipt;
  if (x.outcome != Outcome::kRefused) {
    if (!x.opened) {
      record.request = RequestPayload(x);
      record.consumer_signature = SealedBesideRequest(x);
    }
    if (x.spill != nullptr && x.spill->messages() > 0) {
      record.response_spill = std::move(x.spill);
    } else {
      record.response = AnswerPayload(x);
    }
  }
  journal_.Append(std::move(record),
                  pipeline_.OnLoop<journal::Appended>(
                      x, [this, began = clock_.MonotonicNanos()](Exchange& alive, auto appended) {
                        const int64_t now = clock_.MonotonicNanos();
                        capacity_.Recorded(now - began, now);
                        Closed(alive, std::move(appended));
                        pipeline_.Next(alive);
                      }));
  return Flow::kWait;
}

void CloseStage::Closed(Exchange& x, absl::StatusOr<journal::Appended> appended) const {
  if (!appended.ok()) return Withhold(x);
  x.leaf_index = appended->index;
  x.receipt = std::move(appended->receipt);
}

bool CloseStage::NeedsLeaf(const Exchange& x) {
  if (x.recalled) return false;  // its leaf is there already
  if (x.principal.has_value() && !ForWantOfRoom(x)) return true;
  refusals_.Count(x.refusal->reason);
  return refusals_.TryTakeLeaf(clock_.MonotonicNanos());
}

void CloseStage::Withhold(Exchange& x) const {
  x.answer.clear();
  x.error_node.clear();
  if (x.outcome == Outcome::kRefused) {
    // Nothing was sent: the refusal says all, and it is the journal's absence that the caller must
    // hear of.
    x.refusal = core::Refusal{.reason = exchange::v1::ERROR_REASON_JOURNAL_UNAVAILABLE,
                              .parameters = {{"node", node_contact_}}};
  } else {
    x.outcome = Outcome::kFailed;
    x.refusal = AnswerNotRecorded(node_contact_);
  }
}

}  // namespace ndx::broker
