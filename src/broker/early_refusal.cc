#include "ndx/broker/early_refusal.h"

#include <algorithm>
#include <optional>
#include <utility>

namespace ndx::broker {

void EarlyRefusal::Remember(const Exchange& x) {
  // A peer's connection carries the calls of many systems.
  if (x.relayed_from.has_value()) return;
  if (x.peer == nullptr || connections_.size() >= kConnectionsMax) return;
  std::vector<Known>& known = connections_[x.peer->connection_id];
  const auto same = [&x](const Known& one) { return one.path == x.path; };
  if (std::any_of(known.begin(), known.end(), same)) return;
  const std::string method(x.route.method->name());
  const std::string reason = core::ReasonName(exchange::v1::ERROR_REASON_NODE_OVERLOADED);
  const registry::ServiceEntry& service = *x.route.method->service;
  known.push_back({.path = x.path,
                   .consumer = x.principal->system.text(),
                   .consumer_share = x.principal->entry->share,
                   .service = service.name,
                   .service_share = service.share,
                   .refused = &parts_.metrics.exchanges.With(
                       {method, std::string(OutcomeName(Outcome::kRefused)), reason}),
                   .duration = &parts_.metrics.duration.With({method})});
}

EarlyRefusal::Verdict EarlyRefusal::Decide(transport::ServerCall& call) {
  const int64_t now = parts_.clock.MonotonicNanos();
  parts_.capacity.Arrived(now - call.head().arrived_nanos, now);
  if (!parts_.capacity.limited()) return Verdict::kUnknown;
  const Known* const known = Find(call, now);
  if (known == nullptr || parts_.refusals.LeafLeft(now)) return Verdict::kUnknown;
  std::optional<core::ExchangeId> id;
  if (const std::string* text = call.head().metadata.Find("ndx-exchange-id"); text != nullptr) {
    const auto own = core::ExchangeId::Parse(*text);
    if (!own.ok()) return Verdict::kUnknown;
    id = *own;
  }
  const auto retry_after = parts_.capacity.Take({.consumer = known->consumer,
                                                 .consumer_share = known->consumer_share,
                                                 .service = known->service,
                                                 .service_share = known->service_share},
                                                now);
  if (!retry_after.has_value()) return Verdict::kLetIn;
  if (!parts_.watch.Refuses(Limit::kCapacity, known->consumer)) return Verdict::kLetIn;
  if (!id.has_value()) id = core::ExchangeId::Generate(parts_.clock, parts_.random);
  transport::Metadata trailers;
  trailers.Add("ndx-exchange-id", id->ToString());
  call.Finish(TemplateFor(*retry_after).For(*id), std::move(trailers));
  parts_.refusals.Count(exchange::v1::ERROR_REASON_NODE_OVERLOADED);
  known->refused->Add();
  known->duration->ObserveDuration(absl::Nanoseconds(now - call.head().received_nanos));
  return Verdict::kRefused;
}

const EarlyRefusal::Known* EarlyRefusal::Find(const transport::ServerCall& call,
                                              int64_t now_nanos) {
  if (call.head().metadata.Find("ndx-relay-assertion-bin") != nullptr) return nullptr;
  if (now_nanos - remembered_since_nanos_ >= kForgetNanos) {
    // The registry may have changed, and connections come and go.
    connections_.clear();
    remembered_since_nanos_ = now_nanos;
    return nullptr;
  }
  const auto connection = connections_.find(call.peer()->connection_id);
  if (connection == connections_.end()) return nullptr;
  for (const Known& known : connection->second) {
    if (known.path == call.head().path) return &known;
  }
  return nullptr;
}

const RefusalTemplate& EarlyRefusal::TemplateFor(absl::Duration retry_after) {
  if (templates_.size() >= kTemplatesMax) templates_.clear();
  return templates_.try_emplace(retry_after, NodeOverloaded(retry_after), node_).first->second;
}

}  // namespace ndx::broker
