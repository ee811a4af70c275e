#include "ndx/broker/stages/meter_stage.h"

#include <utility>

#include "ndx/core/status_macros.h"
#include "ndx/journal/payload_subjects.h"
#include "ndx/registry/calendar.h"

namespace ndx::broker {

absl::StatusOr<std::vector<std::string>> MeterStage::SubjectsOf(const Exchange& x) const {
  // The message as one part: whom any of it names.
  const journal::Part whole;
  std::vector<std::string> references;
  for (const auto& named :
       journal::SubjectsOfMessage(x.route.method->input, *x.request, {&whole, 1})) {
    for (const std::string& subject : named) {
      NDX_ASSIGN_OR_RETURN(const auto reference,
                           journal_.Reference(journal::ReferenceKind::kSubject, subject));
      references.push_back(reference.hmac());
    }
  }
  return references;
}

Flow MeterStage::Enter(Exchange& x) {
  if (x.decision.grant == nullptr) return Flow::kNext;  // the node's own services
  const registry::GrantEntry& grant = *x.decision.grant->grant;
  auto& shadow = x.decision.shadow;
  const bool shadow_asked = shadow.has_value() && !shadow->refusal.has_value();
  const bool of_subjects =
      grant.subjects_per_day != 0 || (shadow_asked && shadow->grant->grant->subjects_per_day != 0);
  std::vector<std::string> subjects;
  if (of_subjects && x.request != nullptr) {
    auto named = SubjectsOf(x);
    if (!named.ok()) {
      x.Refuse({.reason = exchange::v1::ERROR_REASON_JOURNAL_UNAVAILABLE,
                .parameters = {{"node", node_contact_}}});
      return Flow::kNext;
    }
    subjects = *std::move(named);
  }
  const auto take = [&](const registry::GrantEntry& of) {
    return limiter_.Take(of, x.principal->system.text(), clock_.Now(), clock_.MonotonicNanos(),
                         subjects);
  };
  auto refusal = take(grant);
  if (refusal.has_value()) {
    if (refusal->reason == exchange::v1::ERROR_REASON_SUBJECT_QUOTA_USED) Tell(x);
    refusal->parameters["owner"] = x.route.provider->system->member->OwnerText();
    if (watch_.Refuses(Limit::kQuota, x.principal->system.text())) {
      x.Refuse(*std::move(refusal));
      return Flow::kNext;
    }
  }
  // After the grant that decides: what that one refuses is not counted in the shadow.
  if (shadow_asked) shadow->refusal = take(*shadow->grant->grant);
  return Flow::kNext;
}

// Once a day and grant: who goes on asking is counted.
void MeterStage::Tell(const Exchange& x) {
  const registry::GrantEntry& grant = *x.decision.grant->grant;
  const absl::CivilDay today = registry::VietnamDay(clock_.Now());
  const auto [at, fresh] = told_.try_emplace(grant.name, today);
  if (!fresh && at->second == today) return;
  at->second = today;
  log_.Write(telemetry::LogEvent::kBulkHarvesting, {{"consumer", x.principal->system.text()},
                                                    {"grant", grant.name},
                                                    {"method", x.route.method->name()},
                                                    {"limit", grant.subjects_per_day}});
}

}  // namespace ndx::broker
