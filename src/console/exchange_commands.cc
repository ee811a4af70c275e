// Operator methods that act on a recorded exchange.
#include <memory>

#include "ndx/console/operator_commands.h"
#include "ndx/console/operator_ledger.h"
#include "ndx/console/refusal_status.h"

namespace ndx::console {
namespace {

absl::StatusOr<ExchangeReference> ReferenceTo(const v1::ExchangeSummary& summary) {
  NDX_ASSIGN_OR_RETURN(const auto id, core::ExchangeId::Parse(summary.exchange_id()));
  return ExchangeReference{.consumer = summary.consumer(), .exchange_id = id};
}

// What is recorded before a replay: a dry run only reads the request.
absl::StatusOr<OperatorAct> RecordReplay(const OperatorNode& node, const OperatorIdentity& who,
                                         const v1::ReplayExchangeRequest& request,
                                         const ExchangeHistory& history) {
  NDX_RETURN_IF_ERROR(
      OperatorLedger::CheckReason(request.reason(), OperatorLedger::ReasonNeed::kRequired));
  OperatorAct act{
      .operator_name = who.name, .action = "ReplayExchange", .reason = request.reason()};
  NDX_ASSIGN_OR_RETURN(
      const uint64_t leaf,
      OperatorLedger(node.journal)
          .Record({.event = request.dry_run() ? journal::v1::JOURNAL_EVENT_OPERATOR_READ
                                              : journal::v1::JOURNAL_EVENT_REPLAY_REQUESTED,
                   .operator_name = act.operator_name,
                   .action = act.action,
                   .reason = act.reason,
                   .exchange = history.summary}));
  act.leaf_index = leaf;
  node.log.Write(telemetry::LogEvent::kOperatorCommand, {{"operator", who.name},
                                                         {"action", act.action},
                                                         {"dry_run", request.dry_run()},
                                                         {"leaf", leaf}});
  return act;
}

absl::Status StartReplay(const OperatorNode& node, const OperatorIdentity& who,
                         const v1::ReplayExchangeRequest& request,
                         TypedReply<v1::ReplayExchangeResponse> reply) {
  NDX_ASSIGN_OR_RETURN(const auto history,
                       JournalPages(node.reader).Find(request.exchange_id(), request.consumer()));
  NDX_ASSIGN_OR_RETURN(auto reference, ReferenceTo(history.summary));
  NDX_ASSIGN_OR_RETURN(auto act, RecordReplay(node, who, request, history));
  node.control.ReplayExchange(
      std::move(reference), request.dry_run(), std::move(act),
      [reply](absl::StatusOr<v1::ReplayExchangeResponse> result) mutable { reply.Answer(result); });
  return absl::OkStatus();
}

// The answer after the provider was asked; the journal is read again, on the thread that calls
// back, because the exchange may have a new leaf.
absl::StatusOr<v1::ResolveExchangeResponse> AfterResolution(
    const OperatorNode& node, const v1::ExchangeSummary& before,
    const absl::StatusOr<v1::Resolution>& resolution) {
  NDX_RETURN_IF_ERROR(resolution.status());
  v1::ResolveExchangeResponse response;
  response.set_resolution(*resolution);
  NDX_ASSIGN_OR_RETURN(const auto history,
                       JournalPages(node.reader).Find(before.exchange_id(), before.consumer()));
  *response.mutable_summary() = history.summary;
  return response;
}

absl::Status StartResolution(const OperatorNode& node, const std::shared_ptr<WorkerPool>& workers,
                             const OperatorIdentity& who, const v1::ResolveExchangeRequest& request,
                             TypedReply<v1::ResolveExchangeResponse> reply) {
  NDX_RETURN_IF_ERROR(
      OperatorLedger::CheckReason(request.reason(), OperatorLedger::ReasonNeed::kOptional));
  NDX_ASSIGN_OR_RETURN(const auto history,
                       JournalPages(node.reader).Find(request.exchange_id(), request.consumer()));
  if (history.summary.state() != v1::EXCHANGE_STATE_IN_DOUBT) {
    return RefusalStatus({.reason = exchange::v1::ERROR_REASON_EXCHANGE_NOT_IN_DOUBT});
  }
  NDX_ASSIGN_OR_RETURN(auto reference, ReferenceTo(history.summary));
  node.log.Write(telemetry::LogEvent::kOperatorCommand, {{"operator", who.name},
                                                         {"action", "ResolveExchange"},
                                                         {"exchange_id", reference.exchange_id}});
  OperatorAct act{
      .operator_name = who.name, .action = "ResolveExchange", .reason = request.reason()};
  node.control.ResolveExchange(
      std::move(reference), std::move(act),
      [&node, workers, reply,
       before = history.summary](absl::StatusOr<v1::Resolution> resolution) mutable {
        // The callback may come on an event loop, which must not read the journal.
        auto answer = [&node, reply, before, resolution = std::move(resolution)]() mutable {
          reply.Answer(AfterResolution(node, before, resolution));
        };
        if (!workers->Submit(std::move(answer))) {
          reply.Finish(absl::ResourceExhaustedError(
              "too many operators' calls wait; look the exchange up, it may be resolved"));
        }
      });
  return absl::OkStatus();
}

}  // namespace

void AddExchangeMethods(const OperatorNode& node, const std::shared_ptr<WorkerPool>& workers,
                        OperatorMethods& methods) {
  using settings::v1::OPERATOR_ROLE_REPLAYER;
  methods.Add<v1::ReplayExchangeRequest, v1::ReplayExchangeResponse>(
      "ReplayExchange", OPERATOR_ROLE_REPLAYER,
      [&node](const OperatorIdentity& who, const auto& request, auto reply) {
        if (absl::Status status = StartReplay(node, who, request, reply); !status.ok()) {
          reply.Finish(std::move(status));
        }
      });
  methods.Add<v1::ResolveExchangeRequest, v1::ResolveExchangeResponse>(
      "ResolveExchange", OPERATOR_ROLE_REPLAYER,
      [&node, workers](const OperatorIdentity& who, const auto& request, auto reply) {
        if (absl::Status status = StartResolution(node, workers, who, request, reply);
            !status.ok()) {
          reply.Finish(std::move(status));
        }
      });
}

}  // namespace ndx::console
