#include "ndx/routing/access_policy.h"

#include <algorithm>
#include <string>
#include <utility>

#include "absl/strings/str_join.h"

namespace ndx::routing {
namespace {

using core::Refusal;
using exchange::v1::ErrorReason;
using registry::DateRange;
using registry::GrantEntry;
using registry::MethodGrant;

const registry::MemberEntry& OwnerOf(const Route& route) { return *route.provider->system->member; }

bool FromGrantedSource(const GrantEntry& grant, absl::string_view peer) {
  if (grant.sources.empty()) return true;
  const auto address = registry::NetworkAddress::OfPeer(peer);
  return address.has_value() &&
         std::any_of(grant.sources.begin(), grant.sources.end(),
                     [&](const registry::AddressRange& range) { return range.Contains(*address); });
}

std::string SourcesText(const GrantEntry& grant) {
  return absl::StrJoin(
      grant.sources, ", ",
      [](std::string* out, const registry::AddressRange& range) { out->append(range.text()); });
}

// The first check that the grant fails, in the order of ErrorReason; nothing when it allows the
// exchange.
std::optional<Refusal> FirstFailure(const registry::RegistrySnapshot& registry,
                                    const GrantEntry& grant, const AccessFacts& facts,
                                    absl::Time now) {
  if (!grant.purposes.empty()) {
    const bool known =
        std::binary_search(grant.purposes.begin(), grant.purposes.end(), facts.purpose);
    if (!known) {
      return Refusal{.reason = facts.purpose.empty()
                                   ? exchange::v1::ERROR_REASON_PURPOSE_MISSING
                                   : exchange::v1::ERROR_REASON_PURPOSE_NOT_GRANTED,
                     .parameters = {{"list", absl::StrJoin(grant.purposes, ", ")}}};
    }
    const DateRange& days = registry.FindPurpose(facts.purpose)->in_use;
    if (!days.Contains(registry::VietnamDay(now))) {
      return Refusal{.reason = exchange::v1::ERROR_REASON_PURPOSE_NOT_IN_USE,
                     .parameters = {{"from", days.FromText()},
                                    {"to", days.ToText()},
                                    {"owner", OwnerOf(facts.route).OwnerText()}}};
    }
  }
  if (grant.dossier_required && facts.dossier.empty()) {
    return Refusal{.reason = exchange::v1::ERROR_REASON_DOSSIER_MISSING};
  }
  if (grant.officer_required && facts.officer.empty()) {
    return Refusal{.reason = exchange::v1::ERROR_REASON_OFFICER_MISSING};
  }
  if (grant.procedure_required && facts.procedure.empty()) {
    return Refusal{.reason = exchange::v1::ERROR_REASON_PROCEDURE_MISSING};
  }
  if (!grant.in_force.Contains(registry::VietnamDay(now))) {
    return Refusal{.reason = exchange::v1::ERROR_REASON_GRANT_NOT_IN_FORCE,
                   .parameters = {{"from", grant.in_force.FromText()},
                                  {"to", grant.in_force.ToText()},
                                  {"owner", OwnerOf(facts.route).OwnerText()}}};
  }
  if (!grant.hours.Allows(now)) {
    return Refusal{
        .reason = exchange::v1::ERROR_REASON_OUTSIDE_HOURS,
        .parameters = {{"hours_vi", grant.hours.TextVi()}, {"hours_en", grant.hours.TextEn()}}};
  }
  if (facts.peer.has_value() && !FromGrantedSource(grant, *facts.peer)) {
    return Refusal{
        .reason = exchange::v1::ERROR_REASON_SOURCE_NOT_GRANTED,
        .parameters = {{"list", SourcesText(grant)}, {"owner", OwnerOf(facts.route).OwnerText()}}};
  }
  if (grant.signed_requests && !facts.request_signed) {
    return Refusal{.reason = exchange::v1::ERROR_REASON_SIGNATURE_MISSING};
  }
  if (grant.officer_proved && !facts.officer_proved) {
    return Refusal{.reason = exchange::v1::ERROR_REASON_OFFICER_NOT_PROVED};
  }
  return std::nullopt;
}

// How far through the checks a reason lies. The reasons about the purpose are one check.
int StageOf(ErrorReason reason) {
  const bool of_purpose = reason == exchange::v1::ERROR_REASON_PURPOSE_MISSING ||
                          reason == exchange::v1::ERROR_REASON_PURPOSE_NOT_IN_USE;
  return static_cast<int>(of_purpose ? exchange::v1::ERROR_REASON_PURPOSE_NOT_GRANTED : reason);
}

AccessDecision NoGrant(const AccessFacts& facts) {
  return {.rule = std::string(kDefaultDenyRule),
          .refusal = Refusal{.reason = exchange::v1::ERROR_REASON_NO_GRANT,
                             .parameters = {{"system", facts.consumer->text()},
                                            {"method", std::string(facts.route.method->name())},
                                            {"owner", OwnerOf(facts.route).OwnerText()}}}};
}

// Of a decision that was made by the grants in force.
std::optional<ShadowVerdict> ShadowOf(const registry::RegistrySnapshot& registry,
                                      const AccessFacts& facts, absl::Time now,
                                      const AccessDecision& decision) {
  std::optional<ShadowVerdict> asked;
  for (const MethodGrant* hold :
       registry.ShadowGrantsOf(facts.consumer->text(), *facts.route.method)) {
    const GrantEntry& shadow = *hold->grant;
    const GrantEntry* const replaced = decision.allowed() ? decision.grant->grant : nullptr;
    if (shadow.shadow_of != replaced || !shadow.CoversProvider(facts.route.provider->system)) {
      continue;
    }
    ShadowVerdict verdict{.grant = hold, .refusal = FirstFailure(registry, shadow, facts, now)};
    const bool differs = verdict.refusal.has_value() == decision.allowed();
    if (differs) return verdict;
    if (decision.allowed()) asked = std::move(verdict);  // its body and quotas are still to come
  }
  return asked;
}

}  // namespace

AccessDecision AccessPolicy::Decide(const registry::RegistrySnapshot& registry,
                                    const AccessFacts& facts, absl::Time now) {
  if (facts.route.method->service->of_node) {
    return {.verdict = AccessDecision::Verdict::kAllowed, .rule = std::string(kNodeServiceRule)};
  }
  AccessDecision decision;
  int furthest = static_cast<int>(exchange::v1::ERROR_REASON_NO_GRANT);
  for (const MethodGrant* hold : registry.GrantsOf(facts.consumer->text(), *facts.route.method)) {
    if (!hold->grant->CoversProvider(facts.route.provider->system)) continue;
    std::optional<Refusal> failure = FirstFailure(registry, *hold->grant, facts, now);
    if (!failure) {
      decision = {
          .verdict = AccessDecision::Verdict::kAllowed, .rule = hold->grant->name, .grant = hold};
      break;
    }
    const int stage = StageOf(failure->reason);
    if (stage <= furthest) continue;
    furthest = stage;
    decision.rule = hold->grant->name;
    decision.refusal = std::move(failure);
  }
  if (decision.rule.empty()) decision = NoGrant(facts);
  if (!facts.route.method->shadow_grants_of.empty()) {
    decision.shadow = ShadowOf(registry, facts, now, decision);
  }
  return decision;
}

std::vector<GrantVerdict> AccessPolicy::Explain(const registry::RegistrySnapshot& registry,
                                                const AccessFacts& facts, absl::Time now) {
  std::vector<GrantVerdict> verdicts;
  const std::string& consumer = facts.consumer->text();
  for (const auto* grants : {&registry.GrantsOf(consumer, *facts.route.method),
                             &registry.ShadowGrantsOf(consumer, *facts.route.method)}) {
    for (const MethodGrant* hold : *grants) {
      if (!hold->grant->CoversProvider(facts.route.provider->system)) continue;
      verdicts.push_back(
          {.grant = hold->grant, .refusal = FirstFailure(registry, *hold->grant, facts, now)});
    }
  }
  return verdicts;
}

}  // namespace ndx::routing
