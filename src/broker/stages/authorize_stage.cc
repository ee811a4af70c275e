#include "ndx/broker/stages/authorize_stage.h"

#include <utility>

#include "ndx/routing/request_check.h"

namespace ndx::broker {

namespace {

// Stands for a reference that the first exchange gave and the journal holds only as HMAC.
constexpr absl::string_view kRecordedReference = "recorded";

absl::string_view GivenOrRecorded(const std::string& given, bool recorded) {
  return given.empty() && recorded ? kRecordedReference : absl::string_view(given);
}

// A replay is no call of the consumer's.
std::optional<absl::string_view> PeerOf(const Exchange& x) {
  if (x.peer == nullptr || x.replay.has_value()) return std::nullopt;
  return x.peer->address;
}

}  // namespace

Flow AuthorizeStage::Enter(Exchange& x) {
  if (x.decided_nanos == 0) {
    Decide(x);
    if (x.outcome != Outcome::kUndecided) return Flow::kNext;
  }
  if (x.request_fault.has_value()) {
    x.Refuse(*std::move(x.request_fault));
    return Flow::kNext;
  }
  if (!x.request_complete) return Flow::kWait;
  x.decided_nanos = clock_.MonotonicNanos();
  auto check = routing::CheckRequest(*x.route.method, x.decision.grant, *x.request);
  if (check.refusal.has_value()) {
    x.decision.verdict = routing::AccessDecision::Verdict::kRefused;
    x.decision.refusal = check.refusal;
    x.Refuse(*std::move(check.refusal));
  }
  x.field_warnings = std::move(check.warnings);
  auto& shadow = x.decision.shadow;
  if (x.decision.allowed() && shadow.has_value() && !shadow->refusal.has_value()) {
    shadow->refusal = routing::CheckRequest(*x.route.method, shadow->grant, *x.request).refusal;
  }
  return Flow::kNext;
}

void AuthorizeStage::Decide(Exchange& x) {
  const bool dossier = x.replay.has_value() && x.replay->dossier.has_value();
  const bool officer = x.replay.has_value() && x.replay->officer.has_value();
  const routing::AccessFacts facts{.consumer = &x.principal->system,
                                   .route = x.route,
                                   .purpose = x.context.purpose,
                                   .dossier = GivenOrRecorded(x.context.dossier, dossier),
                                   .officer = GivenOrRecorded(x.context.officer, officer),
                                   .procedure = x.context.procedure,
                                   .peer = PeerOf(x)};
  x.decision = routing::AccessPolicy::Decide(*x.registry, facts, clock_.Now());
  x.decided_nanos = clock_.MonotonicNanos();
  if (!x.decision.allowed()) x.Refuse(*x.decision.refusal);
}

}  // namespace ndx::broker
