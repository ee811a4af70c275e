#include "ndx/console/registry_desk.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "ndx/console/operator_ledger.h"
#include "ndx/console/refusal_status.h"
#include "ndx/core/status_macros.h"
#include "ndx/crypto/digest.h"
#include "ndx/registry/contract_change.h"
#include "ndx/registry/contract_source.h"
#include "ndx/registry/widening.h"

namespace ndx::console {
namespace {

using exchange::v1::ErrorReason;
using registry::EntryKey;
using registry::v1::RegistryChange;
using registry::v1::RegistryProposal;

// Names of the operator API's methods, as they stand in leaves.
constexpr char kPropose[] = "ProposeChange";
constexpr char kApprove[] = "ApproveProposal";
constexpr char kWithdraw[] = "WithdrawProposal";
constexpr char kFirstStart[] = "FirstStart";

absl::Status Refuse(ErrorReason reason, uint64_t number, const std::string& who = "") {
  return RefusalStatus(
      {.reason = reason, .parameters = {{"number", absl::StrCat(number)}, {"user", who}}});
}

std::string NoteOf(const RegistryChange& change, absl::string_view sha256) {
  return absl::StrCat("registry change ", change.number(), " sha256 ",
                      absl::BytesToHexString(sha256));
}

RegistryChange ChangeOf(const RegistryProposal& plan, const std::string& approver, absl::Time now) {
  RegistryChange change;
  change.set_time_unix_ns(absl::ToUnixNanos(now));
  change.set_origin(plan.origin());
  change.set_requested_by(plan.requested_by());
  change.set_approved_by(approver);
  change.set_reason(plan.reason());
  change.set_rolled_back_to(plan.rolled_back_to());
  *change.mutable_entries() = plan.entries();
  return change;
}

}  // namespace

absl::Status ChangeInvalid(absl::string_view fault) {
  return RefusalStatus({.reason = exchange::v1::ERROR_REASON_REGISTRY_CHANGE_INVALID,
                        .parameters = {{"fault", std::string(fault)}}});
}

absl::Status ChangeInvalidIfFault(const absl::Status& status) {
  const bool fault = absl::IsInvalidArgument(status) || absl::IsNotFound(status);
  return fault ? ChangeInvalid(status.message()) : status;
}

absl::Status ContractBreaksIfSo(const absl::Status& status) {
  const auto service = registry::BrokenServiceOf(status);
  if (!service.has_value()) return status;
  return RefusalStatus(
      {.reason = exchange::v1::ERROR_REASON_CONTRACT_BREAKS,
       .parameters = {{"service", *service}, {"fault", std::string(status.message())}}});
}

std::string RegistryDesk::PlanDigest(const RegistryProposal& proposal) {
  RegistryProposal content = proposal;
  content.clear_number();
  content.clear_leaf_index();
  const crypto::Digest digest = crypto::Sha256Of({content.SerializeAsString()});
  return std::string(crypto::AsBytes(digest));
}

absl::Status RegistryDesk::RecordUnrecorded() {
  const core::MutexLock deciding(deciding_);
  for (uint64_t number = parts_.ledger.last_change(); number > 0; --number) {
    const auto leaf = parts_.ledger.LeafOf(number);
    if (leaf.ok()) break;
    if (!absl::IsNotFound(leaf.status())) return leaf.status();
    NDX_ASSIGN_OR_RETURN(const RegistryChange change, parts_.ledger.Change(number));
    const crypto::Digest sha256 = crypto::Sha256Of({change.SerializeAsString()});
    NDX_ASSIGN_OR_RETURN(const uint64_t recorded,
                         OperatorLedger(parts_.journal)
                             .Record({.event = journal::v1::JOURNAL_EVENT_REGISTRY_CHANGED,
                                      .operator_name = change.requested_by(),
                                      .action = kFirstStart,
                                      .reason = change.reason(),
                                      .note = NoteOf(change, crypto::AsBytes(sha256))}));
    NDX_RETURN_IF_ERROR(parts_.ledger.NoteLeaf(number, recorded));
  }
  return absl::OkStatus();
}

absl::StatusOr<RegistryProposal> RegistryDesk::PlanOf(const std::string& who, Wanted wanted,
                                                      Contracts* contracts) const {
  const auto before = parts_.ledger.newest();
  // Entries that are as they shall be already are no change.
  registry::EditableDocument after = *before;
  for (auto& entry : wanted.entries) {
    if (entry.has_service()) {
      NDX_RETURN_IF_ERROR(ChangeInvalidIfFault(
          registry::NameContractByContent(*entry.mutable_service(), parts_.source, contracts)));
    }
    NDX_RETURN_IF_ERROR(ChangeInvalidIfFault(after.Apply(entry)));
  }
  const std::vector<registry::v1::EntryChange> changes = ChangesBetween(*before, after);
  if (changes.empty()) {
    return ChangeInvalid("nothing would change (không có gì thay đổi)");
  }
  RegistryProposal plan;
  plan.set_time_unix_ns(absl::ToUnixNanos(parts_.clock.Now()));
  plan.set_origin(wanted.origin);
  plan.set_requested_by(who);
  plan.set_reason(std::move(wanted.reason));
  plan.set_rolled_back_to(wanted.rolled_back_to);
  plan.set_base_change(parts_.ledger.last_change());
  for (auto& widening : registry::WideningsOf(*before, changes)) {
    *plan.add_widenings() = std::move(widening);
  }
  for (const auto& change : changes) *plan.add_entries() = change;
  return plan;
}

registry::RegistrySource RegistryDesk::SourceWith(const Contracts& contracts) const {
  registry::RegistrySource source = parts_.source;
  std::map<std::string, std::string> by_digest;
  for (const std::string& contract : contracts) {
    by_digest.emplace(*registry::DigestInContractName(registry::ContractName(contract)), contract);
  }
  source.kept_contract = [by_digest = std::move(by_digest), kept = source.kept_contract](
                             absl::string_view sha256) -> absl::StatusOr<std::string> {
    const auto found = by_digest.find(std::string(sha256));
    if (found != by_digest.end()) return found->second;
    if (kept) return kept(sha256);
    return absl::NotFoundError("no contract is kept");
  };
  return source;
}

absl::StatusOr<std::vector<registry::v1::ContractDifference>> RegistryDesk::ContractDifferences(
    const RegistryProposal& plan, const registry::RegistrySource& source) const {
  registry::EditableDocument after = *parts_.ledger.newest();
  std::map<std::string, std::unique_ptr<registry::LoadedContract>> registered;
  for (const auto& change : plan.entries()) {
    NDX_RETURN_IF_ERROR(ChangeInvalidIfFault(after.Apply(change)));
    if (!change.has_service()) continue;
    const auto was = parts_.ledger.newest()->entries().find(
        {registry::v1::ENTRY_KIND_SERVICE, change.service().name()});
    if (was == parts_.ledger.newest()->entries().end()) continue;
    auto loaded = registry::LoadedContract::Load(was->second.service(), source);
    if (!loaded.ok()) {
      return ChangeInvalid(absl::StrCat("the registered contract of ", change.service().name(),
                                        " cannot be compared: ", loaded.status().message()));
    }
    registered.emplace(change.service().name(), *std::move(loaded));
  }
  if (registered.empty()) return std::vector<registry::v1::ContractDifference>();
  auto differences = registry::DifferencesOfContracts(
      [&registered](const std::string& name) -> const google::protobuf::ServiceDescriptor* {
        const auto found = registered.find(name);
        return found == registered.end() ? nullptr : &found->second->service();
      },
      after.Document(), source);
  if (!differences.ok()) return ChangeInvalidIfFault(differences.status());
  return differences;
}

absl::StatusOr<RegistryDesk::Ready> RegistryDesk::Check(
    const RegistryProposal& plan, const std::string& approver,
    const registry::RegistrySource& source) const {
  if (plan.origin() != registry::v1::CHANGE_ORIGIN_ROLLBACK) {
    NDX_ASSIGN_OR_RETURN(const auto differences, ContractDifferences(plan, source));
    NDX_RETURN_IF_ERROR(ContractBreaksIfSo(registry::RefuseIfBreaking(differences)));
  }
  auto prepared = parts_.ledger.Prepare(ChangeOf(plan, approver, parts_.clock.Now()));
  if (!prepared.ok()) return ChangeInvalidIfFault(prepared.status());
  auto snapshot = registry::BuildRegistry(prepared->after->Document(), source);
  if (!snapshot.ok()) return ChangeInvalidIfFault(snapshot.status());
  return Ready{.prepared = *std::move(prepared), .snapshot = *std::move(snapshot)};
}

absl::StatusOr<RegistryDesk::Approved> RegistryDesk::Make(
    Ready ready, const std::string& who, absl::string_view action, const RegistryProposal& plan,
    const registry::v1::AccessRequest* request) {
  const RegistryChange& change = ready.prepared.change;
  OperatorLedger::Entry entry{.event = journal::v1::JOURNAL_EVENT_REGISTRY_CHANGED,
                              .operator_name = who,
                              .action = std::string(action),
                              .reason = plan.reason(),
                              .note = NoteOf(change, ready.prepared.sha256),
                              .registry_version = ready.snapshot->version()};
  if (plan.number() > 0) entry.continues = plan.leaf_index();
  if (request != nullptr) entry.continues = request->steps().rbegin()->leaf_index_plus_one() - 1;
  NDX_ASSIGN_OR_RETURN(const uint64_t leaf, OperatorLedger(parts_.journal).Record(entry));
  NDX_RETURN_IF_ERROR(parts_.ledger.Keep(ready.prepared, leaf, plan.number(), request));
  Approved out{
      .change = change.number(), .leaf_index = leaf, .version = ready.snapshot->VersionHex()};
  parts_.control.PutRegistry(std::move(ready.snapshot));
  parts_.log.Write(
      telemetry::LogEvent::kOperatorCommand,
      {{"operator", who}, {"action", action}, {"leaf", leaf}, {"version", out.version}});
  return out;
}

absl::Status RegistryDesk::Rebuild() {
  const core::MutexLock deciding(deciding_);
  NDX_ASSIGN_OR_RETURN(auto snapshot,
                       registry::BuildRegistry(parts_.ledger.newest()->Document(), parts_.source));
  parts_.control.PutRegistry(std::move(snapshot));
  return absl::OkStatus();
}

absl::StatusOr<RegistryDesk::Outcome> RegistryDesk::Look(const std::string& who,
                                                         Wanted wanted) const {
  Outcome out;
  Contracts contracts;
  NDX_ASSIGN_OR_RETURN(out.plan, PlanOf(who, std::move(wanted), &contracts));
  out.plan_sha256 = PlanDigest(out.plan);
  const registry::RegistrySource source = SourceWith(contracts);
  NDX_ASSIGN_OR_RETURN(out.contract_differences, ContractDifferences(out.plan, source));
  const bool refused = out.plan.origin() != registry::v1::CHANGE_ORIGIN_ROLLBACK &&
                       !registry::RefuseIfBreaking(out.contract_differences).ok();
  // What grants name of a broken contract would only be said again, in other words.
  if (!refused) NDX_RETURN_IF_ERROR(Check(out.plan, "", source).status());
  return out;
}

absl::StatusOr<RegistryDesk::Outcome> RegistryDesk::Propose(const std::string& who, Wanted wanted) {
  const core::MutexLock deciding(deciding_);
  Outcome out;
  Contracts contracts;
  NDX_ASSIGN_OR_RETURN(out.plan, PlanOf(who, std::move(wanted), &contracts));
  const registry::RegistrySource source = SourceWith(contracts);
  NDX_ASSIGN_OR_RETURN(out.contract_differences, ContractDifferences(out.plan, source));
  NDX_ASSIGN_OR_RETURN(Ready ready, Check(out.plan, "", source));
  for (const std::string& contract : contracts) {
    NDX_RETURN_IF_ERROR(parts_.ledger.contracts().Put(contract));
  }
  out.plan_sha256 = PlanDigest(out.plan);
  if (out.plan.widenings().empty()) {
    NDX_ASSIGN_OR_RETURN(const Approved made,
                         Make(std::move(ready), who, kPropose, out.plan, nullptr));
    out.change = made.change;
    out.leaf_index = made.leaf_index;
    return out;
  }
  NDX_RETURN_IF_ERROR(ForgetExpired());
  NDX_ASSIGN_OR_RETURN(
      out.leaf_index,
      OperatorLedger(parts_.journal)
          .Record({.event = journal::v1::JOURNAL_EVENT_OPERATOR_ORDERED,
                   .operator_name = who,
                   .action = kPropose,
                   .reason = out.plan.reason(),
                   .note = absl::StrCat("registry plan ", absl::BytesToHexString(out.plan_sha256)),
                   .registry_version = ready.snapshot->version()}));
  out.plan.set_leaf_index(out.leaf_index);
  NDX_ASSIGN_OR_RETURN(const uint64_t number, parts_.ledger.AddProposal(out.plan));
  out.plan.set_number(number);
  parts_.log.Write(telemetry::LogEvent::kOperatorCommand,
                   {{"operator", who}, {"action", kPropose}, {"leaf", out.leaf_index}});
  return out;
}

absl::StatusOr<RegistryProposal> RegistryDesk::Find(uint64_t number) const {
  auto found = parts_.ledger.Proposal(number);
  if (!absl::IsNotFound(found.status())) return found;
  return Refuse(exchange::v1::ERROR_REASON_PROPOSAL_UNKNOWN, number);
}

absl::Status RegistryDesk::RefuseApproval(const RegistryProposal& plan, const std::string& who,
                                          ErrorReason reason) const {
  NDX_RETURN_IF_ERROR(OperatorLedger(parts_.journal)
                          .Record({.event = journal::v1::JOURNAL_EVENT_OPERATOR_ORDERED,
                                   .operator_name = who,
                                   .action = kApprove,
                                   .continues = plan.leaf_index(),
                                   .note = absl::StrCat("refused ", core::ReasonName(reason))})
                          .status());
  const bool same = reason == exchange::v1::ERROR_REASON_PROPOSAL_SAME_PERSON;
  return Refuse(reason, plan.number(), same ? PersonText(who, plan.requested_by()) : who);
}

absl::Status RegistryDesk::ForgetExpired() {
  NDX_ASSIGN_OR_RETURN(const auto proposals, parts_.ledger.Proposals());
  for (const RegistryProposal& plan : proposals) {
    if (Expired(plan)) NDX_RETURN_IF_ERROR(parts_.ledger.RemoveProposal(plan.number()));
  }
  return absl::OkStatus();
}

bool RegistryDesk::Expired(const RegistryProposal& plan) const {
  return parts_.clock.Now() - absl::FromUnixNanos(plan.time_unix_ns()) >= kProposalValid;
}

// What an entry was is what the approver was shown.
absl::Status RegistryDesk::RefuseIfStale(const RegistryProposal& plan) const {
  std::set<EntryKey> concerned;
  for (const auto& entry : plan.entries()) {
    NDX_ASSIGN_OR_RETURN(EntryKey key, registry::KeyOf(entry));
    concerned.insert(std::move(key));
  }
  for (uint64_t number = plan.base_change() + 1; number <= parts_.ledger.last_change(); ++number) {
    NDX_ASSIGN_OR_RETURN(const RegistryChange change, parts_.ledger.Change(number));
    for (const auto& entry : change.entries()) {
      NDX_ASSIGN_OR_RETURN(const EntryKey key, registry::KeyOf(entry));
      if (!concerned.contains(key)) continue;
      return RefusalStatus(
          {.reason = exchange::v1::ERROR_REASON_REGISTRY_CHANGED_MEANWHILE,
           .parameters = {{"change", absl::StrCat(number)}, {"entry", key.ToString()}}});
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<RegistryDesk::Approved> RegistryDesk::Approve(const std::string& who,
                                                             uint64_t number,
                                                             absl::string_view plan_sha256) {
  const core::MutexLock deciding(deciding_);
  NDX_ASSIGN_OR_RETURN(const RegistryProposal plan, Find(number));
  if (SamePerson(parts_.persons, plan.requested_by(), who)) {
    return RefuseApproval(plan, who, exchange::v1::ERROR_REASON_PROPOSAL_SAME_PERSON);
  }
  if (PlanDigest(plan) != plan_sha256) {
    return RefuseApproval(plan, who, exchange::v1::ERROR_REASON_PROPOSAL_PLAN_DIFFERS);
  }
  if (Expired(plan)) {
    return RefuseApproval(plan, who, exchange::v1::ERROR_REASON_PROPOSAL_EXPIRED);
  }
  NDX_RETURN_IF_ERROR(RefuseIfStale(plan));
  NDX_ASSIGN_OR_RETURN(Ready ready, Check(plan, who, parts_.source));
  return Make(std::move(ready), who, kApprove, plan, nullptr);
}

absl::StatusOr<RegistryDesk::Approved> RegistryDesk::MakeAgreed(const RegistryProposal& plan,
                                                                const std::string& approver,
                                                                absl::string_view action,
                                                                RecordRequest record) {
  const core::MutexLock deciding(deciding_);
  NDX_RETURN_IF_ERROR(RefuseIfStale(plan));
  NDX_ASSIGN_OR_RETURN(Ready ready, Check(plan, approver, parts_.source));
  NDX_ASSIGN_OR_RETURN(const registry::v1::AccessRequest request,
                       record(ready.prepared.change.number()));
  return Make(std::move(ready), approver, action, plan, &request);
}

absl::Status RegistryDesk::Withdraw(const std::string& who, bool may_refuse, uint64_t number,
                                    const std::string& reason) {
  const core::MutexLock deciding(deciding_);
  NDX_ASSIGN_OR_RETURN(const RegistryProposal plan, Find(number));
  if (plan.requested_by() != who && !may_refuse) {
    return RefusalStatus({.reason = exchange::v1::ERROR_REASON_OPERATOR_ROLE_MISSING,
                          .parameters = {{"role", RoleName(settings::v1::OPERATOR_ROLE_APPROVER)},
                                         {"user", who},
                                         {"method", kWithdraw}}});
  }
  NDX_RETURN_IF_ERROR(OperatorLedger(parts_.journal)
                          .Record({.event = journal::v1::JOURNAL_EVENT_OPERATOR_ORDERED,
                                   .operator_name = who,
                                   .action = kWithdraw,
                                   .reason = reason,
                                   .continues = plan.leaf_index()})
                          .status());
  return parts_.ledger.RemoveProposal(number);
}

absl::StatusOr<std::vector<RegistryProposal>> RegistryDesk::Open() const {
  NDX_ASSIGN_OR_RETURN(auto proposals, parts_.ledger.Proposals());
  proposals.erase(std::remove_if(proposals.begin(), proposals.end(),
                                 [this](const RegistryProposal& plan) { return Expired(plan); }),
                  proposals.end());
  return proposals;
}

}  // namespace ndx::console
