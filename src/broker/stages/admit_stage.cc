#include "ndx/broker/stages/admit_stage.h"

#include <utility>
#include <variant>

#include "absl/strings/str_cat.h"
#include "ndx/dispatch/failure_reason.h"

namespace ndx::broker {
namespace {

// What a refused caller is told to wait.
constexpr absl::Duration kStoppingPause = absl::Seconds(5);
constexpr absl::Duration kFullPause = absl::Milliseconds(200);

core::Refusal Wait(exchange::v1::ErrorReason reason, absl::Duration pause) {
  return {.reason = reason,
          .parameters = {{"retry_after", dispatch::ShortDuration(pause)}},
          .retry_after = pause};
}

}  // namespace

Flow AdmitStage::Enter(Exchange& x) {
  auto read = ReadRequestContext(x.metadata);
  if (auto* context = std::get_if<RequestContext>(&read)) x.context = std::move(*context);
  x.id = x.context.exchange_id.has_value() ? *x.context.exchange_id
                                           : core::ExchangeId::Generate(clock_, random_);
  x.trace = x.context.traceparent.has_value() ? x.context.traceparent->Child(random_)
                                              : telemetry::TraceContext::Root(random_);
  if (admission_.stopping()) {
    x.Refuse(Wait(exchange::v1::ERROR_REASON_NODE_STOPPING, kStoppingPause));
    return Flow::kNext;
  }
  if (!admission_.TryEnter()) {
    core::Refusal refusal = Wait(exchange::v1::ERROR_REASON_TOO_MANY_IN_FLIGHT, kFullPause);
    refusal.parameters["limit"] = absl::StrCat(admission_.options().in_flight_max);
    x.Refuse(std::move(refusal));
    return Flow::kNext;
  }
  x.holds_node_place = true;
  if (auto* refusal = std::get_if<core::Refusal>(&read)) {
    x.Refuse(std::move(*refusal));
  } else if (!journal_.AcceptsNewExchanges().ok()) {
    x.Refuse({.reason = exchange::v1::ERROR_REASON_JOURNAL_UNAVAILABLE,
              .parameters = {{"node", node_contact_}}});
  }
  return Flow::kNext;
}

}  // namespace ndx::broker
