// ndxctl replay plan, list, show, approve, run, pause, resume, cancel: replays as tasks.
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "ndx/core/mutex.h"
#include "ndx/tools/ndxctl/ask.h"
#include "ndx/tools/ndxctl/command_line.h"
#include "ndx/tools/ndxctl/commands.h"
#include "ndx/tools/ndxctl/error_report.h"
#include "ndx/tools/ndxctl/exchange_printer.h"
#include "ndx/tools/ndxctl/filter_options.h"
#include "ndx/tools/ndxctl/operator_client.h"
#include "ndx/tools/ndxctl/replay_task_text.h"
#include "ndx/tools/ndxctl/text_table.h"

namespace ndx::tools::ndxctl {
namespace {

using ReplayStub = OperatorClient::ReplayStub;

constexpr absl::Duration kFollowLook = absl::Seconds(1);

struct PlanOptions {
  FilterOptions filter;
  std::string mode;
  std::string reason;
  std::string case_number;
  std::string pace;
  uint32_t stop_after = 0;
  uint64_t items_of = 0;
  uint64_t replaces = 0;
  bool include_answered = false;
};

replay::v1::ReplayMode ModeOf(const std::string& word) {
  if (word == "dry-run") return replay::v1::REPLAY_MODE_DRY_RUN;
  if (word == "verify") return replay::v1::REPLAY_MODE_VERIFY;
  return replay::v1::REPLAY_MODE_EXECUTE;
}

ExitCode PlanTask(CommandLine& line, const PlanOptions& options) {
  api::PlanReplayRequest request;
  request.set_mode(ModeOf(options.mode));
  if (options.items_of == 0) {
    const auto expression = ExpressionOf(options.filter, line.clock().Now(), line.terminal());
    if (!expression.ok()) {
      return Complain(line.terminal(), std::string(expression.status().message()),
                      ExitCode::kUsage);
    }
    request.set_filter(*expression);
  }
  const auto pace = ParsePace(options.pace, line.terminal());
  if (!pace.ok()) {
    return Complain(line.terminal(), std::string(pace.status().message()), ExitCode::kUsage);
  }
  request.set_pace_per_minute(*pace);
  request.set_items_of(options.items_of);
  request.set_replaces(options.replaces);
  request.set_reason(options.reason);
  request.set_case_number(options.case_number);
  request.set_stop_after(options.stop_after);
  request.set_include_answered(options.include_answered);
  return Ask(line, &ReplayStub::PlanReplay, request,
             [](const api::PlanReplayResponse& response, Terminal& terminal) {
               PrintReplayTask(response.view(), terminal);
               PrintReplayTallies(response.tallies(), terminal);
             });
}

void AddPlan(CommandLine& line, command_options::Command& replay) {
  auto options = std::make_shared<PlanOptions>();
  command_options::Command command = replay.AddCommand(
      "plan", "Selects exchanges and says which would be sent again; sends nothing (lập kế hoạch)");
  AddFilterOptions(command, options->filter, FilterTimes::kTaken);
  command
      .AddOption("--mode", options->mode,
                 "dry-run: judged as of now; verify: reads asked again and compared; execute: sent")
      .Required()
      .OneOf({"dry-run", "verify", "execute"});
  command.AddOption("--reason", options->reason, "Why; stands in the journal").Required();
  command.AddOption("--case", options->case_number, "Case (số vụ việc); stands in the journal");
  command.AddOption("--pace", options->pace,
                    "At most, 5/s or 30/m; a tenth of the smallest quota where absent");
  command.AddOption("--stop-after", options->stop_after, "Pause after so many failures in a row");
  command.AddOption("--items-of", options->items_of, "The exchanges of this task, no filter");
  command.AddOption("--replaces", options->replaces, "Plan this task of yours anew");
  command.AddFlag("--include-answered", options->include_answered,
                  "Send answered changes too: where the provider has lost them");
  line.Bind(command,
            "  ndxctl replay plan --filter 'method = RegisterChange AND outcome = failed' \\\n"
            "      --from 2026-03-02T08:00 --to 2026-03-02T10:00 --mode dry-run --reason outage\n"
            "  ndxctl replay plan --items-of 7 --mode execute --pace 5/s --reason outage --case 45",
            [&line, options] { return PlanTask(line, *options); });
}

ExitCode ListTasks(CommandLine& line, uint32_t limit) {
  api::ListReplayTasksRequest request;
  request.set_count(limit);
  return Ask(line, &ReplayStub::ListReplayTasks, request,
             [](const api::ListReplayTasksResponse& response, Terminal& terminal) {
               TextTable table({std::string(terminal.Say("TASK", "SỐ")),
                                std::string(terminal.Say("MODE", "CHẾ ĐỘ")),
                                std::string(terminal.Say("STATE", "TRẠNG THÁI")),
                                std::string(terminal.Say("PLANNED", "LẬP LÚC")),
                                std::string(terminal.Say("BY", "NGƯỜI LẬP")),
                                std::string(terminal.Say("EXCHANGES", "GIAO DỊCH")),
                                std::string(terminal.Say("COUNTS", "KẾT QUẢ")),
                                std::string(terminal.Say("REASON", "LÝ DO"))});
               for (const auto& view : response.tasks()) {
                 const auto& task = view.task();
                 table.AddRow(
                     {absl::StrCat(task.number()), ReplayModeText(task.plan().mode(), terminal),
                      ReplayTaskStateText(task, terminal),
                      TimeText(absl::FromUnixNanos(task.plan().planned_unix_ns())),
                      Printable(task.plan().planned_by()), absl::StrCat(task.plan().items()),
                      ReplayCountsText(task.counts(), terminal), Printable(task.plan().reason())});
               }
               table.Print(terminal);
               if (response.more()) terminal.out << "…\n";
             });
}

struct ShowTaskOptions {
  uint64_t number = 0;
  uint32_t items = 20;
  uint32_t after = 0;
  bool failed = false;
  bool different = false;
  uint32_t values_of = 0;
  std::string case_number;
  std::string reason;
};

ExitCode ShowDifference(CommandLine& line, const ShowTaskOptions& options) {
  api::ReadReplayDifferenceRequest request;
  request.set_number(options.number);
  request.set_item(options.values_of);
  request.set_case_number(options.case_number);
  request.set_reason(options.reason);
  return Ask(line, &ReplayStub::ReadReplayDifference, request,
             [](const api::ReadReplayDifferenceResponse& response, Terminal& terminal) {
               TextTable table({std::string(terminal.Say("FIELD", "TRƯỜNG")),
                                std::string(terminal.Say("RECORDED", "LẦN ĐẦU")),
                                std::string(terminal.Say("NOW", "HIỆN TẠI"))});
               for (const auto& difference : response.differences()) {
                 table.AddRow({Printable(difference.path()), Printable(difference.recorded()),
                               Printable(difference.now())});
               }
               table.Print(terminal);
               if (response.more()) terminal.out << "…\n";
             });
}

ExitCode ShowTask(CommandLine& line, const ShowTaskOptions& options) {
  if (options.values_of != 0) return ShowDifference(line, options);
  api::GetReplayTaskRequest request;
  request.set_number(options.number);
  request.set_items(options.items);
  request.set_after_item(options.after);
  request.set_different_only(options.different);
  if (options.failed) {
    request.add_states(replay::v1::REPLAY_ITEM_STATE_NOT_SENT);
    request.add_states(replay::v1::REPLAY_ITEM_STATE_ANSWER_UNKNOWN);
  }
  return Ask(line, &ReplayStub::GetReplayTask, request,
             [](const api::GetReplayTaskResponse& response, Terminal& terminal) {
               PrintReplayTask(response.view(), terminal);
               PrintReplayTallies(response.tallies(), terminal);
               if (response.items().empty()) return;
               terminal.out << "\n";
               PrintReplayItems(response.items(), terminal);
               if (!response.more()) return;
               terminal.out << terminal.Say("more: --after ", "còn nữa: --after ")
                            << response.items().rbegin()->number() << "\n";
             });
}

void AddTaskShow(CommandLine& line, command_options::Command& replay) {
  auto options = std::make_shared<ShowTaskOptions>();
  command_options::Command command =
      replay.AddCommand("show", "Shows a task, its exchanges, and which fields differ");
  command.AddOption("task", options->number, "Number of the task").Required();
  command.AddOption("--items", options->items, "Exchanges at most").Range(0U, 1000U).ShowDefault();
  command.AddOption("--after", options->after, "Exchanges after this one");
  command.AddFlag("--failed", options->failed, "Only those not sent or without answer");
  command.AddFlag("--different", options->different, "Only those whose answer differs");
  command.AddOption("--values", options->values_of,
                    "Values of the fields that differ in this exchange; recorded with your name");
  command.AddOption("--case", options->case_number, "Case (số vụ việc) for which they are read");
  command.AddOption("--reason", options->reason, "Why they are read; stands in the journal");
  line.Bind(command,
            "  ndxctl replay show 7 --different\n"
            "  ndxctl replay show 7 --values 12 --case 45/VV --reason complaint",
            [&line, options] { return ShowTask(line, *options); });
}

struct StepOptions {
  uint64_t number = 0;
  std::string plan;
  bool follow = false;
};

// Shows how it goes on until it does not run any more.
ExitCode Follow(CommandLine& line, uint64_t number) {
  core::Mutex mutex;
  core::CondVar never;
  // The row of a list: nothing has to be counted for it.
  api::ListReplayTasksRequest request;
  request.set_before(number + 1);
  request.set_count(1);
  while (true) {
    api::ListReplayTasksResponse response;
    const grpc::Status status = line.client().Call(&ReplayStub::ListReplayTasks, request, response);
    Terminal& terminal = line.terminal();
    if (!status.ok()) return Report(terminal, status);
    const auto& task = response.tasks(0).task();
    if (terminal.json()) {
      terminal.PrintJson(response.tasks(0));
    } else {
      terminal.out << TimeText(line.clock().Now()) << "  " << ReplayTaskStateText(task, terminal)
                   << "  " << ReplayCountsText(task.counts(), terminal) << "\n";
      terminal.out.flush();
    }
    if (task.state() != replay::v1::REPLAY_TASK_STATE_RUNNING) {
      const bool clean = task.state() == replay::v1::REPLAY_TASK_STATE_FINISHED &&
                         task.counts().not_sent() + task.counts().answer_unknown() == 0;
      return clean ? ExitCode::kOk : ExitCode::kFailed;
    }
    const core::MutexLock lock(mutex);
    never.WaitFor(mutex, kFollowLook);
  }
}

// A step whose answer is the task.
template <typename Request, typename Response>
ExitCode TakeStep(CommandLine& line,
                  grpc::Status (ReplayStub::*method)(grpc::ClientContext*, const Request&,
                                                     Response*),
                  const Request& request, bool follow) {
  const ExitCode done =
      Ask(line, method, request, [follow](const Response& response, Terminal& terminal) {
        if (follow) return;
        PrintReplayTask(response.view(), terminal);
      });
  return done == ExitCode::kOk && follow ? Follow(line, request.number()) : done;
}

template <typename Request, typename Response>
void AddStep(CommandLine& line, command_options::Command& replay, const std::string& name,
             const std::string& about,
             grpc::Status (ReplayStub::*method)(grpc::ClientContext*, const Request&, Response*),
             bool may_follow) {
  auto options = std::make_shared<StepOptions>();
  command_options::Command command = replay.AddCommand(name, about);
  command.AddOption("task", options->number, "Number of the task").Required();
  if (may_follow) {
    command.AddFlag("--follow", options->follow, "Show how it goes on, until it ends or pauses");
  }
  line.Bind(command, absl::StrCat("  ndxctl replay ", name, " 7", may_follow ? " --follow" : ""),
            [&line, options, method] {
              Request request;
              request.set_number(options->number);
              return TakeStep(line, method, request, options->follow);
            });
}

void AddApprove(CommandLine& line, command_options::Command& replay) {
  auto options = std::make_shared<StepOptions>();
  command_options::Command command = replay.AddCommand(
      "approve", "Approves a plan as the second person (người thứ hai phê duyệt)");
  command.AddOption("task", options->number, "Number of the task").Required();
  command.AddOption("--plan", options->plan, "SHA-256 of the plan, as `replay show` says it")
      .Required();
  line.Bind(command, "  ndxctl replay approve 7 --plan 5f2c…", [&line, options] {
    api::ApproveReplayRequest request;
    request.set_number(options->number);
    request.set_plan_sha256(options->plan);
    return TakeStep(line, &ReplayStub::ApproveReplay, request, /*follow=*/false);
  });
}

}  // namespace

void AddReplayTaskCommands(CommandLine& line, command_options::Command& replay) {
  AddPlan(line, replay);
  auto limit = std::make_shared<uint32_t>(50);
  command_options::Command list = replay.AddCommand("list", "Lists tasks, newest first");
  list.AddOption("--limit", *limit, "Tasks at most").Range(1U, 1000U).ShowDefault();
  line.Bind(list, "  ndxctl replay list", [&line, limit] { return ListTasks(line, *limit); });
  AddTaskShow(line, replay);
  AddApprove(line, replay);
  AddStep(line, replay, "run", "Begins a planned task (chạy)", &ReplayStub::RunReplay, true);
  AddStep(line, replay, "pause", "Halts a task after the exchange under way (tạm dừng)",
          &ReplayStub::PauseReplay, false);
  AddStep(line, replay, "resume", "Lets a paused task go on (tiếp tục)", &ReplayStub::ResumeReplay,
          true);
  AddStep(line, replay, "cancel", "Gives a task up; what was sent stays sent (hủy)",
          &ReplayStub::CancelReplay, false);
}

}  // namespace ndx::tools::ndxctl
