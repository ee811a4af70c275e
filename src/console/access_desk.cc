#include "ndx/console/access_desk.h"

#include <algorithm>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "ndx/console/access_wish.h"
#include "ndx/console/operator_ledger.h"
#include "ndx/console/refusal_status.h"
#include "ndx/core/status_macros.h"
#include "ndx/registry/access_request.h"
#include "ndx/registry/calendar.h"

namespace ndx::console {
namespace {

using registry::v1::AccessRequest;
using registry::v1::AccessStep;
using registry::v1::Grant;

// Names of the operator API's methods, as they stand in leaves.
constexpr char kAsk[] = "RequestAccess";
constexpr char kAskMore[] = "AskForMore";
constexpr char kAnswer[] = "AnswerAccessRequest";
constexpr char kNarrow[] = "NarrowAccessRequest";
constexpr char kApprove[] = "ApproveAccessRequest";
constexpr char kRefuse[] = "RefuseAccessRequest";
constexpr char kWithdraw[] = "WithdrawAccessRequest";
constexpr char kExpire[] = "ExpireAccessRequest";

struct StateWords {
  absl::string_view vi;
  absl::string_view en;
};

StateWords WordsOf(registry::v1::AccessRequestState state) {
  switch (state) {
    case registry::v1::ACCESS_REQUEST_STATE_WAITING:
      return {"chờ duyệt", "waiting for its owner"};
    case registry::v1::ACCESS_REQUEST_STATE_MORE_ASKED:
      return {"chờ bổ sung", "waiting for an answer to what more was asked"};
    case registry::v1::ACCESS_REQUEST_STATE_APPROVED:
      return {"đã duyệt", "approved"};
    case registry::v1::ACCESS_REQUEST_STATE_REFUSED:
      return {"bị từ chối", "refused"};
    case registry::v1::ACCESS_REQUEST_STATE_WITHDRAWN:
      return {"đã rút", "withdrawn"};
    default:
      return {"hết hạn", "expired"};
  }
}

absl::Status RefuseState(const AccessRequest& request, const StateWords& words) {
  return RefusalStatus({.reason = exchange::v1::ERROR_REASON_ACCESS_REQUEST_STATE,
                        .parameters = {{"number", absl::StrCat(request.number())},
                                       {"state_vi", std::string(words.vi)},
                                       {"state_en", std::string(words.en)}}});
}

absl::Status CheckText(const std::string& text) {
  return OperatorLedger::CheckReason(text, OperatorLedger::ReasonNeed::kRequired,
                                     kAccessTextBytesMax);
}

RegistryDesk::Wanted WantedOf(const Grant& grant, uint64_t number) {
  RegistryDesk::Wanted wanted;
  *wanted.entries.emplace_back().mutable_grant() = grant;
  wanted.reason = absl::StrCat("access request ", number);
  return wanted;
}

registry::v1::RegistryProposal PlanOf(const AccessRequest& request) {
  const AccessStep& step = registry::GrantingStepOf(request);
  registry::v1::RegistryProposal plan;
  plan.set_time_unix_ns(step.time_unix_ns());
  plan.set_origin(registry::v1::CHANGE_ORIGIN_OPERATOR);
  plan.set_requested_by(registry::RequesterOf(request));
  plan.set_reason(absl::StrCat("access request ", request.number()));
  plan.set_base_change(step.base_change());
  *plan.add_entries()->mutable_grant() = step.grant();
  return plan;
}

}  // namespace

std::string AccessDesk::PlanDigest(const Request& request) {
  return registry::DigestOf(*request.steps().rbegin());
}

std::set<std::string> AccessDesk::OwnersOf(const Request& request) const {
  return console::OwnersOf(registry::GrantingStepOf(request).grant(), *parts_.registry.Current());
}

absl::Time AccessDesk::ExpiresAt(const Request& request) const {
  return registry::WaitingSince(request) + options_.expires_after;
}

bool AccessDesk::Expired(const Request& request) const {
  return parts_.clock.Now() >= ExpiresAt(request);
}

bool AccessDesk::Overdue(const Request& request) const {
  return registry::IsOpen(request) &&
         parts_.clock.Now() - registry::WaitingSince(request) >= options_.overdue_after;
}

AccessDesk::Step AccessDesk::StepOf(const Request& request, Act kind, const std::string& by,
                                    std::string text) const {
  Step step;
  step.set_request(request.number());
  if (!request.steps().empty()) step.set_previous_sha256(PlanDigest(request));
  step.set_kind(kind);
  step.set_time_unix_ns(absl::ToUnixNanos(parts_.clock.Now()));
  step.set_by(by);
  step.set_text(std::move(text));
  return step;
}

absl::Status AccessDesk::Record(absl::string_view action, Step step, const std::string& reason,
                                Request& request) const {
  OperatorLedger::Entry entry{
      .event = journal::v1::JOURNAL_EVENT_OPERATOR_ORDERED,
      .operator_name = step.by(),
      .action = std::string(action),
      .reason = reason,
      .note = absl::StrCat("access request ", request.number(), " sha256 ",
                           absl::BytesToHexString(registry::DigestOf(step)))};
  if (!request.steps().empty()) {
    entry.continues = request.steps().rbegin()->leaf_index_plus_one() - 1;
  }
  NDX_ASSIGN_OR_RETURN(const uint64_t leaf, OperatorLedger(parts_.journal).Record(entry));
  step.set_leaf_index_plus_one(leaf + 1);
  parts_.log.Write(telemetry::LogEvent::kOperatorCommand,
                   {{"operator", step.by()}, {"action", action}, {"leaf", leaf}});
  *request.add_steps() = std::move(step);
  return absl::OkStatus();
}

absl::StatusOr<AccessRequest> AccessDesk::Take(absl::string_view action, Step step,
                                               const std::string& reason, Request request) {
  NDX_RETURN_IF_ERROR(Record(action, std::move(step), reason, request));
  NDX_RETURN_IF_ERROR(parts_.ledger.access_requests().Put(request));
  return request;
}

absl::StatusOr<AccessRequest> AccessDesk::Find(uint64_t number) const {
  auto found = parts_.ledger.access_requests().Find(number);
  if (!absl::IsNotFound(found.status())) return found;
  return RefusalStatus({.reason = exchange::v1::ERROR_REASON_ACCESS_REQUEST_UNKNOWN,
                        .parameters = {{"number", absl::StrCat(number)}}});
}

absl::StatusOr<AccessRequest> AccessDesk::FindForOwner(const OperatorIdentity& who,
                                                       uint64_t number) const {
  NDX_ASSIGN_OR_RETURN(Request request, Find(number));
  const std::set<std::string> owners = OwnersOf(request);
  const bool speaks =
      who.acts_for.empty() ||
      (!owners.empty() && std::all_of(owners.begin(), owners.end(), [&](const std::string& owner) {
        return who.ActsFor(owner);
      }));
  if (speaks) return request;
  return RefusalStatus({.reason = exchange::v1::ERROR_REASON_ACCESS_REQUEST_NOT_OWNER,
                        .parameters = {{"user", who.name},
                                       {"owner", absl::StrJoin(owners, ", ")},
                                       {"number", absl::StrCat(number)}}});
}

absl::StatusOr<AccessRequest> AccessDesk::FindOwn(const OperatorIdentity& who,
                                                  uint64_t number) const {
  NDX_ASSIGN_OR_RETURN(Request request, Find(number));
  const std::string& requester = registry::RequesterOf(request);
  if (requester == who.name) return request;
  return RefuseState(request, {absl::StrCat("của ", requester), absl::StrCat(requester, "'s")});
}

absl::Status AccessDesk::RefuseUnlessWaiting(const Request& request) const {
  const auto state = registry::StateOf(request);
  if (state != registry::v1::ACCESS_REQUEST_STATE_WAITING) {
    return RefuseState(request, WordsOf(state));
  }
  if (!Expired(request)) return absl::OkStatus();
  return RefuseState(request, WordsOf(registry::v1::ACCESS_REQUEST_STATE_EXPIRED));
}

absl::StatusOr<Grant> AccessDesk::GrantFor(const OperatorIdentity& who, const v1::AccessWish& wish,
                                           uint64_t number) const {
  const auto document = parts_.ledger.newest();
  const auto snapshot = parts_.registry.Current();
  NDX_ASSIGN_OR_RETURN(Grant grant, GrantOfWish(wish, number, *document, *snapshot,
                                                registry::VietnamDay(parts_.clock.Now())));
  for (const std::string& member : ConsumingMembersOf(grant, *document, *snapshot)) {
    if (who.ActsFor(member)) continue;
    return AccessRequestInvalid(absl::StrCat(who.name, " does not act for ", member,
                                             " (không được yêu cầu thay đơn vị này)"));
  }
  NDX_RETURN_IF_ERROR(parts_.changes.Look(who.name, WantedOf(grant, number)).status());
  return grant;
}

absl::StatusOr<AccessRequest> AccessDesk::Ask(const OperatorIdentity& who,
                                              const v1::AccessWish& wish,
                                              const std::string& explanation, bool dry_run) {
  NDX_RETURN_IF_ERROR(CheckText(explanation));
  const core::MutexLock deciding(deciding_);
  NDX_ASSIGN_OR_RETURN(const auto open, Open());
  if (open.size() >= registry::kAccessRequestsOpenMax) {
    return absl::ResourceExhaustedError(absl::StrCat(registry::kAccessRequestsOpenMax,
                                                     " requests wait already; decide some first"));
  }
  for (const Request& other : open) {
    if (!wish.renews().empty() && registry::RenewedGrantOf(other) == wish.renews()) {
      return AccessRequestInvalid(absl::StrCat("request ", other.number(), " would extend ",
                                               wish.renews(), " already (đã có yêu cầu gia hạn)"));
    }
  }
  Request request;
  NDX_ASSIGN_OR_RETURN(const uint64_t number, parts_.ledger.access_requests().NextNumber());
  request.set_number(number);
  const uint64_t base = parts_.ledger.last_change();
  NDX_ASSIGN_OR_RETURN(Grant grant, GrantFor(who, wish, number));
  Step step = StepOf(request, registry::v1::ACCESS_STEP_KIND_ASKED, who.name, explanation);
  *step.mutable_grant() = std::move(grant);
  step.set_base_change(base);
  step.set_renews(wish.renews());
  if (dry_run) {
    request.clear_number();
    *request.add_steps() = std::move(step);
    return request;
  }
  return Take(kAsk, std::move(step), "", std::move(request));
}

absl::StatusOr<AccessRequest> AccessDesk::AskMore(const OperatorIdentity& who, uint64_t number,
                                                  const std::string& question) {
  NDX_RETURN_IF_ERROR(CheckText(question));
  const core::MutexLock deciding(deciding_);
  NDX_ASSIGN_OR_RETURN(Request request, FindForOwner(who, number));
  NDX_RETURN_IF_ERROR(RefuseUnlessWaiting(request));
  if (request.steps_size() >= registry::kAccessRequestStepsMax) {
    return RefuseState(request, {"đã qua quá nhiều bước", "at its last step"});
  }
  return Take(kAskMore,
              StepOf(request, registry::v1::ACCESS_STEP_KIND_MORE_ASKED, who.name, question), "",
              request);
}

absl::StatusOr<AccessRequest> AccessDesk::Answer(const OperatorIdentity& who, uint64_t number,
                                                 const std::string& answer,
                                                 const v1::AccessWish* wish) {
  NDX_RETURN_IF_ERROR(CheckText(answer));
  const core::MutexLock deciding(deciding_);
  NDX_ASSIGN_OR_RETURN(Request request, FindOwn(who, number));
  if (const auto state = registry::StateOf(request);
      state != registry::v1::ACCESS_REQUEST_STATE_MORE_ASKED) {
    return RefuseState(request, WordsOf(state));
  }
  Step step = StepOf(request, registry::v1::ACCESS_STEP_KIND_ANSWERED, who.name, answer);
  if (wish != nullptr) {
    if (wish->renews() != registry::RenewedGrantOf(request)) {
      return AccessRequestInvalid(
          "an answer cannot make another request of it; withdraw it and ask anew (hãy rút và lập "
          "yêu cầu mới)");
    }
    step.set_base_change(parts_.ledger.last_change());
    NDX_ASSIGN_OR_RETURN(*step.mutable_grant(), GrantFor(who, *wish, number));
  }
  return Take(kAnswer, std::move(step), "", std::move(request));
}

absl::StatusOr<AccessRequest> AccessDesk::Narrow(const OperatorIdentity& who,
                                                 const v1::NarrowAccessRequestRequest& narrowing) {
  NDX_RETURN_IF_ERROR(
      OperatorLedger::CheckReason(narrowing.reason(), OperatorLedger::ReasonNeed::kOptional));
  const core::MutexLock deciding(deciding_);
  NDX_ASSIGN_OR_RETURN(Request request, FindForOwner(who, narrowing.number()));
  NDX_RETURN_IF_ERROR(RefuseUnlessWaiting(request));
  if (request.steps_size() >= registry::kAccessRequestStepsMax) {
    return RefuseState(request, {"đã qua quá nhiều bước", "at its last step"});
  }
  Step step =
      StepOf(request, registry::v1::ACCESS_STEP_KIND_NARROWED, who.name, narrowing.reason());
  NDX_ASSIGN_OR_RETURN(*step.mutable_grant(),
                       Narrowed(registry::WishingStepOf(request).grant(),
                                registry::GrantingStepOf(request).grant(), narrowing));
  // What it was worked out against is what was asked for.
  step.set_base_change(registry::GrantingStepOf(request).base_change());
  NDX_RETURN_IF_ERROR(
      parts_.changes.Look(registry::RequesterOf(request), WantedOf(step.grant(), request.number()))
          .status());
  return Take(kNarrow, std::move(step), narrowing.reason(), std::move(request));
}

absl::StatusOr<AccessRequest> AccessDesk::Refuse(const OperatorIdentity& who, uint64_t number,
                                                 const std::string& reason) {
  NDX_RETURN_IF_ERROR(OperatorLedger::CheckReason(reason, OperatorLedger::ReasonNeed::kRequired));
  const core::MutexLock deciding(deciding_);
  NDX_ASSIGN_OR_RETURN(Request request, FindForOwner(who, number));
  if (!registry::IsOpen(request)) {
    return RefuseState(request, WordsOf(registry::StateOf(request)));
  }
  return Take(kRefuse, StepOf(request, registry::v1::ACCESS_STEP_KIND_REFUSED, who.name, reason),
              reason, request);
}

absl::StatusOr<AccessRequest> AccessDesk::Withdraw(const OperatorIdentity& who, uint64_t number,
                                                   const std::string& reason) {
  NDX_RETURN_IF_ERROR(OperatorLedger::CheckReason(reason, OperatorLedger::ReasonNeed::kRequired));
  const core::MutexLock deciding(deciding_);
  NDX_ASSIGN_OR_RETURN(Request request, FindOwn(who, number));
  if (!registry::IsOpen(request)) {
    return RefuseState(request, WordsOf(registry::StateOf(request)));
  }
  return Take(kWithdraw,
              StepOf(request, registry::v1::ACCESS_STEP_KIND_WITHDRAWN, who.name, reason), reason,
              request);
}

absl::Status AccessDesk::RefuseApproval(const Request& request, const std::string& who,
                                        const absl::Status& why, absl::string_view reason) const {
  NDX_RETURN_IF_ERROR(
      OperatorLedger(parts_.journal)
          .Record({.event = journal::v1::JOURNAL_EVENT_OPERATOR_ORDERED,
                   .operator_name = who,
                   .action = kApprove,
                   .continues = request.steps().rbegin()->leaf_index_plus_one() - 1,
                   .note = absl::StrCat("access request ", request.number(), " refused ", reason)})
          .status());
  return why;
}

absl::StatusOr<AccessDesk::Granted> AccessDesk::Approve(const OperatorIdentity& who,
                                                        uint64_t number,
                                                        absl::string_view plan_sha256) {
  const core::MutexLock deciding(deciding_);
  NDX_ASSIGN_OR_RETURN(const Request request, Find(number));
  if (SamePerson(parts_.persons, registry::RequesterOf(request), who.name)) {
    return RefuseApproval(
        request, who.name,
        RefusalStatus({.reason = exchange::v1::ERROR_REASON_PROPOSAL_SAME_PERSON,
                       .parameters = {{"number", absl::StrCat(number)}, {"user", who.name}}}),
        "PROPOSAL_SAME_PERSON");
  }
  if (const auto owned = FindForOwner(who, number); !owned.ok()) {
    return RefuseApproval(request, who.name, owned.status(), "ACCESS_REQUEST_NOT_OWNER");
  }
  NDX_RETURN_IF_ERROR(RefuseUnlessWaiting(request));
  if (PlanDigest(request) != plan_sha256) {
    return RefuseApproval(
        request, who.name,
        RefuseState(request,
                    {"khác với nội dung được phê duyệt (xem lại bằng `ndxctl access requests`)",
                     "another than what is approved (look at it with `ndxctl access requests`)"}),
        "ACCESS_REQUEST_STATE");
  }
  Granted granted{.request = request, .made = {}};
  NDX_ASSIGN_OR_RETURN(
      granted.made,
      parts_.changes.MakeAgreed(
          PlanOf(request), who.name, kApprove,
          [&](uint64_t change) -> absl::StatusOr<registry::v1::AccessRequest> {
            NDX_RETURN_IF_ERROR(Record(
                kApprove, StepOf(request, registry::v1::ACCESS_STEP_KIND_APPROVED, who.name, ""),
                "", granted.request));
            granted.request.set_change(change);
            return granted.request;
          }));
  return granted;
}

absl::StatusOr<size_t> AccessDesk::ExpireOld(size_t most) {
  const core::MutexLock deciding(deciding_);
  NDX_ASSIGN_OR_RETURN(const auto open, Open());
  size_t expired = 0;
  for (const Request& request : open) {
    if (!Expired(request)) continue;
    if (expired == most) break;
    NDX_RETURN_IF_ERROR(
        Take(kExpire, StepOf(request, registry::v1::ACCESS_STEP_KIND_EXPIRED, "", ""), "", request)
            .status());
    ++expired;
  }
  return expired;
}

}  // namespace ndx::console
