// Methods of the registry change service.
#include <algorithm>
#include <filesystem>
#include <set>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "ndx/console/exchange_view.h"
#include "ndx/console/operator_commands.h"
#include "ndx/console/operator_ledger.h"
#include "ndx/console/refusal_status.h"
#include "ndx/console/registry_desk.h"
#include "ndx/console/v1/registry_change_service.pb.h"
#include "ndx/core/status_macros.h"
#include "ndx/crypto/digest.h"
#include "ndx/registry/contract_source.h"
#include "ndx/registry/registry_edit.h"
#include "ndx/settings/settings_loader.h"

namespace ndx::console {
namespace {

using registry::EditableDocument;
using registry::v1::EntryChange;
using settings::v1::OPERATOR_ROLE_APPROVER;
using settings::v1::OPERATOR_ROLE_POLICY_EDITOR;
using settings::v1::OPERATOR_ROLE_VIEWER;

constexpr uint32_t kChangesDefault = 50;
constexpr uint32_t kChangesMax = 1000;

template <typename Entries>
std::vector<v1::EntryDifference> DifferencesOf(const EditableDocument& before,
                                               const Entries& entries) {
  std::vector<v1::EntryDifference> out;
  for (const EntryChange& change : entries) {
    const auto key = registry::KeyOf(change);
    if (!key.ok()) continue;  // it was applied, so it has one
    v1::EntryDifference& difference = out.emplace_back();
    difference.mutable_entry()->set_kind(key->kind);
    difference.mutable_entry()->set_name(key->name);
    if (const auto was = before.entries().find(*key); was != before.entries().end()) {
      difference.set_before(settings::SettingsText(*registry::EntryOf(was->second)));
    }
    if (const auto* const entry = registry::EntryOf(change); entry != nullptr) {
      difference.set_after(settings::SettingsText(*entry));
    }
  }
  return out;
}

v1::ChangePlan PlanView(const EditableDocument& before,
                        const registry::v1::RegistryProposal& plan) {
  v1::ChangePlan view;
  for (auto& difference : DifferencesOf(before, plan.entries())) {
    *view.add_differences() = std::move(difference);
  }
  *view.mutable_widenings() = plan.widenings();
  view.set_plan_sha256(absl::BytesToHexString(RegistryDesk::PlanDigest(plan)));
  return view;
}

absl::StatusOr<EditableDocument> DocumentOf(
    const google::protobuf::RepeatedPtrField<v1::RegistryFile>& files) {
  std::vector<settings::SettingsFile> texts;
  for (const v1::RegistryFile& file : files) {
    if (!std::filesystem::path(file.name()).is_absolute()) {
      return ChangeInvalid(absl::StrCat("the file name \"", file.name(), "\" must be absolute"));
    }
    texts.push_back({.name = file.name(), .text = file.text()});
  }
  const auto document = registry::ParseRegistry(texts);
  if (!document.ok()) return ChangeInvalidIfFault(document.status());
  auto entries = EditableDocument::Of(*document);
  if (!entries.ok()) return ChangeInvalidIfFault(entries.status());
  return entries;
}

absl::StatusOr<RegistryDesk::Wanted> WantedOf(const registry::RegistryLedger& ledger,
                                              const v1::ProposeChangeRequest& request) {
  RegistryDesk::Wanted wanted{.reason = request.reason()};
  const auto now = ledger.newest();
  if (request.rollback_to() > 0) {
    if (!request.files().empty() || !request.removed().empty() || request.whole()) {
      return ChangeInvalid("a rollback comes without files and removals");
    }
    auto then = ledger.After(request.rollback_to());
    if (!then.ok()) return ChangeInvalidIfFault(then.status());
    wanted.origin = registry::v1::CHANGE_ORIGIN_ROLLBACK;
    wanted.rolled_back_to = request.rollback_to();
    wanted.entries = ChangesBetween(*now, *then);
    return wanted;
  }
  if (request.files().empty() && request.removed().empty()) {
    return ChangeInvalid("it has neither files, nor removals, nor a change to go back to");
  }
  NDX_ASSIGN_OR_RETURN(const EditableDocument given, DocumentOf(request.files()));
  if (request.whole()) {
    if (!request.removed().empty()) return ChangeInvalid("a whole registry comes without removals");
    wanted.entries = ChangesBetween(*now, given);
    return wanted;
  }
  for (const auto& [key, change] : given.entries()) wanted.entries.push_back(change);
  for (const registry::v1::EntryName& name : request.removed()) {
    *wanted.entries.emplace_back().mutable_removed() = name;
  }
  return wanted;
}

absl::StatusOr<v1::ProposeChangeResponse> ProposeChange(const OperatorNode& node,
                                                        const OperatorIdentity& who,
                                                        const v1::ProposeChangeRequest& request) {
  NDX_RETURN_IF_ERROR(OperatorLedger::CheckReason(
      request.reason(), request.dry_run() ? OperatorLedger::ReasonNeed::kOptional
                                          : OperatorLedger::ReasonNeed::kRequired));
  const auto before = node.registry_ledger->newest();
  NDX_ASSIGN_OR_RETURN(auto wanted, WantedOf(*node.registry_ledger, request));
  const auto outcome = request.dry_run() ? node.registry_desk->Look(who.name, std::move(wanted))
                                         : node.registry_desk->Propose(who.name, std::move(wanted));
  NDX_RETURN_IF_ERROR(outcome.status());
  v1::ProposeChangeResponse response;
  *response.mutable_plan() = PlanView(*before, outcome->plan);
  *response.mutable_plan()->mutable_contract_differences() = {outcome->contract_differences.begin(),
                                                              outcome->contract_differences.end()};
  response.set_proposal(outcome->plan.number());
  response.set_change(outcome->change);
  response.set_leaf_index(outcome->leaf_index);
  return response;
}

absl::StatusOr<v1::ApproveProposalResponse> ApproveProposal(
    RegistryDesk& desk, const OperatorIdentity& who, const v1::ApproveProposalRequest& request) {
  NDX_ASSIGN_OR_RETURN(
      const auto approved,
      desk.Approve(who.name, request.number(), absl::HexStringToBytes(request.plan_sha256())));
  v1::ApproveProposalResponse response;
  response.set_change(approved.change);
  response.set_leaf_index(approved.leaf_index);
  response.set_version(approved.version);
  return response;
}

absl::StatusOr<v1::WithdrawProposalResponse> WithdrawProposal(
    RegistryDesk& desk, const OperatorIdentity& who, const v1::WithdrawProposalRequest& request) {
  NDX_RETURN_IF_ERROR(
      OperatorLedger::CheckReason(request.reason(), OperatorLedger::ReasonNeed::kRequired));
  NDX_RETURN_IF_ERROR(
      desk.Withdraw(who.name, who.Has(OPERATOR_ROLE_APPROVER), request.number(), request.reason()));
  return v1::WithdrawProposalResponse();
}

absl::StatusOr<v1::ListProposalsResponse> ListProposals(const OperatorNode& node) {
  NDX_ASSIGN_OR_RETURN(const auto plans, node.registry_desk->Open());
  const auto now = node.registry_ledger->newest();
  v1::ListProposalsResponse response;
  for (const auto& plan : plans) {
    v1::OpenProposal& open = *response.add_proposals();
    open.set_number(plan.number());
    open.set_requested_by(plan.requested_by());
    open.set_reason(plan.reason());
    const absl::Time time = absl::FromUnixNanos(plan.time_unix_ns());
    *open.mutable_time() = ToTimestamp(time);
    *open.mutable_expires() = ToTimestamp(time + kProposalValid);
    open.set_leaf_index(plan.leaf_index());
    *open.mutable_plan() = PlanView(*now, plan);
  }
  return response;
}

absl::StatusOr<v1::MadeChange> ChangeView(const registry::RegistryLedger& ledger, uint64_t number) {
  NDX_ASSIGN_OR_RETURN(const auto change, ledger.Change(number));
  v1::MadeChange view;
  view.set_number(number);
  view.set_origin(change.origin());
  view.set_requested_by(change.requested_by());
  view.set_approved_by(change.approved_by());
  view.set_reason(change.reason());
  *view.mutable_time() = ToTimestamp(absl::FromUnixNanos(change.time_unix_ns()));
  view.set_rolled_back_to(change.rolled_back_to());
  view.set_entries(static_cast<uint32_t>(change.entries_size()));
  const crypto::Digest sha256 = crypto::Sha256Of({change.SerializeAsString()});
  view.set_sha256(absl::BytesToHexString(crypto::AsBytes(sha256)));
  if (const auto leaf = ledger.LeafOf(number); leaf.ok()) view.set_leaf_index_plus_one(*leaf + 1);
  return view;
}

absl::StatusOr<v1::ListChangesResponse> ListChanges(const registry::RegistryLedger& ledger,
                                                    const v1::ListChangesRequest& request) {
  v1::ListChangesResponse response;
  if (request.number() > 0) {
    auto view = ChangeView(ledger, request.number());
    if (!view.ok()) return ChangeInvalidIfFault(view.status());
    NDX_ASSIGN_OR_RETURN(const auto before, ledger.After(request.number() - 1));
    NDX_ASSIGN_OR_RETURN(const auto change, ledger.Change(request.number()));
    for (auto& difference : DifferencesOf(before, change.entries())) {
      *view->add_differences() = std::move(difference);
    }
    *response.add_changes() = *std::move(view);
    return response;
  }
  uint64_t number = ledger.last_change();
  if (request.before() > 0) number = std::min(number, request.before() - 1);
  const uint32_t count = request.count() == 0 ? kChangesDefault : request.count();
  for (uint32_t i = 0; i < std::min(count, kChangesMax) && number > 0; ++i, --number) {
    NDX_ASSIGN_OR_RETURN(*response.add_changes(), ChangeView(ledger, number));
  }
  response.set_more(number > 0);
  return response;
}

absl::Status AddContracts(const registry::RegistryLedger& ledger, const EditableDocument& document,
                          v1::ExportRegistryResponse& response) {
  std::set<std::string> added;
  const registry::v1::RegistryDocument services = document.Document();
  for (const registry::v1::Service& service : services.services()) {
    const auto sha256 = registry::DigestInContractName(service.descriptor_set());
    if (!sha256.has_value() || !added.insert(*sha256).second) continue;
    v1::KeptContract& contract = *response.add_contracts();
    contract.set_name(service.descriptor_set());
    NDX_ASSIGN_OR_RETURN(*contract.mutable_descriptor_set(), ledger.contracts().Get(*sha256));
  }
  return absl::OkStatus();
}

absl::StatusOr<v1::ExportRegistryResponse> ExportRegistry(
    const registry::RegistryLedger& ledger, const v1::ExportRegistryRequest& request) {
  uint64_t number = request.change();
  if (number == 0 && request.has_time()) {
    NDX_ASSIGN_OR_RETURN(number, ledger.ChangeInForceAt(FromTimestamp(request.time())));
    if (number == 0) return ChangeInvalid("there was no registry at that time");
  }
  if (number == 0) number = ledger.last_change();
  const auto document = ledger.After(number);
  if (!document.ok()) return ChangeInvalidIfFault(document.status());
  v1::ExportRegistryResponse response;
  response.set_text(settings::SettingsText(document->Document()));
  response.set_change(number);
  if (request.with_contracts()) NDX_RETURN_IF_ERROR(AddContracts(ledger, *document, response));
  return response;
}

absl::Status NotKept() {
  return RefusalStatus({.reason = exchange::v1::ERROR_REASON_REGISTRY_NOT_KEPT});
}

// A method that there is only where the node keeps its registry.
template <typename Request, typename Response, typename Answer>
void Add(const OperatorNode& node, OperatorMethods& methods, const std::string& name,
         OperatorRole role, Answer answer) {
  methods.AddUnary<Request, Response>(
      name, role,
      [&node, answer](const OperatorIdentity& who,
                      const Request& request) -> absl::StatusOr<Response> {
        if (node.registry_desk == nullptr) return NotKept();
        return answer(who, request);
      });
}

}  // namespace

void AddRegistryChangeMethods(const OperatorNode& node, OperatorMethods& methods) {
  Add<v1::ProposeChangeRequest, v1::ProposeChangeResponse>(
      node, methods, "ProposeChange", OPERATOR_ROLE_POLICY_EDITOR,
      [&node](const auto& who, const auto& request) { return ProposeChange(node, who, request); });
  Add<v1::ApproveProposalRequest, v1::ApproveProposalResponse>(
      node, methods, "ApproveProposal", OPERATOR_ROLE_APPROVER,
      [&node](const auto& who, const auto& request) {
        return ApproveProposal(*node.registry_desk, who, request);
      });
  // Whose proposal it is, is seen behind it.
  Add<v1::WithdrawProposalRequest, v1::WithdrawProposalResponse>(
      node, methods, "WithdrawProposal", OPERATOR_ROLE_VIEWER,
      [&node](const auto& who, const auto& request) {
        return WithdrawProposal(*node.registry_desk, who, request);
      });
  Add<v1::ListProposalsRequest, v1::ListProposalsResponse>(
      node, methods, "ListProposals", OPERATOR_ROLE_VIEWER,
      [&node](const auto&, const auto&) { return ListProposals(node); });
  Add<v1::ListChangesRequest, v1::ListChangesResponse>(
      node, methods, "ListChanges", OPERATOR_ROLE_VIEWER,
      [&node](const auto&, const auto& request) {
        return ListChanges(*node.registry_ledger, request);
      });
  Add<v1::ExportRegistryRequest, v1::ExportRegistryResponse>(
      node, methods, "ExportRegistry", OPERATOR_ROLE_VIEWER,
      [&node](const auto&, const auto& request) {
        return ExportRegistry(*node.registry_ledger, request);
      });
}

}  // namespace ndx::console
