// Methods of the payload keeper service: erasures by two persons, legal holds.
#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "ndx/console/exchange_view.h"
#include "ndx/console/operator_commands.h"
#include "ndx/console/operator_ledger.h"
#include "ndx/console/refusal_status.h"
#include "ndx/console/v1/payload_keeper_service.pb.h"
#include "ndx/core/status_macros.h"

namespace ndx::console {
namespace {

using settings::v1::OPERATOR_ROLE_APPROVER;
using settings::v1::OPERATOR_ROLE_INVESTIGATOR;
using settings::v1::OPERATOR_ROLE_VIEWER;

// An approval is answered after this at the latest; it is carried out all the same.
constexpr absl::Duration kApprovalAwaited = absl::Seconds(20);

bool AreDigits(absl::string_view text, size_t count) {
  return text.size() == count &&
         std::all_of(text.begin(), text.end(), [](char c) { return absl::ascii_isdigit(c); });
}

// Written as payloads name subjects; a slip would otherwise erase or hold nobody's.
absl::Status CheckSubject(absl::string_view subject) {
  constexpr size_t kPersonDigits = 12;
  constexpr size_t kNumberDigits = 10;
  constexpr size_t kBranchDigits = 3;
  bool right = AreDigits(subject, kPersonDigits);
  if (absl::ConsumePrefix(&subject, "insured:")) {
    right = AreDigits(subject, kNumberDigits);
  } else if (absl::ConsumePrefix(&subject, "enterprise:")) {
    const size_t dash = subject.find('-');
    right = AreDigits(subject.substr(0, dash), kNumberDigits) &&
            (dash == absl::string_view::npos || AreDigits(subject.substr(dash + 1), kBranchDigits));
  }
  if (right) return absl::OkStatus();
  return RefusalStatus({.reason = exchange::v1::ERROR_REASON_SUBJECT_INVALID});
}

absl::Status CheckOrder(const std::string& order) {
  return OperatorLedger::CheckReason(order, OperatorLedger::ReasonNeed::kRequired);
}

absl::StatusOr<v1::RequestErasureResponse> RequestErasure(
    ErasureDesk& desk, const OperatorIdentity& who, const v1::RequestErasureRequest& request) {
  NDX_RETURN_IF_ERROR(CheckSubject(request.subject()));
  NDX_RETURN_IF_ERROR(CheckOrder(request.order()));
  NDX_ASSIGN_OR_RETURN(const auto order, desk.Ask(who.name, request.subject(), request.order()));
  v1::RequestErasureResponse response;
  response.set_number(order.number);
  response.set_leaf_index(order.leaf_index);
  return response;
}

absl::StatusOr<v1::ApproveErasureResponse> ApproveErasure(
    ErasureDesk& desk, const OperatorIdentity& who, const v1::ApproveErasureRequest& request) {
  if (!request.subject().empty()) NDX_RETURN_IF_ERROR(CheckSubject(request.subject()));
  NDX_ASSIGN_OR_RETURN(const auto outcome, desk.Approve(who.name, request.number(),
                                                        request.subject(), kApprovalAwaited));
  v1::ApproveErasureResponse response;
  response.set_carried_out(outcome.carried_out);
  response.set_was_kept(outcome.was_kept);
  response.set_leaf_index(outcome.leaf_index);
  response.set_waits_for(outcome.waits_for);
  return response;
}

absl::StatusOr<v1::WithdrawErasureResponse> WithdrawErasure(
    ErasureDesk& desk, const OperatorIdentity& who, const v1::WithdrawErasureRequest& request) {
  NDX_RETURN_IF_ERROR(CheckOrder(request.reason()));
  NDX_RETURN_IF_ERROR(
      desk.Withdraw(who.name, who.Has(OPERATOR_ROLE_APPROVER), request.number(), request.reason()));
  return v1::WithdrawErasureResponse();
}

absl::StatusOr<v1::ListErasuresResponse> ListErasures(const ErasureDesk& desk) {
  NDX_ASSIGN_OR_RETURN(const auto open, desk.Open());
  v1::ListErasuresResponse response;
  for (const ErasureDesk::OpenOrder& one : open) {
    v1::OpenErasure& erasure = *response.add_erasures();
    erasure.set_number(one.order.number);
    erasure.set_order(one.order.order);
    erasure.set_requester(one.order.operator_name);
    *erasure.mutable_time() = ToTimestamp(one.order.time);
    erasure.set_leaf_index(one.order.leaf_index);
    erasure.set_approver(one.approver);
    erasure.set_waits_for(one.waits_for);
  }
  return response;
}

absl::StatusOr<v1::AddHoldResponse> AddHold(const OperatorNode& node, const OperatorIdentity& who,
                                            const v1::AddHoldRequest& request) {
  NDX_RETURN_IF_ERROR(CheckOrder(request.order()));
  if (request.subject().empty() == request.exchange_id().empty()) {
    return absl::InvalidArgumentError("a hold is on a subject or on an exchange: name one of them");
  }
  OperatorLedger::Entry entry{.event = journal::v1::JOURNAL_EVENT_OPERATOR_ORDERED,
                              .operator_name = who.name,
                              .action = "AddHold",
                              .reason = request.order()};
  journal::LegalHold hold{.order = request.order(), .operator_name = who.name};
  if (request.exchange_id().empty()) {
    NDX_RETURN_IF_ERROR(CheckSubject(request.subject()));
  } else {
    NDX_ASSIGN_OR_RETURN(const auto id, core::ExchangeId::Parse(request.exchange_id()));
    const auto leaves = node.reader.LeavesOf(id, "");
    if (absl::IsNotFound(leaves.status())) {
      return RefusalStatus({.reason = exchange::v1::ERROR_REASON_EXCHANGE_UNKNOWN});
    }
    NDX_RETURN_IF_ERROR(leaves.status());
    hold.exchange_id = std::string(id.bytes());
    entry.exchange.set_exchange_id(request.exchange_id());
  }
  NDX_ASSIGN_OR_RETURN(hold.leaf_index, OperatorLedger(node.journal).Record(entry));
  NDX_ASSIGN_OR_RETURN(hold, node.keeper->AddHold(request.subject(), hold));
  node.log.Write(telemetry::LogEvent::kOperatorCommand,
                 {{"operator", who.name}, {"action", "AddHold"}, {"leaf", hold.leaf_index}});
  v1::AddHoldResponse response;
  response.set_number(hold.number);
  response.set_leaf_index(hold.leaf_index);
  return response;
}

absl::StatusOr<v1::ListHoldsResponse> ListHolds(const OperatorNode& node) {
  NDX_ASSIGN_OR_RETURN(const auto holds, node.keeper->Holds());
  v1::ListHoldsResponse response;
  for (const journal::LegalHold& one : holds) {
    v1::Hold& hold = *response.add_holds();
    hold.set_number(one.number);
    if (const auto id = core::ExchangeId::FromBytes(one.exchange_id); id.ok()) {
      hold.set_exchange_id(id->ToString());
    }
    hold.set_order(one.order);
    hold.set_operator_name(one.operator_name);
    *hold.mutable_time() = ToTimestamp(one.time);
  }
  return response;
}

absl::StatusOr<v1::ReleaseHoldResponse> ReleaseHold(const OperatorNode& node,
                                                    const OperatorIdentity& who,
                                                    const v1::ReleaseHoldRequest& request) {
  NDX_RETURN_IF_ERROR(CheckOrder(request.order()));
  const core::Refusal unknown{.reason = exchange::v1::ERROR_REASON_HOLD_UNKNOWN,
                              .parameters = {{"number", absl::StrCat(request.number())}}};
  NDX_ASSIGN_OR_RETURN(const auto holds, node.keeper->Holds());
  const auto hold = std::find_if(holds.begin(), holds.end(), [&](const journal::LegalHold& one) {
    return one.number == request.number();
  });
  if (hold == holds.end()) return RefusalStatus(unknown);
  NDX_ASSIGN_OR_RETURN(const uint64_t leaf,
                       OperatorLedger(node.journal)
                           .Record({.event = journal::v1::JOURNAL_EVENT_OPERATOR_ORDERED,
                                    .operator_name = who.name,
                                    .action = "ReleaseHold",
                                    .reason = request.order(),
                                    .continues = hold->leaf_index,
                                    .note = absl::StrCat("hold ", hold->number)}));
  node.log.Write(telemetry::LogEvent::kOperatorCommand,
                 {{"operator", who.name}, {"action", "ReleaseHold"}, {"leaf", leaf}});
  const absl::Status released = node.keeper->ReleaseHold(hold->number);
  if (absl::IsNotFound(released)) return RefusalStatus(unknown);
  NDX_RETURN_IF_ERROR(released);
  return v1::ReleaseHoldResponse();
}

}  // namespace

void AddKeeperMethods(const OperatorNode& node, OperatorMethods& methods) {
  if (node.keeper == nullptr || node.erasures == nullptr) return;
  methods.AddUnary<v1::RequestErasureRequest, v1::RequestErasureResponse>(
      "RequestErasure", OPERATOR_ROLE_INVESTIGATOR,
      [&node](const OperatorIdentity& who, const auto& request) {
        return RequestErasure(*node.erasures, who, request);
      });
  methods.AddUnary<v1::ApproveErasureRequest, v1::ApproveErasureResponse>(
      "ApproveErasure", OPERATOR_ROLE_APPROVER,
      [&node](const OperatorIdentity& who, const auto& request) {
        return ApproveErasure(*node.erasures, who, request);
      });
  // Who may withdraw which is decided on the order.
  methods.AddUnary<v1::WithdrawErasureRequest, v1::WithdrawErasureResponse>(
      "WithdrawErasure", OPERATOR_ROLE_VIEWER,
      [&node](const OperatorIdentity& who, const auto& request) {
        return WithdrawErasure(*node.erasures, who, request);
      });
  methods.AddUnary<v1::ListErasuresRequest, v1::ListErasuresResponse>(
      "ListErasures", OPERATOR_ROLE_VIEWER,
      [&node](const auto&, const auto&) { return ListErasures(*node.erasures); });
  methods.AddUnary<v1::AddHoldRequest, v1::AddHoldResponse>(
      "AddHold", OPERATOR_ROLE_INVESTIGATOR,
      [&node](const OperatorIdentity& who, const auto& request) {
        return AddHold(node, who, request);
      });
  methods.AddUnary<v1::ListHoldsRequest, v1::ListHoldsResponse>(
      "ListHolds", OPERATOR_ROLE_VIEWER,
      [&node](const auto&, const auto&) { return ListHolds(node); });
  methods.AddUnary<v1::ReleaseHoldRequest, v1::ReleaseHoldResponse>(
      "ReleaseHold", OPERATOR_ROLE_APPROVER,
      [&node](const OperatorIdentity& who, const auto& request) {
        return ReleaseHold(node, who, request);
      });
}

}  // namespace ndx::console
