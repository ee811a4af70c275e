// Operator methods of ReplayTaskService.
#include <algorithm>
#include <map>
#include <tuple>
#include <utility>

#include "absl/strings/escaping.h"
#include "ndx/console/journal_search.h"
#include "ndx/console/operator_commands.h"
#include "ndx/console/operator_ledger.h"
#include "ndx/console/refusal_status.h"
#include "ndx/console/replay_desk.h"
#include "ndx/console/v1/replay_task_service.pb.h"
#include "ndx/replay/answer_difference.h"
#include "ndx/replay/recorded_exchange.h"

namespace ndx::console {
namespace {

using replay::v1::ReplayItem;
using replay::v1::ReplayTask;

constexpr uint32_t kTasksDefault = 50;
constexpr uint32_t kItemPageMax = 1000;

v1::ReplayTaskView ViewOf(const ReplayDesk& desk, const ReplayTask& task) {
  v1::ReplayTaskView view;
  *view.mutable_task() = task;
  view.set_plan_sha256(absl::BytesToHexString(task.plan_sha256()));
  const absl::Time expires = desk.ExpiresAt(task);
  if (expires != absl::InfiniteFuture()) *view.mutable_expires() = ToTimestamp(expires);
  view.set_waits_for(desk.WaitsFor(task.number()));
  return view;
}

// What a reason means, where nothing has to be filled in.
void ExplainReason(v1::ReplayTally& tally) {
  const auto reason = core::ReasonFromName(tally.reason());
  if (reason == exchange::v1::ERROR_REASON_UNSPECIFIED) return;
  const auto& rules = core::RulesOf(reason);
  if (rules.vi().find('{') != std::string::npos) return;
  tally.set_reason_vi(rules.vi());
  tally.set_reason_en(rules.en());
}

template <typename Response>
absl::Status AddTallies(const ReplayDesk& desk, uint64_t number, Response& response) {
  using Key = std::tuple<std::string, std::string, int, int, std::string>;
  std::map<Key, uint32_t> counts;
  NDX_RETURN_IF_ERROR(desk.store().ForEachItem(number, 0, [&](const ReplayItem& item) {
    ++counts[Key(item.method(), item.provider(), item.recorded(), item.state(), item.reason())];
    return true;
  }));
  for (const auto& [key, count] : counts) {
    v1::ReplayTally& tally = *response.add_tallies();
    tally.set_method(std::get<0>(key));
    tally.set_provider(std::get<1>(key));
    tally.set_recorded(static_cast<replay::v1::SendingOutcome>(std::get<2>(key)));
    tally.set_state(static_cast<replay::v1::ReplayItemState>(std::get<3>(key)));
    tally.set_reason(std::get<4>(key));
    tally.set_count(count);
    ExplainReason(tally);
  }
  return absl::OkStatus();
}

template <typename Response>
absl::StatusOr<Response> TaskShown(const ReplayDesk& desk, const absl::StatusOr<ReplayTask>& task) {
  NDX_RETURN_IF_ERROR(task.status());
  Response response;
  *response.mutable_view() = ViewOf(desk, *task);
  return response;
}

bool NamesSomebody(const search::Filter& filter) {
  using search::FieldName;
  return filter.Mentions(FieldName::kSubject) || filter.Mentions(FieldName::kDossier) ||
         filter.Mentions(FieldName::kOfficer);
}

absl::StatusOr<replay::PlanWish> WishOf(const OperatorNode& node, const OperatorIdentity& who,
                                        const v1::PlanReplayRequest& request) {
  replay::PlanWish wish{.mode = request.mode(),
                        .items_of = request.items_of(),
                        .pace_per_minute = request.pace_per_minute(),
                        .stop_after = request.stop_after(),
                        .include_answered = request.include_answered()};
  if (request.case_number().empty()) {
    NDX_RETURN_IF_ERROR(
        OperatorLedger::CheckReason(request.reason(), OperatorLedger::ReasonNeed::kRequired));
    wish.reason = request.reason();
  } else {
    NDX_ASSIGN_OR_RETURN(wish.reason,
                         OperatorLedger::CaseReason(request.case_number(), request.reason()));
  }
  if (request.items_of() != 0) return wish;
  const JournalSearch search(node);
  NDX_ASSIGN_OR_RETURN(wish.filter, search.Read(request.filter()));
  if (wish.filter.Mentions(search::FieldName::kSubject)) {
    NDX_RETURN_IF_ERROR(
        RecordPersonSearch(node, who, "PlanReplay", request.case_number(), request.reason())
            .status());
  }
  if (!NamesSomebody(wish.filter)) wish.filter_text = request.filter();
  NDX_RETURN_IF_ERROR(search.Resolve(&wish.filter));
  return wish;
}

absl::StatusOr<v1::PlanReplayResponse> Plan(const OperatorNode& node, ReplayDesk& desk,
                                            const OperatorIdentity& who,
                                            const v1::PlanReplayRequest& request) {
  NDX_ASSIGN_OR_RETURN(auto wish, WishOf(node, who, request));
  NDX_ASSIGN_OR_RETURN(const auto task, desk.Plan(who, std::move(wish), request.replaces()));
  v1::PlanReplayResponse response;
  *response.mutable_view() = ViewOf(desk, task);
  NDX_RETURN_IF_ERROR(AddTallies(desk, task.number(), response));
  return response;
}

absl::StatusOr<v1::ListReplayTasksResponse> ListTasks(const ReplayDesk& desk,
                                                      const v1::ListReplayTasksRequest& request) {
  const size_t count =
      request.count() == 0 ? kTasksDefault : std::min(request.count(), kPageSizeMax);
  NDX_ASSIGN_OR_RETURN(const auto tasks, desk.store().Tasks(request.before(), count + 1));
  v1::ListReplayTasksResponse response;
  for (const ReplayTask& task : tasks) {
    if (static_cast<size_t>(response.tasks_size()) == count) {
      response.set_more(true);
      break;
    }
    *response.add_tasks() = ViewOf(desk, task);
  }
  return response;
}

absl::StatusOr<v1::GetReplayTaskResponse> GetTask(const ReplayDesk& desk,
                                                  const v1::GetReplayTaskRequest& request) {
  NDX_ASSIGN_OR_RETURN(const auto task, desk.Find(request.number()));
  v1::GetReplayTaskResponse response;
  *response.mutable_view() = ViewOf(desk, task);
  NDX_RETURN_IF_ERROR(AddTallies(desk, task.number(), response));
  const int most = static_cast<int>(std::min(request.items(), kItemPageMax));
  if (most == 0) return response;
  const auto& states = request.states();
  NDX_RETURN_IF_ERROR(
      desk.store().ForEachItem(request.number(), request.after_item(), [&](const ReplayItem& item) {
        const bool wanted =
            states.empty() || std::find(states.begin(), states.end(), item.state()) != states.end();
        if (!wanted || (request.different_only() && !item.differs())) return true;
        response.set_more(response.items_size() == most);
        if (!response.more()) *response.add_items() = item;
        return !response.more();
      }));
  return response;
}

absl::StatusOr<v1::ReadReplayDifferenceResponse> ReadDifference(
    const OperatorNode& node, const ReplayDesk& desk, const OperatorIdentity& who,
    const v1::ReadReplayDifferenceRequest& request) {
  NDX_ASSIGN_OR_RETURN(const std::string why,
                       OperatorLedger::CaseReason(request.case_number(), request.reason()));
  NDX_ASSIGN_OR_RETURN(const auto task, desk.Find(request.number()));
  NDX_ASSIGN_OR_RETURN(const auto item, desk.store().Item(task.number(), request.item()));
  if (!item.differs()) {
    return absl::FailedPreconditionError("the answer of this exchange is the recorded one");
  }
  NDX_ASSIGN_OR_RETURN(const auto old_id, core::ExchangeId::FromBytes(item.exchange_id()));
  NDX_ASSIGN_OR_RETURN(const auto new_id, core::ExchangeId::FromBytes(item.new_exchange_id()));
  NDX_ASSIGN_OR_RETURN(const auto history,
                       JournalPages(node.reader).Find(old_id.ToString(), item.consumer()));
  NDX_ASSIGN_OR_RETURN(const uint64_t leaf,
                       OperatorLedger(node.journal)
                           .Record({.event = journal::v1::JOURNAL_EVENT_OPERATOR_READ,
                                    .operator_name = who.name,
                                    .action = "ReadReplayDifference",
                                    .reason = why,
                                    .exchange = history.summary}));
  node.log.Write(telemetry::LogEvent::kOperatorCommand,
                 {{"operator", who.name}, {"action", "ReadReplayDifference"}, {"leaf", leaf}});
  v1::ReadReplayDifferenceResponse response;
  response.set_read_leaf_index(leaf);
  const auto recorded = replay::ReadRecorded(node.reader, old_id, item.consumer());
  const auto now = replay::ReadRecorded(node.reader, new_id, item.consumer());
  for (const auto* read : {&recorded, &now}) {
    if (const auto* refusal = std::get_if<core::Refusal>(read)) return RefusalStatus(*refusal);
  }
  const auto registry = node.registry.Current();
  const registry::MethodEntry* const method = registry->FindMethod(item.method());
  if (method == nullptr) {
    return absl::FailedPreconditionError("the method is not registered any more");
  }
  const auto difference = replay::CompareAnswers(
      *method->output, std::get<replay::RecordedExchange>(recorded).payload.response,
      std::get<replay::RecordedExchange>(now).payload.response);
  for (const replay::FieldDifference& field : difference.fields) {
    v1::ReplayDifference& shown = *response.add_differences();
    shown.set_path(field.path);
    shown.set_recorded(field.recorded);
    shown.set_now(field.now);
  }
  response.set_more(difference.more);
  return response;
}

// A method that there is only where the node keeps replay tasks.
template <typename Request, typename Response, typename Answer>
void AddReplayMethod(const OperatorNode& node, OperatorMethods& methods, const std::string& name,
                     OperatorRole role, Answer answer) {
  methods.AddUnary<Request, Response>(
      name, role,
      [&node, answer](const OperatorIdentity& who,
                      const Request& request) -> absl::StatusOr<Response> {
        if (node.replay_desk == nullptr) {
          return absl::FailedPreconditionError("this node keeps no replay tasks");
        }
        return answer(*node.replay_desk, who, request);
      });
}

}  // namespace

void AddReplayTaskMethods(const OperatorNode& node, OperatorMethods& methods) {
  using settings::v1::OPERATOR_ROLE_REPLAYER;
  using settings::v1::OPERATOR_ROLE_VIEWER;
  AddReplayMethod<v1::PlanReplayRequest, v1::PlanReplayResponse>(
      node, methods, "PlanReplay", OPERATOR_ROLE_REPLAYER,
      [&node](ReplayDesk& desk, const auto& who, const auto& asked) {
        return Plan(node, desk, who, asked);
      });
  AddReplayMethod<v1::ListReplayTasksRequest, v1::ListReplayTasksResponse>(
      node, methods, "ListReplayTasks", OPERATOR_ROLE_VIEWER,
      [](ReplayDesk& desk, const auto&, const auto& asked) { return ListTasks(desk, asked); });
  AddReplayMethod<v1::GetReplayTaskRequest, v1::GetReplayTaskResponse>(
      node, methods, "GetReplayTask", OPERATOR_ROLE_VIEWER,
      [](ReplayDesk& desk, const auto&, const auto& asked) { return GetTask(desk, asked); });
  AddReplayMethod<v1::ApproveReplayRequest, v1::ApproveReplayResponse>(
      node, methods, "ApproveReplay", settings::v1::OPERATOR_ROLE_APPROVER,
      [](ReplayDesk& desk, const auto& who, const auto& asked) {
        return TaskShown<v1::ApproveReplayResponse>(
            desk, desk.Approve(who, asked.number(), absl::HexStringToBytes(asked.plan_sha256())));
      });
  AddReplayMethod<v1::RunReplayRequest, v1::RunReplayResponse>(
      node, methods, "RunReplay", OPERATOR_ROLE_REPLAYER,
      [](ReplayDesk& desk, const auto& who, const auto& asked) {
        return TaskShown<v1::RunReplayResponse>(desk, desk.Run(who, asked.number()));
      });
  AddReplayMethod<v1::PauseReplayRequest, v1::PauseReplayResponse>(
      node, methods, "PauseReplay", OPERATOR_ROLE_REPLAYER,
      [](ReplayDesk& desk, const auto& who, const auto& asked) {
        return TaskShown<v1::PauseReplayResponse>(desk, desk.Pause(who, asked.number()));
      });
  AddReplayMethod<v1::ResumeReplayRequest, v1::ResumeReplayResponse>(
      node, methods, "ResumeReplay", OPERATOR_ROLE_REPLAYER,
      [](ReplayDesk& desk, const auto& who, const auto& asked) {
        return TaskShown<v1::ResumeReplayResponse>(desk, desk.Resume(who, asked.number()));
      });
  AddReplayMethod<v1::CancelReplayRequest, v1::CancelReplayResponse>(
      node, methods, "CancelReplay", OPERATOR_ROLE_REPLAYER,
      [](ReplayDesk& desk, const auto& who, const auto& asked) {
        return TaskShown<v1::CancelReplayResponse>(desk, desk.Cancel(who, asked.number()));
      });
  AddReplayMethod<v1::ReadReplayDifferenceRequest, v1::ReadReplayDifferenceResponse>(
      node, methods, "ReadReplayDifference", settings::v1::OPERATOR_ROLE_INVESTIGATOR,
      [&node](ReplayDesk& desk, const auto& who, const auto& asked) {
        return ReadDifference(node, desk, who, asked);
      });
}

}  // namespace ndx::console
