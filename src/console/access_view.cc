#include "ndx/console/access_view.h"

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "ndx/registry/calendar.h"
#include "ndx/registry/field_plan.h"
#include "ndx/routing/access_policy.h"
#include "ndx/routing/router.h"
#include "ndx/security/system_standing.h"

namespace ndx::console {
namespace {

using core::Refusal;
using registry::FieldPlan;

constexpr char kRegistryRule[] = "registry";
// Stands for a reference that would be sent.
constexpr char kGiven[] = "given";

v1::AccessVerdict VerdictOf(const std::string& rule, const std::optional<Refusal>& refusal) {
  v1::AccessVerdict verdict;
  verdict.set_rule(rule);
  verdict.set_allowed(!refusal.has_value());
  if (refusal.has_value()) {
    verdict.set_reason(core::ReasonName(refusal->reason));
    verdict.set_text_vi(core::TextOf(*refusal, core::Language::kVietnamese));
    verdict.set_text_en(core::TextOf(*refusal, core::Language::kEnglish));
  }
  return verdict;
}

bool HasField(const google::protobuf::Descriptor& type, const std::string& path) {
  return FieldPlan::CheckPath(type, path).ok();
}

}  // namespace

absl::StatusOr<v1::ExplainAccessResponse> ExplainAccess(const registry::RegistrySnapshot& registry,
                                                        const v1::ExplainAccessRequest& request,
                                                        absl::Time at) {
  v1::ExplainAccessResponse response;
  response.set_registry_version(registry.VersionHex());
  const registry::SystemEntry* const system = registry.FindSystem(request.consumer());
  if (system == nullptr) {
    return absl::NotFoundError(
        absl::StrCat("\"", request.consumer(), "\" is no system of the registry"));
  }
  const auto refusal = security::RefusalOfSystem(*system, system->member->OwnerText(), at);
  if (refusal.has_value()) {
    *response.mutable_verdict() = VerdictOf(kRegistryRule, refusal);
    return response;
  }
  const std::string path = absl::StrCat("/", absl::StripPrefix(request.method(), "/"));
  const auto routed = routing::Router::Resolve(registry, path, request.provider(), at);
  if (const auto* const refused = std::get_if<Refusal>(&routed)) {
    *response.mutable_verdict() = VerdictOf(kRegistryRule, *refused);
    return response;
  }
  const std::string peer = absl::StrContains(request.source_address(), ':')
                               ? absl::StrCat("[", request.source_address(), "]:0")
                               : absl::StrCat(request.source_address(), ":0");
  routing::AccessFacts facts{
      .consumer = &system->id,
      .route = std::get<routing::Route>(routed),
      .purpose = request.purpose(),
      .dossier = request.with_dossier() ? kGiven : "",
      .officer = request.with_officer() || request.with_officer_token() ? kGiven : "",
      .procedure = request.with_procedure() ? kGiven : "",
      .request_signed = request.with_signature(),
      .officer_proved = request.with_officer_token(),
  };
  if (!request.source_address().empty()) facts.peer = peer;
  const routing::AccessDecision decision = routing::AccessPolicy::Decide(registry, facts, at);
  *response.mutable_verdict() = VerdictOf(decision.rule, decision.refusal);
  for (const auto& verdict : routing::AccessPolicy::Explain(registry, facts, at)) {
    v1::AccessVerdict& one = *response.add_grants();
    one = VerdictOf(verdict.grant->name, verdict.refusal);
    one.set_shadow(verdict.grant->shadow);
  }
  if (decision.grant != nullptr) {
    *response.mutable_answer_fields() = {decision.grant->grant->answer_fields.begin(),
                                         decision.grant->grant->answer_fields.end()};
  }
  return response;
}

absl::StatusOr<v1::ListFieldReadersResponse> ListFieldReaders(
    const registry::RegistrySnapshot& registry, const v1::ListFieldReadersRequest& request,
    absl::Time now) {
  v1::ListFieldReadersResponse response;
  response.set_registry_version(registry.VersionHex());
  const absl::CivilDay today = registry::VietnamDay(now);
  for (const auto& method : registry.methods()) {
    if (!request.service().empty() && method->service->name != request.service()) continue;
    if (!HasField(*method->output, request.field())) continue;
    response.add_methods(std::string(method->name()));
    for (const auto& hold : method->grants) {
      const registry::GrantEntry& grant = *hold->grant;
      if (grant.shadow) continue;
      const FieldPlan::Part part = hold->answer_fields.has_value()
                                       ? hold->answer_fields->Selects(request.field())
                                       : FieldPlan::Part::kAll;
      if (part == FieldPlan::Part::kNone) continue;
      for (const registry::SystemEntry* const consumer : grant.consumers) {
        v1::FieldReader& reader = *response.add_readers();
        reader.set_consumer(consumer->id.text());
        reader.set_member_vi(consumer->member->name_vi);
        reader.set_method(std::string(method->name()));
        reader.set_grant(grant.name);
        reader.set_legal_basis(grant.legal_basis);
        *reader.mutable_purposes() = {grant.purposes.begin(), grant.purposes.end()};
        reader.set_whole(part == FieldPlan::Part::kAll);
        reader.set_in_force(grant.in_force.Contains(today));
      }
    }
  }
  if (response.methods().empty()) {
    return absl::NotFoundError(
        absl::StrCat("no answer has a field ", request.field(),
                     "; a path is field names of the answer's type joined by dots"));
  }
  return response;
}

}  // namespace ndx::console
