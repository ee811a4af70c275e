#include "ndx/replay/dry_run.h"

#include <utility>

#include "ndx/replay/recorded_exchange.h"
#include "ndx/replay/replay_rules.h"
#include "ndx/routing/access_policy.h"
#include "ndx/routing/request_check.h"
#include "ndx/routing/router.h"
#include "ndx/security/system_standing.h"

namespace ndx::replay {

DryRun::DryRun(const Parts& parts) : parts_(parts), registry_(parts.registry.Current()) {
  for (const auto& use : parts_.limiter.Uses(parts_.clock.Now())) used_[use.quota] = use.used;
}

std::optional<core::Refusal> DryRun::Judge(const v1::ReplayItem& item) {
  const absl::Time now = parts_.clock.Now();
  const auto id = core::ExchangeId::FromBytes(item.exchange_id());
  if (!id.ok()) return core::Refusal{.reason = exchange::v1::ERROR_REASON_INTERNAL};
  auto read = ReadRecorded(parts_.reader, *id, item.consumer());
  if (auto* refusal = std::get_if<core::Refusal>(&read)) return std::move(*refusal);
  const auto& recorded = std::get<RecordedExchange>(read);
  const journal::v1::JournalLeaf& leaf = recorded.closing.leaf;
  const registry::SystemEntry* const consumer = registry_->FindSystem(leaf.consumer());
  if (consumer == nullptr) {
    return core::Refusal{.reason = exchange::v1::ERROR_REASON_CERTIFICATE_NOT_REGISTERED};
  }
  if (auto refusal = security::RefusalOfSystem(*consumer, "", now)) return refusal;
  auto resolved = routing::Router::Resolve(*registry_, leaf.method(), leaf.provider(), now);
  if (auto* refusal = std::get_if<core::Refusal>(&resolved)) return std::move(*refusal);
  const auto route = std::get<routing::Route>(resolved);
  if (const auto why = ReasonAgainstMethod(*route.method, v1::REPLAY_MODE_DRY_RUN)) {
    return core::Refusal{.reason = *why};
  }
  const routing::AccessFacts facts{.consumer = &consumer->id,
                                   .route = route,
                                   .purpose = leaf.purpose(),
                                   .dossier = leaf.has_dossier() ? "recorded" : "",
                                   .officer = leaf.has_officer() ? "recorded" : "",
                                   .procedure = leaf.procedure(),
                                   .request_signed = true,  // as broker/authorize_stage has it
                                   .officer_proved = leaf.officer().proved()};
  const auto decision = routing::AccessPolicy::Decide(*registry_, facts, now);
  if (!decision.allowed()) return decision.refusal;
  auto check =
      routing::CheckRequest(*route.method, decision.grant, recorded.payload.request.front());
  if (check.refusal.has_value()) return std::move(check.refusal);
  if (decision.grant == nullptr || decision.grant->grant->quota_per_day == 0) return std::nullopt;
  uint64_t& used = used_[routing::QuotaName(*decision.grant->grant, consumer->id.text())];
  if (used >= decision.grant->grant->quota_per_day) {
    return core::Refusal{.reason = exchange::v1::ERROR_REASON_QUOTA_USED};
  }
  ++used;
  return std::nullopt;
}

}  // namespace ndx::replay
