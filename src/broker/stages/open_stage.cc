#include "ndx/broker/stages/open_stage.h"

#include <utility>

namespace ndx::broker {

Flow OpenStage::Enter(Exchange& x) {
  if (!x.changes() && !x.route.method->rules.write_ahead() && !x.streams()) return Flow::kNext;
  auto leaf = LeafOf(x, journal::v1::JOURNAL_EVENT_REQUEST_OPENED, clock_, journal_);
  if (!leaf.ok()) {
    x.Refuse(Unavailable());
    return Flow::kNext;
  }
  x.open_began_nanos = clock_.MonotonicNanos();
  journal::Record record;
  record.leaf = *std::move(leaf);
  record.request = RequestPayload(x);
  record.consumer_signature = SealedBesideRequest(x);
  record.recallable = x.context.exchange_id.has_value();
  journal_.Append(std::move(record),
                  pipeline_.OnLoop<journal::Appended>(x, [this](Exchange& alive, auto appended) {
                    Opened(alive, appended);
                    pipeline_.Next(alive);
                  }));
  return Flow::kWait;
}

void OpenStage::Opened(Exchange& x, const absl::StatusOr<journal::Appended>& appended) {
  x.open_nanos = clock_.MonotonicNanos() - x.open_began_nanos;
  if (!appended.ok()) return x.Refuse(Unavailable());
  x.opened = true;
  if (!x.streams()) return;
  auto spill =
      journal_.StartSpill(x.principal->system.text(), x.id, x.route.method->output, x.registry);
  if (spill.ok()) {
    x.spill = *std::move(spill);
  } else {
    x.Refuse(Unavailable());
  }
}

core::Refusal OpenStage::Unavailable() const {
  return {.reason = exchange::v1::ERROR_REASON_JOURNAL_UNAVAILABLE,
          .parameters = {{"node", node_contact_}}};
}

}  // namespace ndx::broker
