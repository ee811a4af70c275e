#include "ndx/broker/leaf.h"

#include <algorithm>
#include <string>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/strip.h"
#include "ndx/broker/business_code.h"
#include "ndx/broker/node_service.h"
#include "ndx/core/limits.h"
#include "ndx/core/status_macros.h"
#include "ndx/journal/v1/journal_store.pb.h"
#include "ndx/routing/format_rules.h"

namespace ndx::broker {
namespace {

using journal::v1::JournalLeaf;

uint32_t Micros(int64_t nanos) {
  return static_cast<uint32_t>(std::clamp<int64_t>(nanos / 1000, 0, UINT32_MAX));
}

// The consumer's certificate is the one that the first node saw, as the peer asserts; beside it
// stands the one that this node saw itself.
void FillNodes(const Exchange& x, JournalLeaf& leaf) {
  for (const std::string& crossed : x.relay_path) leaf.add_relay_path(crossed);
  if (x.relayed_from.has_value()) leaf.set_relay_certificate_sha256(x.relayed_from->spki_sha256);
  if (x.via() != nullptr) leaf.set_relayed_to(x.via()->system->id.text());
  leaf.set_relay_asserted_origin(x.asserted_origin);
  leaf.set_error_node(x.error_node);
}

void FillParties(const Exchange& x, JournalLeaf& leaf) {
  leaf.set_exchange_id(std::string(x.id.bytes()));
  leaf.set_face(x.face);
  if (x.replay.has_value()) {
    leaf.set_replay_of(std::string(x.replay->replay_of.bytes()));
    if (x.replay->leaf_index) leaf.set_caused_by_plus_one(*x.replay->leaf_index + 1);
  }
  if (x.delivery.has_value()) leaf.set_submitted_plus_one(x.delivery->submitted_leaf + 1);
  if (x.principal.has_value()) {
    leaf.set_consumer(x.principal->system.text());
    leaf.set_certificate_sha256(x.principal->spki_sha256);
  } else {
    leaf.set_certificate_sha256(x.refused_spki_sha256);
  }
  if (x.route.provider != nullptr) leaf.set_provider(x.route.provider->system->id.text());
  FillNodes(x, leaf);
  leaf.set_trace_id(std::string(x.trace.trace_id()));
  if (x.registry != nullptr) leaf.set_registry_version(x.registry->version());
}

// /package.Service/Method, each part a protobuf name.
bool IsMethodPath(absl::string_view path) {
  if (!absl::ConsumePrefix(&path, "/") || path.size() >= core::kMethodBytesMax) return false;
  bool begins = true;
  for (const char c : path) {
    const bool letter = absl::ascii_isalpha(static_cast<unsigned char>(c)) || c == '_';
    const bool digit = absl::ascii_isdigit(static_cast<unsigned char>(c));
    const bool separator = c == '.' || c == '/';
    if (begins ? !letter : !letter && !digit && !separator) return false;
    begins = separator;
  }
  return !begins && std::count(path.begin(), path.end(), '/') == 1;
}

// An unknown path comes from the caller, who may write anything into it, a person's number too: it
// is recorded only if it could be a method's.
std::string RecordedMethod(const Exchange& x) {
  if (x.route.method != nullptr) return x.route.method->path;
  return IsMethodPath(x.path) ? x.path : "";
}

// Likewise only what the catalogue knows.
std::string RecordedPurpose(const Exchange& x) {
  const bool known = x.registry != nullptr && x.registry->FindPurpose(x.context.purpose) != nullptr;
  return known ? x.context.purpose : "";
}

// Likewise only what can be a procedure's code.
std::string RecordedProcedure(const Exchange& x) {
  using Kind = routing::FormatVerdict::Kind;
  const auto verdict =
      routing::CheckFormat(options::v1::FORMAT_PROCEDURE_CODE, x.context.procedure);
  return verdict.kind == Kind::kBad ? "" : x.context.procedure;
}

// A request that is kept has its ground beside it since it was submitted.
bool SealsGround(const Exchange& x) {
  const bool through_peer = x.route.provider != nullptr && x.route.provider->via != nullptr;
  const bool has_ground = !x.context.dossier.empty() || !x.context.officer.empty();
  return through_peer && has_ground && x.context.signature.empty() && !x.delivery.has_value();
}

absl::Status FillGround(const Exchange& x, journal::Journal& journal, JournalLeaf& leaf) {
  leaf.set_method(RecordedMethod(x));
  leaf.set_purpose(RecordedPurpose(x));
  leaf.set_procedure(RecordedProcedure(x));
  if (x.replay.has_value()) {
    if (x.replay->dossier.has_value()) *leaf.mutable_dossier() = *x.replay->dossier;
    if (x.replay->officer.has_value()) *leaf.mutable_officer() = *x.replay->officer;
    return absl::OkStatus();
  }
  if (!x.context.dossier.empty()) {
    NDX_ASSIGN_OR_RETURN(*leaf.mutable_dossier(),
                         journal.Reference(journal::ReferenceKind::kDossier, x.context.dossier));
  }
  if (!x.context.officer.empty()) {
    NDX_ASSIGN_OR_RETURN(*leaf.mutable_officer(),
                         journal.Reference(journal::ReferenceKind::kOfficer, x.context.officer));
    leaf.mutable_officer()->set_proved(x.officer_proved);
  }
  return absl::OkStatus();
}

void FillDecision(const Exchange& x, JournalLeaf& leaf) {
  if (x.decided_nanos == 0) return;
  auto* decision = leaf.mutable_decision();
  decision->set_allowed(x.decision.allowed());
  decision->set_rule(x.decision.rule);
  if (x.decision.refusal.has_value()) {
    decision->set_reason(core::ReasonName(x.decision.refusal->reason));
  }
  for (const std::string& path : x.fields_removed) decision->add_fields_removed(path);
  if (!x.decision.shadow_differs()) return;
  const routing::ShadowVerdict& shadow = *x.decision.shadow;
  decision->set_shadow_rule(shadow.grant->grant->name);
  if (shadow.refusal.has_value()) {
    decision->set_shadow_reason(core::ReasonName(shadow.refusal->reason));
  }
}

void FillOutcome(const Exchange& x, const core::Clock& clock, JournalLeaf& leaf) {
  if (x.refusal.has_value()) {
    leaf.set_error_reason(core::ReasonName(x.refusal->reason));
    leaf.set_grpc_status(static_cast<uint32_t>(x.refusal->grpc_code != 0
                                                   ? x.refusal->grpc_code
                                                   : core::RulesOf(x.refusal->reason).grpc_code()));
  } else {
    leaf.set_grpc_status(static_cast<uint32_t>(std::clamp(x.status.code, 0, 16)));
    if (!x.status.ok()) {
      leaf.set_error_reason(core::ReasonName(exchange::v1::ERROR_REASON_PROVIDER_ERROR));
    }
  }
  if (x.outcome == Outcome::kAnswered && !x.answer.empty()) {
    leaf.set_business_code(BusinessCode(*x.route.method->output, *x.answer.back()));
  }
  const int64_t duration_nanos = clock.MonotonicNanos() - x.received_nanos;
  leaf.set_duration_us(static_cast<uint64_t>(std::max<int64_t>(duration_nanos / 1000, 0)));
  auto* stages = leaf.mutable_stages();
  if (x.decided_nanos != 0) stages->set_decide_us(Micros(x.decided_nanos - x.received_nanos));
  stages->set_open_us(Micros(x.open_nanos));
  stages->set_provider_us(Micros(x.provider_nanos));
  stages->set_minimise_us(Micros(x.minimise_nanos));
}

journal::Payload PayloadOf(const Exchange& x, const google::protobuf::Descriptor* type) {
  journal::Payload payload;
  payload.descriptor = type;
  payload.descriptor_owner = x.registry;
  return payload;
}

}  // namespace

absl::StatusOr<JournalLeaf> LeafOf(const Exchange& x, journal::v1::JournalEvent event,
                                   const core::Clock& clock, journal::Journal& journal) {
  JournalLeaf leaf;
  leaf.set_event(event);
  FillParties(x, leaf);
  NDX_RETURN_IF_ERROR(FillGround(x, journal, leaf));
  FillDecision(x, leaf);
  const bool begins = event == journal::v1::JOURNAL_EVENT_REQUEST_OPENED ||
                      event == journal::v1::JOURNAL_EVENT_SUBMITTED;
  const uint32_t before = x.delivery.has_value() ? x.delivery->attempts_before : 0;
  if (!begins || x.delivery.has_value()) {
    leaf.set_attempt(std::min<uint32_t>(before + std::max<uint32_t>(x.attempts, 1), 0xFFFF));
  }
  if (!begins) FillOutcome(x, clock, leaf);
  // A refusal keeps nothing of the request, its signature neither.
  if (event != journal::v1::JOURNAL_EVENT_REFUSED) {
    leaf.set_signature_key_id(x.signature_key_id);
    leaf.set_ground_sealed(SealsGround(x));
  }
  return leaf;
}

journal::v1::JournalEvent ClosingEvent(const Exchange& x) {
  // What was sent before does not become "not sent" because this attempt did not get that far.
  if (x.doubted && x.opened && x.outcome != Outcome::kAnswered) {
    return journal::v1::JOURNAL_EVENT_IN_DOUBT;
  }
  switch (x.outcome) {
    case Outcome::kAnswered:
      return journal::v1::JOURNAL_EVENT_ANSWERED;
    case Outcome::kInDoubt:
      return journal::v1::JOURNAL_EVENT_IN_DOUBT;
    case Outcome::kRefused:
      // Refused after its request was recorded: it must not stay open.
      return x.opened ? journal::v1::JOURNAL_EVENT_FAILED : journal::v1::JOURNAL_EVENT_REFUSED;
    default:
      return journal::v1::JOURNAL_EVENT_FAILED;
  }
}

std::string SealedBesideRequest(const Exchange& x) {
  if (!SealsGround(x)) return x.context.signature;
  journal::v1::SubmittedContext ground;
  ground.set_dossier(x.context.dossier);
  ground.set_officer(x.context.officer);
  return ground.SerializeAsString();
}

std::optional<journal::Payload> RequestPayload(const Exchange& x) {
  if (x.request == nullptr || x.route.method == nullptr) return std::nullopt;
  journal::Payload payload = PayloadOf(x, x.route.method->input);
  payload.messages = {x.request};
  return payload;
}

std::optional<journal::Payload> AnswerPayload(const Exchange& x) {
  if (x.answer.empty() || x.outcome != Outcome::kAnswered || AnswersFromRecord(x.path)) {
    return std::nullopt;
  }
  journal::Payload payload = PayloadOf(x, x.route.method->output);
  payload.messages = x.answer;
  return payload;
}

}  // namespace ndx::broker
