// Methods of the access request service.
#include <algorithm>
#include <map>
#include <utility>

#include "absl/strings/escaping.h"
#include "ndx/console/access_desk.h"
#include "ndx/console/exchange_view.h"
#include "ndx/console/expiring_grants.h"
#include "ndx/console/operator_commands.h"
#include "ndx/console/refusal_status.h"
#include "ndx/console/v1/access_request_service.pb.h"
#include "ndx/core/status_macros.h"
#include "ndx/registry/access_request.h"
#include "ndx/registry/calendar.h"
#include "ndx/settings/settings_loader.h"

namespace ndx::console {
namespace {

using settings::v1::OPERATOR_ROLE_APPROVER;
using settings::v1::OPERATOR_ROLE_VIEWER;
using Request = AccessDesk::Request;

constexpr uint32_t kClosedDefault = 50;
constexpr uint32_t kClosedMax = 1000;

v1::AccessRequestView ViewOf(const AccessDesk& desk, const Request& request) {
  v1::AccessRequestView view;
  *view.mutable_request() = request;
  view.set_state(registry::StateOf(request));
  for (const std::string& owner : desk.OwnersOf(request)) view.add_owners(owner);
  const auto& granting = registry::GrantingStepOf(request);
  const auto& wishing = registry::WishingStepOf(request);
  view.set_grant(settings::SettingsText(granting.grant()));
  if (&granting != &wishing) view.set_asked(settings::SettingsText(wishing.grant()));
  view.set_plan_sha256(absl::BytesToHexString(AccessDesk::PlanDigest(request)));
  *view.mutable_waiting_since() = ToTimestamp(registry::WaitingSince(request));
  if (registry::IsOpen(request)) *view.mutable_expires() = ToTimestamp(desk.ExpiresAt(request));
  view.set_overdue(desk.Overdue(request));
  return view;
}

template <typename Response>
absl::StatusOr<Response> Shown(const AccessDesk& desk, const absl::StatusOr<Request>& request) {
  NDX_RETURN_IF_ERROR(request.status());
  Response response;
  *response.mutable_view() = ViewOf(desk, *request);
  return response;
}

absl::StatusOr<v1::ListAccessRequestsResponse> List(const AccessDesk& desk,
                                                    const v1::ListAccessRequestsRequest& asked) {
  v1::ListAccessRequestsResponse response;
  std::vector<Request> requests;
  if (asked.number() > 0) {
    NDX_ASSIGN_OR_RETURN(requests.emplace_back(), desk.Find(asked.number()));
  } else if (asked.closed()) {
    const size_t count = asked.count() == 0 ? kClosedDefault : std::min(asked.count(), kClosedMax);
    NDX_ASSIGN_OR_RETURN(requests,
                         desk.Closed(asked.before() == 0 ? UINT64_MAX : asked.before(), count + 1));
    if (requests.size() > count) {
      response.set_more(true);
      requests.pop_back();
    }
  } else {
    NDX_ASSIGN_OR_RETURN(requests, desk.Open());
  }
  for (const Request& request : requests) *response.add_requests() = ViewOf(desk, request);
  return response;
}

absl::StatusOr<v1::ApproveAccessRequestResponse> Approve(
    AccessDesk& desk, const OperatorIdentity& who, const v1::ApproveAccessRequestRequest& asked) {
  NDX_ASSIGN_OR_RETURN(
      const auto granted,
      desk.Approve(who, asked.number(), absl::HexStringToBytes(asked.plan_sha256())));
  v1::ApproveAccessRequestResponse response;
  *response.mutable_view() = ViewOf(desk, granted.request);
  response.set_change(granted.made.change);
  response.set_leaf_index(granted.made.leaf_index);
  response.set_version(granted.made.version);
  return response;
}

absl::StatusOr<v1::ListExpiringGrantsResponse> ListExpiring(
    const OperatorNode& node, const v1::ListExpiringGrantsRequest& request) {
  std::map<std::string, uint64_t> renewals;
  if (node.access_desk != nullptr) {
    NDX_ASSIGN_OR_RETURN(const auto open, node.access_desk->Open());
    for (const Request& each : open) renewals[registry::RenewedGrantOf(each)] = each.number();
  }
  const auto snapshot = node.registry.Current();
  const absl::CivilDay today = registry::VietnamDay(node.clock.Now());
  const uint32_t days = request.days() == 0 ? node.grant_reminder_days : request.days();
  v1::ListExpiringGrantsResponse response;
  for (const registry::GrantEntry* const grant : ExpiringGrants(*snapshot, today, days)) {
    v1::ExpiringGrant& expiring = *response.add_grants();
    expiring.set_name(grant->name);
    for (const std::string& consumer : ConsumersOf(*grant)) expiring.add_consumers(consumer);
    expiring.set_valid_to(grant->in_force.ToText());
    expiring.set_days_left(static_cast<uint32_t>(*grant->in_force.to - today));
    expiring.set_legal_basis(grant->legal_basis);
    if (const auto found = renewals.find(grant->name); found != renewals.end()) {
      expiring.set_renewal(found->second);
    }
  }
  return response;
}

// A method that there is only where the node keeps its registry.
template <typename Request, typename Response, typename Answer>
void Add(const OperatorNode& node, OperatorMethods& methods, const std::string& name,
         OperatorRole role, Answer answer) {
  methods.AddUnary<Request, Response>(
      name, role,
      [&node, answer](const OperatorIdentity& who,
                      const Request& request) -> absl::StatusOr<Response> {
        if (node.access_desk == nullptr) {
          return RefusalStatus({.reason = exchange::v1::ERROR_REASON_REGISTRY_NOT_KEPT});
        }
        return answer(*node.access_desk, who, request);
      });
}

}  // namespace

void AddAccessRequestMethods(const OperatorNode& node, OperatorMethods& methods) {
  Add<v1::RequestAccessRequest, v1::RequestAccessResponse>(
      node, methods, "RequestAccess", OPERATOR_ROLE_VIEWER,
      [](AccessDesk& desk, const auto& who, const auto& asked) {
        return Shown<v1::RequestAccessResponse>(
            desk, desk.Ask(who, asked.wish(), asked.explanation(), asked.dry_run()));
      });
  Add<v1::ListAccessRequestsRequest, v1::ListAccessRequestsResponse>(
      node, methods, "ListAccessRequests", OPERATOR_ROLE_VIEWER,
      [](AccessDesk& desk, const auto&, const auto& asked) { return List(desk, asked); });
  Add<v1::AskForMoreRequest, v1::AskForMoreResponse>(
      node, methods, "AskForMore", OPERATOR_ROLE_APPROVER,
      [](AccessDesk& desk, const auto& who, const auto& asked) {
        return Shown<v1::AskForMoreResponse>(desk,
                                             desk.AskMore(who, asked.number(), asked.question()));
      });
  Add<v1::AnswerAccessRequestRequest, v1::AnswerAccessRequestResponse>(
      node, methods, "AnswerAccessRequest", OPERATOR_ROLE_VIEWER,
      [](AccessDesk& desk, const auto& who, const auto& asked) {
        return Shown<v1::AnswerAccessRequestResponse>(
            desk, desk.Answer(who, asked.number(), asked.answer(),
                              asked.has_wish() ? &asked.wish() : nullptr));
      });
  Add<v1::NarrowAccessRequestRequest, v1::NarrowAccessRequestResponse>(
      node, methods, "NarrowAccessRequest", OPERATOR_ROLE_APPROVER,
      [](AccessDesk& desk, const auto& who, const auto& asked) {
        return Shown<v1::NarrowAccessRequestResponse>(desk, desk.Narrow(who, asked));
      });
  Add<v1::ApproveAccessRequestRequest, v1::ApproveAccessRequestResponse>(
      node, methods, "ApproveAccessRequest", OPERATOR_ROLE_APPROVER,
      [](AccessDesk& desk, const auto& who, const auto& asked) {
        return Approve(desk, who, asked);
      });
  Add<v1::RefuseAccessRequestRequest, v1::RefuseAccessRequestResponse>(
      node, methods, "RefuseAccessRequest", OPERATOR_ROLE_APPROVER,
      [](AccessDesk& desk, const auto& who, const auto& asked) {
        return Shown<v1::RefuseAccessRequestResponse>(
            desk, desk.Refuse(who, asked.number(), asked.reason()));
      });
  Add<v1::WithdrawAccessRequestRequest, v1::WithdrawAccessRequestResponse>(
      node, methods, "WithdrawAccessRequest", OPERATOR_ROLE_VIEWER,
      [](AccessDesk& desk, const auto& who, const auto& asked) {
        return Shown<v1::WithdrawAccessRequestResponse>(
            desk, desk.Withdraw(who, asked.number(), asked.reason()));
      });
  methods.AddUnary<v1::ListExpiringGrantsRequest, v1::ListExpiringGrantsResponse>(
      "ListExpiringGrants", OPERATOR_ROLE_VIEWER,
      [&node](const auto&, const auto& request) { return ListExpiring(node, request); });
}

}  // namespace ndx::console
