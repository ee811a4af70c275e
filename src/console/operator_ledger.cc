#include "ndx/console/operator_ledger.h"

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "google/protobuf/stubs/common.h"
#include "ndx/console/operator_rights.h"
#include "ndx/console/refusal_status.h"
#include "ndx/core/status_macros.h"
#include "ndx/journal/append_and_wait.h"

namespace ndx::console {
namespace {

bool HasLongNumber(absl::string_view text) {
  size_t run = 0;
  for (const char c : text) {
    run = absl::ascii_isdigit(c) ? run + 1 : 0;
    if (run > kOperatorReasonDigitsMax) return true;
  }
  return false;
}

bool HasControlCharacter(absl::string_view text) {
  for (const char c : text) {
    if (absl::ascii_iscntrl(c)) return true;
  }
  return false;
}

bool IsUtf8(absl::string_view text) {
  return google::protobuf::internal::IsStructurallyValidUTF8(text.data(),
                                                             static_cast<int>(text.size()));
}

journal::v1::JournalLeaf LeafOf(const OperatorLedger::Entry& entry) {
  journal::v1::JournalLeaf leaf;
  leaf.set_event(entry.event);
  leaf.set_operator_name(entry.operator_name);
  leaf.set_operator_action(entry.action);
  leaf.set_operator_reason(entry.reason);
  if (entry.continues.has_value()) leaf.set_caused_by_plus_one(*entry.continues + 1);
  leaf.set_note(entry.note);
  leaf.set_registry_version(entry.registry_version);
  leaf.set_submitted_plus_one(entry.submitted_plus_one);
  if (const auto id = core::ExchangeId::Parse(entry.exchange.exchange_id()); id.ok()) {
    leaf.set_exchange_id(std::string(id->bytes()));
    leaf.set_consumer(entry.exchange.consumer());
    leaf.set_provider(entry.exchange.provider());
    leaf.set_method(entry.exchange.method());
  }
  return leaf;
}

}  // namespace

absl::StatusOr<uint64_t> OperatorLedger::Record(const Entry& entry) {
  const auto appended = journal::AppendAndWait(journal_, {.leaf = LeafOf(entry)});
  if (!appended.ok()) {
    return RefusalStatus({.reason = exchange::v1::ERROR_REASON_JOURNAL_UNAVAILABLE,
                          .parameters = {{"node", "the node's administrator"}}});
  }
  return appended->index;
}

absl::Status OperatorLedger::CheckReason(absl::string_view reason, ReasonNeed need,
                                         size_t bytes_max) {
  const bool missing = reason.empty() && need == ReasonNeed::kRequired;
  if (!missing && reason.size() <= bytes_max && IsUtf8(reason) && !HasControlCharacter(reason) &&
      !HasLongNumber(reason)) {
    return absl::OkStatus();
  }
  return RefusalStatus({.reason = exchange::v1::ERROR_REASON_OPERATOR_REASON_INVALID,
                        .parameters = {{"limit", absl::StrCat(bytes_max)}}});
}

absl::StatusOr<std::string> OperatorLedger::CaseReason(absl::string_view case_number,
                                                       absl::string_view reason) {
  if (case_number.empty() || case_number.size() > kCaseNumberBytesMax || !IsUtf8(case_number) ||
      HasControlCharacter(case_number) || HasLongNumber(case_number) ||
      case_number.find_first_of(" :") != absl::string_view::npos) {
    return RefusalStatus({.reason = exchange::v1::ERROR_REASON_CASE_NUMBER_MISSING,
                          .parameters = {{"limit", absl::StrCat(kCaseNumberBytesMax)}}});
  }
  NDX_RETURN_IF_ERROR(CheckReason(reason, ReasonNeed::kRequired));
  return absl::StrCat("case ", case_number, ": ", reason);
}

absl::StatusOr<uint64_t> RecordPersonSearch(const OperatorNode& node, const OperatorIdentity& who,
                                            const std::string& action,
                                            const std::string& case_number,
                                            const std::string& reason) {
  NDX_RETURN_IF_ERROR(RequireRole(who, settings::v1::OPERATOR_ROLE_INVESTIGATOR,
                                  action + " for a person (subject)"));
  NDX_ASSIGN_OR_RETURN(const std::string why, OperatorLedger::CaseReason(case_number, reason));
  NDX_ASSIGN_OR_RETURN(const uint64_t leaf,
                       OperatorLedger(node.journal)
                           .Record({.event = journal::v1::JOURNAL_EVENT_OPERATOR_READ,
                                    .operator_name = who.name,
                                    .action = action,
                                    .reason = why}));
  node.log.Write(telemetry::LogEvent::kOperatorCommand,
                 {{"operator", who.name}, {"action", action}, {"leaf", leaf}});
  return leaf;
}

}  // namespace ndx::console
