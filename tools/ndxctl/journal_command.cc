// ndxctl journal show, verify, reindex; its lists stand in journal_lists.cc.
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "ndx/console/verification_view.h"
#include "ndx/journal/verify_journal.h"
#include "ndx/tools/ndxctl/command_line.h"
#include "ndx/tools/ndxctl/commands.h"
#include "ndx/tools/ndxctl/error_report.h"
#include "ndx/tools/ndxctl/exchange_printer.h"
#include "ndx/tools/ndxctl/journal_lists.h"
#include "ndx/tools/ndxctl/journal_queries.h"
#include "ndx/tools/ndxctl/key_files.h"
#include "ndx/tools/ndxctl/operator_client.h"
#include "ndx/tools/ndxctl/registered_types.h"
#include "ndx/tools/ndxctl/text_table.h"

namespace ndx::tools::ndxctl {
namespace {

using Stub = OperatorClient::Stub;

struct ShowOptions {
  std::string exchange_id;
  std::string consumer;
  bool payload = false;
  std::string case_number;
  std::string reason;
  std::string directory;
};

void PrintReplays(const google::protobuf::RepeatedPtrField<api::ExchangeSummary>& replays,
                  Terminal& terminal) {
  if (replays.empty()) return;
  terminal.out << "\n" << terminal.Say("executed again by", "được thực hiện lại bởi") << "\n";
  TextTable table(ExchangeHeadings(terminal));
  for (const api::ExchangeSummary& replay : replays) table.AddRow(ExchangeRow(replay, terminal));
  table.Print(terminal);
}

ExitCode Show(CommandLine& line, const ShowOptions& options) {
  api::GetExchangeRequest request;
  request.set_exchange_id(options.exchange_id);
  request.set_consumer(options.consumer);
  request.set_include_payload(options.payload);
  request.set_case_number(options.case_number);
  request.set_reason(options.reason);
  api::GetExchangeResponse response;
  const auto queries = JournalQueries::Open(line, options.directory);
  if (!queries.ok()) return Explain(queries.status(), line.terminal());
  const grpc::Status status = (*queries)->GetExchange(request, response);
  if (!status.ok()) return Report(line.terminal(), status);
  if (line.terminal().json()) {
    line.terminal().PrintJson(response);
    return ExitCode::kOk;
  }
  PrintExchange(response.summary(), line.terminal());
  PrintProofs(response.leaves(), line.terminal());
  PrintWay(response.leaves(), line.terminal());
  line.terminal().out << "\n";
  PrintLeaves(response.leaves(), line.terminal());
  PrintReplays(response.replays(), line.terminal());
  if (options.payload) {
    const auto library = TypesOfMethod(line.client(), response.summary().method());
    const Terminal& terminal = line.terminal();
    line.terminal().out << "\n";
    PrintPayload(std::string(terminal.Say("request", "yêu cầu")), response.request(), library.get(),
                 line.terminal());
    PrintPayload(std::string(terminal.Say("answer", "trả lời")), response.response(), library.get(),
                 line.terminal());
  }
  return ExitCode::kOk;
}

// The result of either way of verifying, in one form.
ExitCode PrintVerification(const api::VerifyJournalResponse& result, Terminal& terminal) {
  if (terminal.json()) {
    terminal.PrintJson(result);
  } else if (result.intact()) {
    terminal.out << terminal.Paint(terminal.Say("intact", "toàn vẹn"), Colour::kGood) << ", "
                 << result.leaves_verified() << " "
                 << terminal.Say("leaves verified", "bản ghi đã kiểm tra") << ", "
                 << result.payloads_verified() << " "
                 << terminal.Say("payloads", "nội dung đã kiểm tra");
    if (result.payloads_pruned() > 0) {
      terminal.out << ", " << result.payloads_pruned() << " "
                   << terminal.Say("payloads gone after their time",
                                   "nội dung đã hủy khi hết thời hạn lưu");
    }
    terminal.out << "\n";
  } else {
    terminal.out << terminal.Paint(terminal.Say("NOT INTACT", "KHÔNG TOÀN VẸN"), Colour::kBad)
                 << ", " << result.findings_size() << " " << terminal.Say("findings", "phát hiện")
                 << "\n";
    for (const api::JournalFinding& finding : result.findings()) {
      terminal.out << "  " << Printable(finding.text()) << "\n";
    }
  }
  return result.intact() ? ExitCode::kOk : ExitCode::kNotIntact;
}

ExitCode VerifyOnline(CommandLine& line) {
  grpc::ClientContext context;
  const auto stream = line.client().stub().VerifyJournal(&context, {});
  api::VerifyJournalResponse response;
  api::VerifyJournalResponse result;
  while (stream->Read(&response)) {
    if (response.done()) {
      result = response;
    } else if (line.terminal().colours) {
      line.terminal().err << "\r" << response.leaves_verified() << " / " << response.leaves_total()
                          << "\r";
    }
  }
  const grpc::Status status = stream->Finish();
  return status.ok() ? PrintVerification(result, line.terminal()) : Report(line.terminal(), status);
}

struct VerifyOptions {
  std::string directory;
  std::vector<std::string> key_files;
};

ExitCode VerifyOffline(CommandLine& line, const VerifyOptions& options) {
  const auto vkeys = ReadVkeys(options.key_files);
  if (!vkeys.ok()) {
    return Complain(line.terminal(), std::string(vkeys.status().message()), ExitCode::kUsage);
  }
  const journal::VerifyOptions verify{.vkeys = *vkeys};
  if (verify.vkeys.empty()) {
    return Complain(line.terminal(), "--directory needs the node's public key, --key FILE",
                    ExitCode::kUsage);
  }
  const auto report = journal::VerifyJournal(options.directory, verify);
  if (!report.ok()) {
    return Complain(line.terminal(), std::string(report.status().message()), ExitCode::kFailed);
  }
  return PrintVerification(console::VerificationView(*report, report->problems.size()),
                           line.terminal());
}

void AddShow(CommandLine& line, command_options::Command& journal) {
  auto options = std::make_shared<ShowOptions>();
  command_options::Command command =
      journal.AddCommand("show", "Shows one exchange with all its leaves");
  command.AddOption("exchange", options->exchange_id, "Exchange id (mã giao dịch)").Required();
  command.AddOption("--consumer", options->consumer, "Where several systems used the id");
  command.AddFlag("--payload", options->payload,
                  "Show request and answer; recorded with your name");
  command.AddOption("--case", options->case_number,
                    "Case (số vụ việc) for which the payload is read; stands in the journal");
  command.AddOption("--reason", options->reason, "Why the payload is read; stands in the journal");
  command.AddOption("--directory", options->directory, kDirectoryHelp);
  line.Bind(command,
            "  ndxctl journal show 01930a5d-ac96-774b-bcce-b302099a8057\n"
            "  ndxctl journal show 01930a5d-ac96-774b-bcce-b302099a8057 --payload --case 17/KN "
            "--reason complaint",
            [&line, options] { return Show(line, *options); });
}

void AddVerify(CommandLine& line, command_options::Command& journal) {
  auto options = std::make_shared<VerifyOptions>();
  command_options::Command command = journal.AddCommand(
      "verify", "Verifies every leaf, the tree and the checkpoint, on the node or on a copy");
  command.AddOption("--directory", options->directory, "A copy of a journal; needs no node");
  command.AddOption("--key", options->key_files, "File with the node's public key (vkey)");
  line.Bind(command,
            "  ndxctl journal verify\n"
            "  ndxctl journal verify --directory /backup/journal --key node.vkey",
            [&line, options] {
              return options->directory.empty() ? VerifyOnline(line)
                                                : VerifyOffline(line, *options);
            });
}

ExitCode Reindex(CommandLine& line) {
  api::RebuildSearchIndexResponse response;
  const grpc::Status status = line.client().Call(&Stub::RebuildSearchIndex, {}, response);
  if (!status.ok()) return Report(line.terminal(), status);
  if (line.terminal().json()) {
    line.terminal().PrintJson(response);
  } else {
    line.terminal().out << line.terminal().Say("the search index is being built anew from ",
                                               "đang dựng lại chỉ mục tra cứu từ ")
                        << response.leaves() << line.terminal().Say(" leaves", " bản ghi")
                        << "; ndxctl status\n";
  }
  return ExitCode::kOk;
}

void AddReindex(CommandLine& line, command_options::Command& journal) {
  command_options::Command command = journal.AddCommand(
      "reindex", "Builds the search index anew from the journal; searches go on, slower");
  line.Bind(command, "  ndxctl journal reindex", [&line] { return Reindex(line); });
}

}  // namespace

void AddJournalCommand(CommandLine& line) {
  command_options::Command journal =
      line.program().AddCommand("journal", "The journal (nhật ký giao dịch) of the node");
  journal.RequireCommand();
  AddJournalLists(line, journal);
  AddShow(line, journal);
  AddVerify(line, journal);
  AddReindex(line, journal);
  AddJournalKeys(line, journal);
  AddJournalExport(line, journal);
  AddJournalBackup(line, journal);
  AddJournalImport(line, journal);
  AddAnchorsCommand(line, journal);
  AddKeeperCommands(line, journal);
  AddRetentionCommand(line, journal);
}

}  // namespace ndx::tools::ndxctl
