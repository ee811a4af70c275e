// Operator methods about how long payloads are kept.
#include <map>
#include <string>

#include "absl/strings/str_cat.h"
#include "ndx/console/operator_commands.h"
#include "ndx/console/operator_ledger.h"
#include "ndx/console/retention_view.h"
#include "ndx/core/status_macros.h"

namespace ndx::console {
namespace {

constexpr uint32_t kHistoryRowsMax = 1000;

absl::StatusOr<v1::GetRetentionResponse> GetRetention(const OperatorNode& node,
                                                      const v1::GetRetentionRequest& request) {
  if (node.retention == nullptr) return absl::UnimplementedError("this node keeps no payloads");
  if (request.history() > kHistoryRowsMax) {
    return absl::InvalidArgumentError(
        absl::StrCat("at most ", kHistoryRowsMax, " records of what was removed"));
  }
  const journal::PayloadRetention& retention = *node.retention;
  v1::GetRetentionResponse response;
  *response.mutable_status() = RetentionStatusOf(retention);
  journal::PruneForecast forecast;
  if (request.forecast()) {
    NDX_ASSIGN_OR_RETURN(forecast, retention.Forecast());
    response.set_forecast_complete(forecast.complete);
  }
  AddMethods(*node.registry.Current(), retention.rules(), forecast, response);
  if (request.history() == 0) return response;
  const uint64_t before = request.before_leaf() == 0 ? UINT64_MAX : request.before_leaf();
  NDX_ASSIGN_OR_RETURN(const auto history, retention.History(before, request.history()));
  for (const journal::PruneRecord& record : history) {
    *response.add_history() = PruneRecordOf(record);
  }
  return response;
}

absl::StatusOr<v1::ConfirmClockResponse> ConfirmClock(const OperatorNode& node,
                                                      const OperatorIdentity& who,
                                                      const v1::ConfirmClockRequest& request) {
  if (node.retention == nullptr) return absl::UnimplementedError("this node keeps no payloads");
  NDX_RETURN_IF_ERROR(
      OperatorLedger::CheckReason(request.reason(), OperatorLedger::ReasonNeed::kRequired));
  v1::ConfirmClockResponse response;
  NDX_ASSIGN_OR_RETURN(const uint64_t leaf,
                       OperatorLedger(node.journal)
                           .Record({.event = journal::v1::JOURNAL_EVENT_CLOCK_JUMPED,
                                    .operator_name = who.name,
                                    .action = "ConfirmClock",
                                    .reason = request.reason()}));
  node.log.Write(telemetry::LogEvent::kOperatorCommand,
                 {{"operator", who.name}, {"action", "ConfirmClock"}, {"leaf", leaf}});
  NDX_RETURN_IF_ERROR(node.retention->AcceptClock());
  response.set_leaf_index(leaf);
  *response.mutable_status() = RetentionStatusOf(*node.retention);
  return response;
}

}  // namespace

void AddRetentionMethods(const OperatorNode& node, OperatorMethods& methods) {
  methods.AddUnary<v1::GetRetentionRequest, v1::GetRetentionResponse>(
      "GetRetention", settings::v1::OPERATOR_ROLE_VIEWER,
      [&node](const auto&, const auto& request) { return GetRetention(node, request); });
  methods.AddUnary<v1::ConfirmClockRequest, v1::ConfirmClockResponse>(
      "ConfirmClock", settings::v1::OPERATOR_ROLE_ADMINISTRATOR,
      [&node](const OperatorIdentity& who, const auto& request) {
        return ConfirmClock(node, who, request);
      });
}

}  // namespace ndx::console
