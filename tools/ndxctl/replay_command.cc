// ndxctl replay and resolve: acts on one recorded exchange.
#include <memory>
#include <string>

#include "ndx/tools/ndxctl/command_line.h"
#include "ndx/tools/ndxctl/commands.h"
#include "ndx/tools/ndxctl/error_report.h"
#include "ndx/tools/ndxctl/exchange_printer.h"
#include "ndx/tools/ndxctl/operator_client.h"
#include "ndx/tools/ndxctl/registered_types.h"

namespace ndx::tools::ndxctl {
namespace {

using Stub = OperatorClient::Stub;

struct ReplayOptions {
  std::string exchange_id;
  std::string consumer;
  std::string reason;
  bool dry_run = false;
};

void PrintReplay(CommandLine& line, const api::ReplayExchangeResponse& response, bool dry_run) {
  Terminal& terminal = line.terminal();
  terminal.out << (dry_run ? terminal.Say("would send", "chạy thử, sẽ gửi")
                           : terminal.Say("sent", "đã gửi"))
               << " " << response.method() << " → " << response.provider() << "\n"
               << terminal.Say("purpose ", "mục đích khai thác ") << response.purpose() << ", "
               << terminal.Say("idempotency key ", "khóa chống trùng ")
               << response.idempotency_key() << "\n";
  const auto library = TypesOfMethod(line.client(), response.method());
  PrintPayload(std::string(terminal.Say("request", "yêu cầu")), response.request(), library.get(),
               terminal);
  if (dry_run) return;
  terminal.out << terminal.Say("new exchange ", "giao dịch mới ") << response.new_exchange_id()
               << "  " << CodeName(static_cast<int>(response.grpc_status())) << " "
               << response.error_reason() << "\n";
  PrintPayload(std::string(terminal.Say("answer", "trả lời")), response.response(), library.get(),
               terminal);
  terminal.out << (response.same_answer() ? terminal.Say("the answer is the same as recorded",
                                                         "câu trả lời giống lần trước")
                                          : terminal.Say("the answer differs from the recorded one",
                                                         "câu trả lời khác lần trước"))
               << "\n";
}

ExitCode Replay(CommandLine& line, const ReplayOptions& options) {
  // Not required of the command line, since tasks stand under the same command.
  if (options.exchange_id.empty() || options.reason.empty()) {
    return Complain(line.terminal(),
                    std::string(line.terminal().Say(
                        "name the exchange and --reason, or one of the commands of --help",
                        "hãy nêu mã giao dịch và --reason, hoặc một lệnh trong --help")),
                    ExitCode::kUsage);
  }
  api::ReplayExchangeRequest request;
  request.set_exchange_id(options.exchange_id);
  request.set_consumer(options.consumer);
  request.set_dry_run(options.dry_run);
  request.set_reason(options.reason);
  api::ReplayExchangeResponse response;
  const grpc::Status status = line.client().Call(&Stub::ReplayExchange, request, response);
  if (!status.ok()) return Report(line.terminal(), status);
  if (line.terminal().json()) {
    line.terminal().PrintJson(response);
  } else {
    PrintReplay(line, response, options.dry_run);
  }
  return response.grpc_status() == 0 ? ExitCode::kOk : ExitCode::kFailed;
}

struct ResolveOptions {
  std::string exchange_id;
  std::string consumer;
  std::string reason;
};

ExitCode Resolve(CommandLine& line, const ResolveOptions& options) {
  api::ResolveExchangeRequest request;
  request.set_exchange_id(options.exchange_id);
  request.set_consumer(options.consumer);
  request.set_reason(options.reason);
  api::ResolveExchangeResponse response;
  const grpc::Status status = line.client().Call(&Stub::ResolveExchange, request, response);
  if (!status.ok()) return Report(line.terminal(), status);
  Terminal& terminal = line.terminal();
  if (terminal.json()) {
    terminal.PrintJson(response);
  } else {
    switch (response.resolution()) {
      case api::RESOLUTION_DONE:
        terminal.out << terminal.Say("done: the change took effect at the provider",
                                     "đã thực hiện: thay đổi có hiệu lực tại bên cung cấp");
        break;
      case api::RESOLUTION_NOT_DONE:
        terminal.out << terminal.Say("not done: nothing changed, it may be sent again",
                                     "chưa thực hiện: không có thay đổi, có thể gửi lại");
        break;
      case api::RESOLUTION_RUNNING:
        terminal.out << terminal.Say("still running at the provider; ask again later",
                                     "bên cung cấp đang xử lý; hỏi lại sau");
        break;
      default:
        terminal.out << terminal.Say("the provider cannot tell; ask its operators",
                                     "bên cung cấp không trả lời được; hỏi người vận hành bên đó");
    }
    terminal.out << "\n";
    PrintExchange(response.summary(), terminal);
  }
  const bool known = response.resolution() == api::RESOLUTION_DONE ||
                     response.resolution() == api::RESOLUTION_NOT_DONE;
  return known ? ExitCode::kOk : ExitCode::kInDoubt;
}

}  // namespace

void AddReplayCommand(CommandLine& line) {
  auto options = std::make_shared<ReplayOptions>();
  command_options::Command command = line.program().AddCommand(
      "replay", "Executes a recorded exchange again (thực hiện lại), authorised anew");
  command.AddOption("exchange", options->exchange_id, "Exchange id (mã giao dịch)");
  command.AddOption("--consumer", options->consumer, "Where several systems used the id");
  command.AddFlag("--dry-run", options->dry_run, "Only show what would be sent (chạy thử)");
  command.AddOption("--reason", options->reason, "Why; stands in the journal");
  AddReplayTaskCommands(line, command);
  line.Bind(command,
            "  ndxctl replay 01930a5d-ac96-774b-bcce-b302099a8057 --dry-run --reason 'case 17'\n"
            "  ndxctl replay 01930a5d-ac96-774b-bcce-b302099a8057 --reason 'case 17'",
            [&line, options] { return Replay(line, *options); });
}

void AddResolveCommand(CommandLine& line) {
  auto options = std::make_shared<ResolveOptions>();
  command_options::Command command = line.program().AddCommand(
      "resolve", "Asks the provider what became of an exchange in doubt (chưa rõ kết quả)");
  command.AddOption("exchange", options->exchange_id, "Exchange id (mã giao dịch)").Required();
  command.AddOption("--consumer", options->consumer, "Where several systems used the id");
  command.AddOption("--reason", options->reason, "Why; stands in the journal");
  line.Bind(command,
            "  ndxctl journal list --outcome in-doubt\n"
            "  ndxctl resolve 01930a5d-ac96-774b-bcce-b302099a8057",
            [&line, options] { return Resolve(line, *options); });
}

}  // namespace ndx::tools::ndxctl
