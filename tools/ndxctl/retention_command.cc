// ndxctl journal retention: how long payloads are kept, what would be removed now, what was.
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "ndx/tools/ndxctl/command_line.h"
#include "ndx/tools/ndxctl/commands.h"
#include "ndx/tools/ndxctl/error_report.h"
#include "ndx/tools/ndxctl/operator_client.h"
#include "ndx/tools/ndxctl/retention_text.h"
#include "ndx/tools/ndxctl/text_table.h"

namespace ndx::tools::ndxctl {
namespace {

constexpr uint32_t kHistoryRowsMax = 1000;

struct RetentionOptions {
  uint32_t history = 10;
  bool confirm_clock = false;
  std::string reason;
};

std::string KeptText(uint32_t days, const Terminal& terminal) {
  if (days == 0) return std::string(terminal.Say("for ever", "vĩnh viễn"));
  return absl::StrCat(days, terminal.Say(" days", " ngày"));
}

std::string BecauseText(const api::MethodRetention& method, uint32_t level,
                        const Terminal& terminal) {
  if (!method.exception().empty()) {
    return absl::StrCat(terminal.Say("exception ", "ngoại lệ "), Printable(method.exception()));
  }
  if (level == 0) {
    return std::string(terminal.Say("no security level is set", "chưa đặt cấp độ an toàn"));
  }
  return absl::StrCat(terminal.Say("security level ", "cấp độ an toàn "), level);
}

void PrintMethods(const api::GetRetentionResponse& response, Terminal& terminal) {
  TextTable table({std::string(terminal.Say("METHOD", "CHỨC NĂNG")),
                   std::string(terminal.Say("KEPT", "LƯU")),
                   std::string(terminal.Say("BECAUSE OF", "CĂN CỨ")),
                   std::string(terminal.Say("WOULD GO NOW", "SẼ XOÁ NGAY"))});
  for (const api::MethodRetention& method : response.methods()) {
    std::string due;
    if (method.due_exchanges() > 0) {
      due = absl::StrCat(method.due_exchanges(), terminal.Say(" exchanges, ", " giao dịch, "),
                         BytesText(method.due_bytes()));
    }
    table.AddRow({method.method().empty()
                      ? std::string(terminal.Say("(every other)", "(mọi chức năng khác)"))
                      : Printable(method.method()),
                  KeptText(method.keep_days(), terminal),
                  BecauseText(method, response.status().security_level(), terminal), due});
  }
  table.Print(terminal);
  if (!response.forecast_complete()) {
    terminal.out << terminal.Say("not everything was looked at: more is due\n",
                                 "chưa xem hết: còn nội dung đến hạn\n");
  }
}

void PrintHistory(const api::GetRetentionResponse& response, Terminal& terminal) {
  if (response.history().empty()) return;
  terminal.out << "\n";
  TextTable table({std::string(terminal.Say("REMOVED", "ĐÃ XOÁ LÚC")),
                   std::string(terminal.Say("RECORD", "BẢN GHI")),
                   std::string(terminal.Say("EXCHANGES", "GIAO DỊCH")),
                   std::string(terminal.Say("BYTES", "DUNG LƯỢNG")),
                   std::string(terminal.Say("KEPT FOR DAYS", "ĐÃ LƯU (NGÀY)"))});
  for (const api::PruneRecord& record : response.history()) {
    table.AddRow({TimeText(record.time()), absl::StrCat(record.leaf_index()),
                  absl::StrCat(record.exchanges()), BytesText(record.bytes()),
                  absl::StrJoin(record.keep_days(), ", ")});
  }
  table.Print(terminal);
}

ExitCode Show(CommandLine& line, const RetentionOptions& options) {
  api::GetRetentionRequest request;
  request.set_forecast(true);
  request.set_history(options.history);
  api::GetRetentionResponse response;
  const grpc::Status called =
      line.client().Call(&OperatorClient::RetentionStub::GetRetention, request, response);
  if (!called.ok()) return Report(line.terminal(), called);
  Terminal& terminal = line.terminal();
  if (terminal.json()) {
    terminal.PrintJson(response);
    return ExitCode::kOk;
  }
  PrintRetention(response.status(), terminal);
  terminal.out << "\n";
  PrintMethods(response, terminal);
  PrintHistory(response, terminal);
  return ExitCode::kOk;
}

ExitCode ConfirmClock(CommandLine& line, const RetentionOptions& options) {
  api::ConfirmClockRequest request;
  request.set_reason(options.reason);
  api::ConfirmClockResponse response;
  const grpc::Status called =
      line.client().Call(&OperatorClient::RetentionStub::ConfirmClock, request, response);
  if (!called.ok()) return Report(line.terminal(), called);
  Terminal& terminal = line.terminal();
  if (terminal.json()) {
    terminal.PrintJson(response);
    return ExitCode::kOk;
  }
  terminal.out << terminal.Say("the clock is confirmed, recorded as ",
                               "đã xác nhận đồng hồ, ghi tại bản ghi ")
               << response.leaf_index() << "\n";
  PrintRetention(response.status(), terminal);
  return ExitCode::kOk;
}

}  // namespace

void AddRetentionCommand(CommandLine& line, command_options::Command& journal) {
  auto options = std::make_shared<RetentionOptions>();
  command_options::Command command = journal.AddCommand(
      "retention",
      "How long payloads are kept (thời hạn lưu trữ), what would be removed now, what was");
  command.AddOption("-n,--history", options->history, "Records of what was removed, newest first")
      .Range(0U, kHistoryRowsMax)
      .ShowDefault();
  auto confirm = command.AddFlag(
      "--confirm-clock", options->confirm_clock,
      "Say that the node's clock is right, after it jumped or the node was off for long");
  auto reason =
      command.AddOption("--reason", options->reason, "With --confirm-clock: on what ground");
  confirm.Needs(reason);
  reason.Needs(confirm);
  line.Bind(command,
            "  ndxctl journal retention\n"
            "  ndxctl journal retention --history 100 --output json\n"
            "  ndxctl journal retention --confirm-clock --reason \"BB-07/2026: time checked\"",
            [&line, options] {
              return options->confirm_clock ? ConfirmClock(line, *options) : Show(line, *options);
            });
}

}  // namespace ndx::tools::ndxctl
