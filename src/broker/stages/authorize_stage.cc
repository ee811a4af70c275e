#include "ndx/broker/stages/authorize_stage.h"

#include <utility>

#include "ndx/broker/caller_proof.h"
#include "ndx/broker/relay_proof.h"
#include "ndx/routing/request_check.h"

namespace ndx::broker {

namespace {

// Stands for a reference that the first exchange gave and the journal holds only as HMAC.
constexpr absl::string_view kRecordedReference = "recorded";

absl::string_view GivenOrRecorded(const std::string& given, bool recorded) {
  return given.empty() && recorded ? kRecordedReference : absl::string_view(given);
}

// A replay or a delivery is no call of the consumer's.
std::optional<absl::string_view> PeerOf(const Exchange& x) {
  if (x.peer == nullptr || x.made_by_node()) return std::nullopt;
  return x.peer->address;
}

// A replay is asked for by operators; the first exchange's own signature is in the journal. So is
// that of a request which was kept: it was verified then.
bool IsSigned(const Exchange& x) {
  const bool before = x.delivery.has_value() && x.delivery->request_signed;
  return !x.context.signature.empty() || x.replay.has_value() || before;
}

bool IsOfficerProved(const Exchange& x) {
  const bool recorded = x.replay.has_value() && x.replay->officer.has_value();
  return x.officer_proved || (recorded && x.replay->officer->proved());
}

// The decision was taken, and what came with the request or stands in it speaks against it.
void Overrule(Exchange& x, core::Refusal why) {
  x.decision.verdict = routing::AccessDecision::Verdict::kRefused;
  x.decision.refusal = why;
  x.Refuse(std::move(why));
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
  if (auto unfit = CheckRelayedBody(x)) {
    Overrule(x, *std::move(unfit));
    return Flow::kNext;
  }
  if (auto unproved = ProveRequest(x, clock_.Now())) {
    Overrule(x, *std::move(unproved));
    return Flow::kNext;
  }
  auto check = routing::CheckRequest(*x.route.method, x.decision.grant, *x.request);
  if (check.refusal.has_value()) Overrule(x, *std::move(check.refusal));
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
  const absl::Time now = clock_.Now();
  // A bad token is as good as a good one until a grant would let the exchange through: then it is
  // the token that is said to be wrong, not something that is not.
  auto bad_token = ProveOfficer(x, node_, now);
  const bool tokened = bad_token.has_value();
  const routing::AccessFacts facts{
      .consumer = &x.principal->system,
      .route = x.route,
      .purpose = x.context.purpose,
      .dossier = GivenOrRecorded(x.context.dossier, dossier),
      .officer = GivenOrRecorded(x.context.officer, officer || tokened),
      .procedure = x.context.procedure,
      .peer = PeerOf(x),
      .request_signed = IsSigned(x),
      .officer_proved = tokened || IsOfficerProved(x)};
  x.decision = routing::AccessPolicy::Decide(*x.registry, facts, now);
  x.decided_nanos = clock_.MonotonicNanos();
  if (!x.decision.allowed()) {
    x.Refuse(*x.decision.refusal);
  } else if (tokened) {
    Overrule(x, *std::move(bad_token));
  }
}

}  // namespace ndx::broker
