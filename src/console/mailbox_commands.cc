// Methods of the mailbox service: the stop switch, and kept requests.
#include <algorithm>
#include <string>
#include <utility>

#include "absl/strings/escaping.h"
#include "ndx/console/exchange_view.h"
#include "ndx/console/mailbox_desk.h"
#include "ndx/console/operator_commands.h"
#include "ndx/console/operator_ledger.h"
#include "ndx/console/operator_rights.h"
#include "ndx/console/v1/mailbox_service.pb.h"
#include "ndx/core/refusal.h"
#include "ndx/core/status_macros.h"

namespace ndx::console {
namespace {

using settings::v1::OPERATOR_ROLE_ADMINISTRATOR;
using settings::v1::OPERATOR_ROLE_REPLAYER;
using settings::v1::OPERATOR_ROLE_VIEWER;

constexpr uint32_t kKeptPageDefault = 100;
constexpr uint32_t kKeptPageMost = 1000;
// Items looked at for one page, so that a filter that fits little holds up nobody for long.
constexpr uint32_t kKeptLookedAtMost = 20'000;

std::string ReasonText(int32_t reason) {
  return reason == 0
             ? ""
             : std::string(core::ReasonName(static_cast<exchange::v1::ErrorReason>(reason)));
}

exchange::v1::OutcomeState KeptStateView(mailbox::v1::KeptState state) {
  switch (state) {
    case mailbox::v1::KEPT_STATE_DELIVERING:
      return exchange::v1::OUTCOME_STATE_DELIVERING;
    case mailbox::v1::KEPT_STATE_IN_DOUBT:
      return exchange::v1::OUTCOME_STATE_IN_DOUBT;
    case mailbox::v1::KEPT_STATE_DEAD:
      return exchange::v1::OUTCOME_STATE_DEAD;
    default:
      return exchange::v1::OUTCOME_STATE_KEPT;
  }
}

v1::StopOrderView OrderView(const dispatch::StopOrder& order) {
  v1::StopOrderView view;
  view.mutable_scope()->set_service(order.scope.service);
  view.mutable_scope()->set_provider(order.scope.provider);
  *view.mutable_since() = ToTimestamp(order.since);
  view.set_operator_name(order.operator_name);
  view.set_reason(order.reason);
  view.set_leaf_index(order.leaf_index);
  return view;
}

google::protobuf::Timestamp UnixTime(int64_t nanos) {
  return ToTimestamp(absl::FromUnixNanos(nanos));
}

v1::KeptRequestView KeptView(const mailbox::v1::KeptItem& item) {
  v1::KeptRequestView view;
  const auto id = core::ExchangeId::FromBytes(item.exchange_id());
  view.set_exchange_id(id.value_or(core::ExchangeId()).ToString());
  view.set_consumer(item.consumer());
  view.set_provider(item.provider());
  view.set_method(item.method());
  view.set_state(KeptStateView(item.state()));
  *view.mutable_taken() = UnixTime(item.taken_unix_ns());
  *view.mutable_expires() = UnixTime(item.expires_unix_ns());
  if (item.due_unix_ns() != 0 && item.state() != mailbox::v1::KEPT_STATE_DEAD) {
    *view.mutable_due() = UnixTime(item.due_unix_ns());
  }
  view.set_attempts(item.attempts());
  view.set_reason(ReasonText(item.reason()));
  view.set_ordered(!item.line().empty());
  return view;
}

v1::GetMailboxResponse GetMailbox(const MailboxDesk& desk) {
  v1::GetMailboxResponse response;
  for (const auto& order : desk.stops().Orders()) *response.add_stop_orders() = OrderView(order);
  const mailbox::MailboxCounts counts = desk.mailbox().counts();
  for (const auto& [cause, count] : counts.by_cause) {
    v1::KeptCount& view = *response.add_counts();
    view.set_state(KeptStateView(cause.state));
    view.set_service(cause.service);
    view.set_reason(ReasonText(cause.reason));
    view.set_count(count);
  }
  response.set_requests(counts.items);
  response.set_bytes(counts.bytes);
  if (const auto oldest = desk.mailbox().oldest())
    *response.mutable_oldest() = ToTimestamp(*oldest);
  return response;
}

bool Fits(const v1::ListKeptRequest& request, const mailbox::v1::KeptItem& item) {
  if (request.state() != exchange::v1::OUTCOME_STATE_UNSPECIFIED &&
      request.state() != KeptStateView(item.state())) {
    return false;
  }
  if (!request.service().empty() && request.service() != mailbox::LaneOf(item).service) {
    return false;
  }
  return request.reason().empty() || request.reason() == ReasonText(item.reason());
}

absl::StatusOr<v1::ListKeptResponse> ListKept(const MailboxDesk& desk,
                                              const v1::ListKeptRequest& request) {
  std::string after;
  if (!absl::WebSafeBase64Unescape(request.page_token(), &after)) {
    return absl::InvalidArgumentError("page_token is none that this node has given");
  }
  const uint32_t page =
      request.page_size() == 0 ? kKeptPageDefault : std::min(request.page_size(), kKeptPageMost);
  v1::ListKeptResponse response;
  uint32_t looked_at = 0;
  NDX_RETURN_IF_ERROR(desk.mailbox().Walk(after, [&](const mailbox::v1::KeptItem& item) {
    if (Fits(request, item)) *response.add_requests() = KeptView(item);
    const bool full =
        response.requests_size() >= static_cast<int>(page) || ++looked_at >= kKeptLookedAtMost;
    if (full) {
      response.set_next_page_token(absl::WebSafeBase64Escape(mailbox::ItemKey(item)));
    }
    return !full;
  }));
  return response;
}

// One of two roles, which is seen behind the method's own.
absl::Status MayOrder(const OperatorIdentity& who, absl::string_view method,
                      const std::string& reason) {
  if (!who.Has(OPERATOR_ROLE_REPLAYER)) {
    NDX_RETURN_IF_ERROR(RequireRole(who, OPERATOR_ROLE_ADMINISTRATOR, method));
  }
  return OperatorLedger::CheckReason(reason, OperatorLedger::ReasonNeed::kRequired);
}

absl::StatusOr<dispatch::StopScope> ScopeOf(const v1::StopScope& scope,
                                            const registry::RegistrySnapshot& registry) {
  if (!scope.service().empty() && registry.FindService(scope.service()) == nullptr) {
    return absl::NotFoundError("the registry has no such service; give its full name");
  }
  if (!scope.provider().empty() && registry.FindSystem(scope.provider()) == nullptr) {
    return absl::NotFoundError("the registry has no such system; give its whole id");
  }
  return dispatch::StopScope{.service = scope.service(), .provider = scope.provider()};
}

absl::StatusOr<v1::StopDeliveriesResponse> StopDeliveries(
    const OperatorNode& node, const OperatorIdentity& who,
    const v1::StopDeliveriesRequest& request) {
  NDX_RETURN_IF_ERROR(MayOrder(who, "StopDeliveries", request.reason()));
  NDX_ASSIGN_OR_RETURN(const auto scope, ScopeOf(request.scope(), *node.registry.Current()));
  NDX_ASSIGN_OR_RETURN(const auto stopped,
                       node.mailbox_desk->Stop(who.name, scope, request.reason()));
  v1::StopDeliveriesResponse response;
  *response.mutable_order() = OrderView(stopped.order);
  response.set_was_stopped(stopped.was_stopped);
  return response;
}

absl::StatusOr<v1::ResumeDeliveriesResponse> ResumeDeliveries(
    const OperatorNode& node, const OperatorIdentity& who,
    const v1::ResumeDeliveriesRequest& request) {
  NDX_RETURN_IF_ERROR(MayOrder(who, "ResumeDeliveries", request.reason()));
  // What was stopped may have left the registry since.
  const dispatch::StopScope scope{.service = request.scope().service(),
                                  .provider = request.scope().provider()};
  v1::ResumeDeliveriesResponse response;
  NDX_ASSIGN_OR_RETURN(const uint64_t leaf,
                       node.mailbox_desk->Resume(who.name, scope, request.reason()));
  response.set_leaf_index(leaf);
  return response;
}

// Retries and discards alike.
template <typename Response, typename Request>
absl::StatusOr<Response> OrderKept(
    const OperatorIdentity& who, const Request& request, MailboxDesk& desk,
    absl::StatusOr<uint64_t> (MailboxDesk::*order)(const std::string&, const broker::KeptKey&,
                                                   const std::string&)) {
  NDX_RETURN_IF_ERROR(
      OperatorLedger::CheckReason(request.reason(), OperatorLedger::ReasonNeed::kRequired));
  NDX_ASSIGN_OR_RETURN(const auto id, core::ExchangeId::Parse(request.exchange_id()));
  const broker::KeptKey key{.consumer = request.consumer(), .exchange_id = id};
  Response response;
  NDX_ASSIGN_OR_RETURN(const uint64_t leaf, (desk.*order)(who.name, key, request.reason()));
  response.set_leaf_index(leaf);
  return response;
}

}  // namespace

void AddMailboxMethods(const OperatorNode& node, OperatorMethods& methods) {
  if (node.mailbox_desk == nullptr) return;
  methods.AddUnary<v1::GetMailboxRequest, v1::GetMailboxResponse>(
      "GetMailbox", OPERATOR_ROLE_VIEWER,
      [&node](const auto&, const auto&) { return GetMailbox(*node.mailbox_desk); });
  methods.AddUnary<v1::ListKeptRequest, v1::ListKeptResponse>(
      "ListKept", OPERATOR_ROLE_VIEWER,
      [&node](const auto&, const auto& request) { return ListKept(*node.mailbox_desk, request); });
  methods.AddUnary<v1::StopDeliveriesRequest, v1::StopDeliveriesResponse>(
      "StopDeliveries", OPERATOR_ROLE_VIEWER,
      [&node](const OperatorIdentity& who, const auto& request) {
        return StopDeliveries(node, who, request);
      });
  methods.AddUnary<v1::ResumeDeliveriesRequest, v1::ResumeDeliveriesResponse>(
      "ResumeDeliveries", OPERATOR_ROLE_VIEWER,
      [&node](const OperatorIdentity& who, const auto& request) {
        return ResumeDeliveries(node, who, request);
      });
  methods.AddUnary<v1::RetryKeptRequest, v1::RetryKeptResponse>(
      "RetryKept", OPERATOR_ROLE_REPLAYER,
      [&node](const OperatorIdentity& who, const auto& request) {
        return OrderKept<v1::RetryKeptResponse>(who, request, *node.mailbox_desk,
                                                &MailboxDesk::Retry);
      });
  methods.AddUnary<v1::DiscardKeptRequest, v1::DiscardKeptResponse>(
      "DiscardKept", OPERATOR_ROLE_ADMINISTRATOR,
      [&node](const OperatorIdentity& who, const auto& request) {
        return OrderKept<v1::DiscardKeptResponse>(who, request, *node.mailbox_desk,
                                                  &MailboxDesk::Discard);
      });
}

}  // namespace ndx::console
