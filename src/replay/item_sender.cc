#include "ndx/replay/item_sender.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "ndx/core/status_macros.h"
#include "ndx/replay/answer_difference.h"
#include "ndx/replay/awaited.h"
#include "ndx/replay/earlier_replays.h"
#include "ndx/replay/replay_rules.h"
#include "ndx/routing/router.h"

namespace ndx::replay {
namespace {

using exchange::v1::ErrorReason;

constexpr absl::Duration kBusyPause = absl::Seconds(1);

// Not the exchange's fault nor the provider's: there is no room now.
bool IsBusy(const std::string& reason) {
  switch (core::ReasonFromName(reason)) {
    case exchange::v1::ERROR_REASON_TOO_MANY_IN_FLIGHT:
    case exchange::v1::ERROR_REASON_NODE_OVERLOADED:
    case exchange::v1::ERROR_REASON_PROVIDER_BUSY:
    case exchange::v1::ERROR_REASON_QUOTA_USED:
      return true;
    default:
      return false;
  }
}

// The leaf of the item's sending that an interrupted run has written already.
bool HasExecutedLeaf(const std::vector<journal::StoredLeaf>& leaves) {
  return std::any_of(leaves.begin(), leaves.end(), [](const journal::StoredLeaf& leaf) {
    return leaf.leaf.event() == journal::v1::JOURNAL_EVENT_REPLAY_EXECUTED;
  });
}

void TakeSending(const Sending& sending, v1::ReplayItem& item) {
  item.set_grpc_status(sending.grpc_status);
  item.set_reason(sending.error_reason);
}

v1::ReplayItemState StateOf(const Sending& sending) {
  if (sending.resolved_done) return v1::REPLAY_ITEM_STATE_FOUND_DONE;
  switch (sending.outcome) {
    case v1::SENDING_OUTCOME_ANSWERED:
      return v1::REPLAY_ITEM_STATE_ANSWERED;
    case v1::SENDING_OUTCOME_NOT_SENT:
      return v1::REPLAY_ITEM_STATE_NOT_SENT;
    default:
      return v1::REPLAY_ITEM_STATE_ANSWER_UNKNOWN;
  }
}

}  // namespace

OperatorAct ItemSender::ActOf(const v1::ReplayTask& task) const {
  OperatorAct act{.operator_name = task.run_by(),
                  .action = "RunReplay",
                  .reason = task.plan().reason(),
                  .leaf_index = std::nullopt};
  if (task.leaf_index_plus_one() > 0) act.leaf_index = task.leaf_index_plus_one() - 1;
  return act;
}

absl::Status ItemSender::Settle(const v1::ReplayTask& task, v1::ReplayItemState state,
                                v1::ReplayItem& item) {
  item.set_state(state);
  item.set_settled_unix_ns(absl::ToUnixNanos(parts_.clock.Now()));
  return parts_.ledger.RecordItem(task, item);
}

absl::Status ItemSender::Leave(const v1::ReplayTask& task, ErrorReason reason,
                               v1::ReplayItem& item) {
  item.clear_new_exchange_id();
  item.set_reason(core::ReasonName(reason));
  return Settle(task, v1::REPLAY_ITEM_STATE_NOT_SENT, item);
}

std::optional<adapter::v1::ExchangeOutcome> ItemSender::Ask(const v1::ReplayTask& task,
                                                            const std::string& consumer,
                                                            core::ExchangeId exchange_id) {
  using Answer = std::variant<adapter::v1::ExchangeOutcome, core::Refusal>;
  const auto awaited = std::make_shared<Awaited<Answer>>();
  parts_.resolver.Resolve(consumer, exchange_id, ActOf(task),
                          [awaited](Answer answer) { awaited->Set(std::move(answer)); });
  const auto answer = awaited->Wait(give_up_);
  if (!answer.has_value()) return std::nullopt;
  const auto* const outcome = std::get_if<adapter::v1::ExchangeOutcome>(&*answer);
  return outcome == nullptr ? adapter::v1::EXCHANGE_OUTCOME_UNSPECIFIED : *outcome;
}

absl::StatusOr<ItemSender::Found> ItemSender::FindInterrupted(const v1::ReplayTask& task,
                                                              v1::ReplayItem& item) {
  NDX_ASSIGN_OR_RETURN(const auto id, core::ExchangeId::FromBytes(item.new_exchange_id()));
  const auto leaves = parts_.reader.LeavesOf(id, item.consumer());
  if (absl::IsNotFound(leaves.status())) return Found::kUndecided;
  NDX_RETURN_IF_ERROR(leaves.status());
  auto sending = SendingOf(*leaves);
  if (!sending.has_value()) return Found::kUndecided;
  if (sending->in_doubt || sending->open) {
    const auto outcome = Ask(task, item.consumer(), id);
    if (!outcome.has_value()) return Found::kGivenUp;
    if (*outcome == adapter::v1::EXCHANGE_OUTCOME_NOT_DONE) return Found::kUndecided;
    if (*outcome == adapter::v1::EXCHANGE_OUTCOME_DONE) {
      sending = Sending{.outcome = v1::SENDING_OUTCOME_ANSWERED, .resolved_done = true};
    } else {
      sending->error_reason = core::ReasonName(exchange::v1::ERROR_REASON_REPLAY_INTERRUPTED);
    }
  }
  TakeSending(*sending, item);
  if (!HasExecutedLeaf(*leaves)) NDX_RETURN_IF_ERROR(Settle(task, StateOf(*sending), item));
  item.set_state(StateOf(*sending));
  item.set_settled_unix_ns(absl::ToUnixNanos(parts_.clock.Now()));
  return Found::kSettled;
}

absl::StatusOr<ItemSender::Found> ItemSender::FindDoubt(const v1::ReplayTask& task,
                                                        const Sending& first, core::ExchangeId id,
                                                        v1::ReplayItem& item) {
  std::optional<core::ExchangeId> doubt;
  if (first.in_doubt) doubt = id;
  if (parts_.index != nullptr) {
    NDX_ASSIGN_OR_RETURN(const auto earlier, FindReplaysOf(searcher_, parts_.reader, id));
    if (earlier.answered_well && !task.plan().include_answered()) {
      NDX_RETURN_IF_ERROR(Leave(task, exchange::v1::ERROR_REASON_REPLAY_ALREADY_ANSWERED, item));
      return Found::kSettled;
    }
    if (earlier.in_doubt.has_value()) doubt = earlier.in_doubt;
  }
  if (!doubt.has_value()) return Found::kUndecided;
  const auto outcome = Ask(task, item.consumer(), *doubt);
  if (!outcome.has_value()) return Found::kGivenUp;
  if (*outcome == adapter::v1::EXCHANGE_OUTCOME_RUNNING) {
    NDX_RETURN_IF_ERROR(Leave(task, exchange::v1::ERROR_REASON_REPLAY_STILL_RUNNING, item));
    return Found::kSettled;
  }
  if (*outcome != adapter::v1::EXCHANGE_OUTCOME_DONE) return Found::kUndecided;
  item.clear_new_exchange_id();
  NDX_RETURN_IF_ERROR(Settle(task, v1::REPLAY_ITEM_STATE_FOUND_DONE, item));
  return Found::kSettled;
}

absl::StatusOr<ItemSender::Found> ItemSender::FindBefore(const v1::ReplayTask& task,
                                                         v1::ReplayItem& item) {
  const auto leave = [&](ErrorReason reason) -> absl::StatusOr<Found> {
    NDX_RETURN_IF_ERROR(Leave(task, reason, item));
    return Found::kSettled;
  };
  const auto registry = parts_.registry.Current();
  const auto resolved =
      routing::Router::Resolve(*registry, item.method(), item.provider(), parts_.clock.Now());
  const auto* const route = std::get_if<routing::Route>(&resolved);
  if (route == nullptr) return leave(std::get<core::Refusal>(resolved).reason);
  if (const auto why = ReasonAgainstMethod(*route->method, task.plan().mode())) return leave(*why);
  // The policy has become stricter since a plan that nobody had to approve.
  if (NeedsApproval(*route->method, task.plan().mode()) && !task.plan().needs_approval()) {
    return leave(exchange::v1::ERROR_REASON_REPLAY_APPROVAL_MISSING);
  }
  NDX_ASSIGN_OR_RETURN(const auto id, core::ExchangeId::FromBytes(item.exchange_id()));
  const auto leaves = parts_.reader.LeavesOf(id, item.consumer());
  if (!leaves.ok()) return leave(exchange::v1::ERROR_REASON_EXCHANGE_UNKNOWN);
  const auto sending = SendingOf(*leaves);
  if (!sending.has_value()) return leave(exchange::v1::ERROR_REASON_EXCHANGE_UNKNOWN);
  const bool again = task.plan().include_answered();
  const auto history = ReasonAgainstHistory(*route->method, *sending, task.plan().mode(), again);
  if (history.has_value()) return leave(*history);
  if (task.plan().mode() != v1::REPLAY_MODE_EXECUTE || !route->method->changes()) {
    return Found::kUndecided;
  }
  return FindDoubt(task, *sending, id, item);
}

absl::StatusOr<ItemSender::Step> ItemSender::Send(const v1::ReplayTask& task,
                                                  v1::ReplayItem& item) {
  const auto step_of = [](Found found) {
    return found == Found::kSettled ? Step::kSettled : Step::kGivenUp;
  };
  if (item.state() == v1::REPLAY_ITEM_STATE_SENDING) {
    NDX_ASSIGN_OR_RETURN(const Found found, FindInterrupted(task, item));
    if (found != Found::kUndecided) return step_of(found);
  }
  NDX_ASSIGN_OR_RETURN(const Found found, FindBefore(task, item));
  if (found != Found::kUndecided) return step_of(found);

  NDX_ASSIGN_OR_RETURN(const auto old_id, core::ExchangeId::FromBytes(item.exchange_id()));
  const auto new_id = core::ExchangeId::Generate(parts_.clock, parts_.random);
  item.set_new_exchange_id(std::string(new_id.bytes()));
  item.set_state(v1::REPLAY_ITEM_STATE_SENDING);
  NDX_RETURN_IF_ERROR(parts_.store.PutItems(task.number(), {&item, 1}));
  using Answer = std::variant<ReplayResult, core::Refusal>;
  const auto awaited = std::make_shared<Awaited<Answer>>();
  parts_.replayer.Replay({.consumer = item.consumer(),
                          .exchange_id = old_id,
                          .dry_run = false,
                          .act = ActOf(task),
                          .task = TaskPart{.new_exchange_id = new_id, .mode = task.plan().mode()}},
                         [awaited](Answer answer) { awaited->Set(std::move(answer)); });
  const auto answer = awaited->Wait(give_up_);
  if (!answer.has_value()) return Step::kGivenUp;
  if (const auto* refusal = std::get_if<core::Refusal>(&*answer)) {
    NDX_RETURN_IF_ERROR(Leave(task, refusal->reason, item));
    return Step::kSettled;
  }
  return Conclude(task, std::get<ReplayResult>(*answer), item);
}

absl::StatusOr<ItemSender::Step> ItemSender::Conclude(const v1::ReplayTask& task,
                                                      const ReplayResult& result,
                                                      v1::ReplayItem& item) {
  NDX_ASSIGN_OR_RETURN(const auto id, core::ExchangeId::FromBytes(item.new_exchange_id()));
  const auto leaves = parts_.reader.LeavesOf(id, item.consumer());
  if (!leaves.ok() && !absl::IsNotFound(leaves.status())) return leaves.status();
  // Refused before it was known in whose name: only the answer says it.
  Sending sending{.outcome = v1::SENDING_OUTCOME_NOT_SENT,
                  .grpc_status = static_cast<uint32_t>(result.status.code),
                  .error_reason = result.error_reason};
  if (leaves.ok()) sending = SendingOf(*leaves).value_or(sending);
  const bool not_sent = sending.outcome == v1::SENDING_OUTCOME_NOT_SENT;
  if (not_sent && IsBusy(sending.error_reason)) {
    pause_ = std::max(kBusyPause, result.retry_after.value_or(kBusyPause));
    item.set_reason(sending.error_reason);
    return Step::kBusy;
  }
  TakeSending(sending, item);
  Compare(task, result, item);
  NDX_RETURN_IF_ERROR(Settle(task, StateOf(sending), item));
  return Step::kSettled;
}

void ItemSender::Compare(const v1::ReplayTask& task, const ReplayResult& result,
                         v1::ReplayItem& item) const {
  if (task.plan().mode() != v1::REPLAY_MODE_VERIFY || !result.status.ok()) return;
  if (result.same_answer) return;
  const auto registry = parts_.registry.Current();
  const registry::MethodEntry* const method = registry->FindMethod(item.method());
  if (method == nullptr) return;
  const auto difference =
      CompareAnswers(*method->output, result.recorded_response, result.response);
  item.set_differs(!difference.same());
  for (const FieldDifference& field : difference.fields) item.add_different_fields(field.path);
  item.set_more_fields(difference.more || result.response_cut);
}

}  // namespace ndx::replay
