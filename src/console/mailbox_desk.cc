#include "ndx/console/mailbox_desk.h"

#include <algorithm>
#include <optional>

#include "absl/strings/str_cat.h"
#include "ndx/console/operator_ledger.h"
#include "ndx/core/status_macros.h"

namespace ndx::console {
namespace {

OperatorLedger::Entry StopEntry(const std::string& who, const std::string& action,
                                const std::string& reason, const dispatch::StopScope& scope) {
  std::string note = scope.everything() ? "all" : "";
  if (!scope.service.empty()) absl::StrAppend(&note, "service ", scope.service);
  if (!scope.provider.empty()) {
    absl::StrAppend(&note, note.empty() ? "" : " ", "provider ", scope.provider);
  }
  return {.event = journal::v1::JOURNAL_EVENT_OPERATOR_ORDERED,
          .operator_name = who,
          .action = action,
          .reason = reason,
          .note = std::move(note)};
}

OperatorLedger::Entry KeptEntry(journal::v1::JournalEvent event, const std::string& who,
                                const std::string& action, const std::string& reason,
                                const mailbox::v1::KeptItem& item) {
  OperatorLedger::Entry entry{
      .event = event, .operator_name = who, .action = action, .reason = reason};
  const auto id = core::ExchangeId::FromBytes(item.exchange_id());
  entry.exchange.set_exchange_id(id.value_or(core::ExchangeId()).ToString());
  entry.exchange.set_consumer(item.consumer());
  entry.exchange.set_provider(item.provider());
  entry.exchange.set_method(item.method());
  entry.submitted_plus_one = item.submitted_plus_one();
  return entry;
}

}  // namespace

absl::StatusOr<MailboxDesk::Stopped> MailboxDesk::Stop(const std::string& who,
                                                       const dispatch::StopScope& scope,
                                                       const std::string& reason) {
  const core::MutexLock one_at_a_time(deciding_);
  for (dispatch::StopOrder& order : parts_.stops.Orders()) {
    if (order.scope == scope) return Stopped{.order = std::move(order), .was_stopped = true};
  }
  Stopped stopped{
      .order = {
          .scope = scope, .since = parts_.clock.Now(), .operator_name = who, .reason = reason}};
  NDX_ASSIGN_OR_RETURN(
      stopped.order.leaf_index,
      OperatorLedger(parts_.journal).Record(StopEntry(who, "StopDeliveries", reason, scope)));
  NDX_RETURN_IF_ERROR(parts_.stops.Stop(stopped.order));
  Tell(telemetry::LogEvent::kDeliveriesStopped, who, "StopDeliveries", stopped.order.leaf_index);
  return stopped;
}

absl::StatusOr<uint64_t> MailboxDesk::Resume(const std::string& who,
                                             const dispatch::StopScope& scope,
                                             const std::string& reason) {
  const core::MutexLock one_at_a_time(deciding_);
  std::optional<uint64_t> ordered;
  for (const dispatch::StopOrder& order : parts_.stops.Orders()) {
    if (order.scope == scope) ordered = order.leaf_index;
  }
  if (!ordered.has_value()) return absl::NotFoundError("no stop order of this scope is in force");
  OperatorLedger::Entry entry = StopEntry(who, "ResumeDeliveries", reason, scope);
  entry.continues = ordered;
  NDX_ASSIGN_OR_RETURN(const uint64_t leaf, OperatorLedger(parts_.journal).Record(entry));
  NDX_RETURN_IF_ERROR(parts_.stops.Resume(scope));
  Tell(telemetry::LogEvent::kDeliveriesResumed, who, "ResumeDeliveries", leaf);
  return leaf;
}

absl::StatusOr<uint64_t> MailboxDesk::Retry(const std::string& who, const broker::KeptKey& key,
                                            const std::string& reason) {
  const core::MutexLock one_at_a_time(deciding_);
  NDX_ASSIGN_OR_RETURN(const auto item, parts_.mailbox.Find(key));
  if (item.state() != mailbox::v1::KEPT_STATE_DEAD) {
    return absl::FailedPreconditionError("the request is not dead; it is being delivered");
  }
  NDX_ASSIGN_OR_RETURN(const uint64_t leaf,
                       OperatorLedger(parts_.journal)
                           .Record(KeptEntry(journal::v1::JOURNAL_EVENT_DELIVERY_RESUMED, who,
                                             "RetryKept", reason, item)));
  NDX_RETURN_IF_ERROR(parts_.mailbox.Again(key));
  Tell(telemetry::LogEvent::kOperatorCommand, who, "RetryKept", leaf);
  return leaf;
}

absl::StatusOr<uint64_t> MailboxDesk::Discard(const std::string& who, const broker::KeptKey& key,
                                              const std::string& reason) {
  const core::MutexLock one_at_a_time(deciding_);
  NDX_ASSIGN_OR_RETURN(const auto item, parts_.mailbox.Hold(key));
  const auto leaf = OperatorLedger(parts_.journal)
                        .Record(KeptEntry(journal::v1::JOURNAL_EVENT_DELIVERY_DISCARDED, who,
                                          "DiscardKept", reason, item));
  NDX_RETURN_IF_ERROR(parts_.mailbox.Release(key, /*discarded=*/leaf.ok()));
  NDX_RETURN_IF_ERROR(leaf.status());
  Tell(telemetry::LogEvent::kOperatorCommand, who, "DiscardKept", *leaf);
  return leaf;
}

void MailboxDesk::Tell(telemetry::LogEvent event, const std::string& who, const std::string& action,
                       uint64_t leaf) {
  parts_.log.Write(event, {{"operator", who}, {"action", action}, {"leaf", leaf}});
}

}  // namespace ndx::console
