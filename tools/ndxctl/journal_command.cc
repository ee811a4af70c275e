// ndxctl journal list, show, tail, records, verify.
#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "ndx/journal/verify_journal.h"
#include "ndx/tools/ndxctl/caller_credentials.h"
#include "ndx/tools/ndxctl/command_line.h"
#include "ndx/tools/ndxctl/commands.h"
#include "ndx/tools/ndxctl/error_report.h"
#include "ndx/tools/ndxctl/exchange_printer.h"
#include "ndx/tools/ndxctl/registered_types.h"
#include "ndx/tools/ndxctl/time_argument.h"

namespace ndx::tools::ndxctl {
namespace {

using Stub = OperatorClient::Stub;

constexpr uint32_t kPageRows = 200;

struct FilterOptions {
  std::string from;
  std::string to;
  std::string consumer;
  std::string provider;
  std::string method;
  std::vector<std::string> outcomes;
  std::string reason;
};

struct ListOptions {
  FilterOptions filter;
  uint32_t limit = 50;
};

const std::vector<std::string>& OutcomeWords() {
  static const auto* const kWords = new std::vector<std::string>(
      {"open", "answered", "failed", "refused", "in-doubt", "resolved"});
  return *kWords;
}

void AddFilter(CLI::App& command, FilterOptions& filter, bool times) {
  if (times) {
    command.add_option("--from", filter.from,
                       "From this time on: 2026-03-02, 2026-03-02T08:15, 2h");
    command.add_option("--to", filter.to, "Before this time");
  }
  command.add_option("--consumer", filter.consumer, "Calling system; 'VN:GOV:H55*' for several");
  command.add_option("--provider", filter.provider, "System asked; likewise");
  command.add_option("--method", filter.method,
                     "Method, Service/Method or full name; '*' at the end");
  command.add_option("--outcome", filter.outcomes, "Only these, comma-separated")
      ->delimiter(',')
      ->check(CLI::IsMember(OutcomeWords()));
  command.add_option("--error", filter.reason, "Only this error reason, such as NO_GRANT");
}

absl::Status SetTime(const std::string& text, absl::Time now,
                     google::protobuf::Timestamp& timestamp) {
  const auto time = ParseTimeArgument(text, now);
  if (!time.ok()) return time.status();
  timestamp.set_seconds(absl::ToUnixSeconds(*time));
  return absl::OkStatus();
}

absl::StatusOr<api::ExchangeFilter> ToFilter(const FilterOptions& options, absl::Time now) {
  api::ExchangeFilter filter;
  absl::Status status;
  if (!options.from.empty()) status.Update(SetTime(options.from, now, *filter.mutable_from()));
  if (!options.to.empty()) status.Update(SetTime(options.to, now, *filter.mutable_to()));
  if (!status.ok()) return status;
  filter.set_consumer(options.consumer);
  filter.set_provider(options.provider);
  filter.set_method(options.method);
  filter.set_error_reason(absl::AsciiStrToUpper(options.reason));
  for (const std::string& word : options.outcomes) filter.add_states(StateOfWord(word));
  return filter;
}

ExitCode List(CommandLine& line, const ListOptions& options) {
  const auto filter = ToFilter(options.filter, line.clock().Now());
  if (!filter.ok()) {
    return Complain(line.terminal(), std::string(filter.status().message()), ExitCode::kUsage);
  }
  TextTable table(ExchangeHeadings(line.terminal()));
  api::ListExchangesRequest request;
  *request.mutable_filter() = *filter;
  uint32_t rows = 0;
  do {
    request.set_page_size(std::min(kPageRows, options.limit - rows));
    api::ListExchangesResponse page;
    const grpc::Status status = line.client().Call(&Stub::ListExchanges, request, page);
    if (!status.ok()) return Report(line.terminal(), status);
    for (const api::ExchangeSummary& exchange : page.exchanges()) {
      if (line.terminal().json()) {
        line.terminal().PrintJson(exchange);
      } else {
        table.AddRow(ExchangeRow(exchange, line.terminal()));
      }
    }
    rows += static_cast<uint32_t>(page.exchanges_size());
    request.set_cursor(page.next_cursor());
  } while (!request.cursor().empty() && rows < options.limit);
  if (!line.terminal().json()) table.Print(line.terminal());
  return ExitCode::kOk;
}

struct ShowOptions {
  std::string exchange_id;
  std::string consumer;
  bool payload = false;
  std::string reason;
};

ExitCode Show(CommandLine& line, const ShowOptions& options) {
  api::GetExchangeRequest request;
  request.set_exchange_id(options.exchange_id);
  request.set_consumer(options.consumer);
  request.set_include_payload(options.payload);
  request.set_reason(options.reason);
  api::GetExchangeResponse response;
  const grpc::Status status = line.client().Call(&Stub::GetExchange, request, response);
  if (!status.ok()) return Report(line.terminal(), status);
  if (line.terminal().json()) {
    line.terminal().PrintJson(response);
    return ExitCode::kOk;
  }
  PrintExchange(response.summary(), line.terminal());
  line.terminal().out << "\n";
  PrintLeaves(response.leaves(), line.terminal());
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

struct TailOptions {
  FilterOptions filter;
  uint32_t backlog = 10;
  uint64_t count = 0;
};

ExitCode Tail(CommandLine& line, const TailOptions& options) {
  const auto filter = ToFilter(options.filter, line.clock().Now());
  if (!filter.ok()) {
    return Complain(line.terminal(), std::string(filter.status().message()), ExitCode::kUsage);
  }
  api::TailExchangesRequest request;
  *request.mutable_filter() = *filter;
  request.set_backlog(options.backlog);
  grpc::ClientContext context;
  const auto stream = line.client().stub().TailExchanges(&context, request);
  api::TailExchangesResponse response;
  uint64_t seen = 0;
  while (stream->Read(&response)) {
    if (response.skipped() > 0) {
      line.terminal().err << "ndxctl: " << response.skipped() << " exchanges left out\n";
    }
    if (line.terminal().json()) {
      line.terminal().PrintJson(response.exchange());
    } else {
      for (const Cell& cell : ExchangeRow(response.exchange(), line.terminal())) {
        line.terminal().out << line.terminal().Paint(Printable(cell.text), cell.colour) << "  ";
      }
      line.terminal().out << "\n";
    }
    line.terminal().out.flush();
    if (options.count > 0 && ++seen >= options.count) context.TryCancel();
  }
  const grpc::Status status = stream->Finish();
  const bool enough = options.count > 0 && seen >= options.count;
  return enough || status.ok() ? ExitCode::kOk : Report(line.terminal(), status);
}

struct RecordsOptions {
  std::vector<std::string> events;
  std::string from;
  std::string operator_name;
  uint32_t limit = 50;
};

ExitCode Records(CommandLine& line, const RecordsOptions& options) {
  api::ListRecordsRequest request;
  for (const std::string& name : options.events) {
    journal::v1::JournalEvent event{};
    if (!journal::v1::JournalEvent_Parse(
            absl::StrCat("JOURNAL_EVENT_", absl::AsciiStrToUpper(name)), &event)) {
      return Complain(line.terminal(),
                      "no such event; events are named like OPERATOR_READ or NODE_STARTED",
                      ExitCode::kUsage);
    }
    request.add_events(event);
  }
  if (!options.from.empty()) {
    const auto from = ParseTimeArgument(options.from, line.clock().Now());
    if (!from.ok()) {
      return Complain(line.terminal(), std::string(from.status().message()), ExitCode::kUsage);
    }
    request.mutable_from()->set_seconds(absl::ToUnixSeconds(*from));
  }
  request.set_operator_name(options.operator_name);
  api::ListRecordsResponse all;
  do {
    request.set_page_size(
        std::min(kPageRows, options.limit - static_cast<uint32_t>(all.records_size())));
    api::ListRecordsResponse page;
    const grpc::Status status = line.client().Call(&Stub::ListRecords, request, page);
    if (!status.ok()) return Report(line.terminal(), status);
    all.mutable_records()->MergeFrom(page.records());
    request.set_cursor(page.next_cursor());
  } while (!request.cursor().empty() && static_cast<uint32_t>(all.records_size()) < options.limit);
  if (line.terminal().json()) {
    for (const api::RecordedLeaf& record : all.records()) line.terminal().PrintJson(record);
  } else {
    PrintLeaves(all.records(), line.terminal());
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
                 << terminal.Say("leaves verified", "bản ghi đã kiểm tra") << "\n";
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

// The public key alone, ready to be kept in a file.
ExitCode PrintKey(CommandLine& line) {
  api::GetStatusResponse status;
  const grpc::Status called = line.client().Call(&OperatorClient::Stub::GetStatus, {}, status);
  if (!called.ok()) return Report(line.terminal(), called);
  line.terminal().out << status.journal().vkey() << "\n";
  return ExitCode::kOk;
}

struct VerifyOptions {
  std::string directory;
  std::vector<std::string> key_files;
};

ExitCode VerifyOffline(CommandLine& line, const VerifyOptions& options) {
  journal::VerifyOptions verify;
  for (const std::string& file : options.key_files) {
    const auto text = ReadFile(file);
    if (!text.ok()) {
      return Complain(line.terminal(), std::string(text.status().message()), ExitCode::kUsage);
    }
    verify.vkeys.emplace_back(absl::StripAsciiWhitespace(*text));
  }
  if (verify.vkeys.empty()) {
    return Complain(line.terminal(), "--directory needs the node's public key, --key FILE",
                    ExitCode::kUsage);
  }
  const auto report = journal::VerifyJournal(options.directory, verify);
  if (!report.ok()) {
    return Complain(line.terminal(), std::string(report.status().message()), ExitCode::kFailed);
  }
  api::VerifyJournalResponse result;
  result.set_leaves_verified(report->leaves);
  result.set_leaves_total(report->leaves);
  result.set_done(true);
  result.set_intact(report->ok());
  for (const journal::VerifyProblem& problem : report->problems) {
    api::JournalFinding& finding = *result.add_findings();
    if (problem.first_leaf.has_value()) finding.set_leaf_index_plus_one(*problem.first_leaf + 1);
    finding.set_text(problem.ToString());
  }
  return PrintVerification(result, line.terminal());
}

void AddList(CommandLine& line, CLI::App& journal) {
  auto options = std::make_shared<ListOptions>();
  CLI::App& command = *journal.add_subcommand("list", "Lists exchanges, newest first");
  AddFilter(command, options->filter, /*times=*/true);
  command.add_option("-n,--limit", options->limit, "Rows at most")
      ->check(CLI::Range(1, 1'000'000))
      ->capture_default_str();
  line.Bind(command,
            "  ndxctl journal list --from 2026-03-02 --to 2026-03-03 --consumer 'VN:GOV:H55*'\n"
            "  ndxctl journal list --outcome failed,in-doubt --output json",
            [&line, options] { return List(line, *options); });
}

void AddShow(CommandLine& line, CLI::App& journal) {
  auto options = std::make_shared<ShowOptions>();
  CLI::App& command = *journal.add_subcommand("show", "Shows one exchange with all its leaves");
  command.add_option("exchange", options->exchange_id, "Exchange id (mã giao dịch)")->required();
  command.add_option("--consumer", options->consumer, "Where several systems used the id");
  command.add_flag("--payload", options->payload,
                   "Show request and answer; recorded with your name");
  command.add_option("--reason", options->reason, "Why the payload is read; stands in the journal");
  line.Bind(command,
            "  ndxctl journal show 01930a5d-ac96-774b-bcce-b302099a8057\n"
            "  ndxctl journal show 01930a5d-ac96-774b-bcce-b302099a8057 --payload --reason "
            "'complaint 17/KN'",
            [&line, options] { return Show(line, *options); });
}

void AddTail(CommandLine& line, CLI::App& journal) {
  auto options = std::make_shared<TailOptions>();
  CLI::App& command = *journal.add_subcommand("tail", "Shows exchanges as they are recorded");
  AddFilter(command, options->filter, /*times=*/false);
  command.add_option("-n,--backlog", options->backlog, "Begin with so many of the newest")
      ->check(CLI::Range(0, 1000))
      ->capture_default_str();
  command.add_option("--count", options->count, "End after so many; 0 means never");
  line.Bind(command, "  ndxctl journal tail --outcome refused",
            [&line, options] { return Tail(line, *options); });
}

void AddRecords(CommandLine& line, CLI::App& journal) {
  auto options = std::make_shared<RecordsOptions>();
  CLI::App& command =
      *journal.add_subcommand("records", "Lists records of any kind, also what operators did");
  command.add_option("--event", options->events, "Only these, comma-separated")->delimiter(',');
  command.add_option("--from", options->from, "From this time on");
  command.add_option("--operator", options->operator_name, "Only acts of this operator");
  command.add_option("-n,--limit", options->limit, "Rows at most")
      ->check(CLI::Range(1, 1'000'000))
      ->capture_default_str();
  line.Bind(command,
            "  ndxctl journal records --event OPERATOR_READ,REPLAY_REQUESTED --from 7d\n"
            "  ndxctl journal records --event NODE_STARTED",
            [&line, options] { return Records(line, *options); });
}

void AddVerify(CommandLine& line, CLI::App& journal) {
  auto options = std::make_shared<VerifyOptions>();
  CLI::App& command = *journal.add_subcommand(
      "verify", "Verifies every leaf, the tree and the checkpoint, on the node or on a copy");
  command.add_option("--directory", options->directory, "A copy of a journal; needs no node");
  command.add_option("--key", options->key_files, "File with the node's public key (vkey)");
  line.Bind(command,
            "  ndxctl journal verify\n"
            "  ndxctl journal verify --directory /backup/journal --key node.vkey",
            [&line, options] {
              return options->directory.empty() ? VerifyOnline(line)
                                                : VerifyOffline(line, *options);
            });
}

void AddKey(CommandLine& line, CLI::App& journal) {
  CLI::App& command = *journal.add_subcommand(
      "key", "Prints the public key (vkey) by which receipts and journal are verified");
  line.Bind(command, "  ndxctl journal key > node.vkey", [&line] { return PrintKey(line); });
}

}  // namespace

void AddJournalCommand(CommandLine& line) {
  CLI::App& journal =
      *line.app().add_subcommand("journal", "The journal (nhật ký giao dịch) of the node");
  journal.require_subcommand(1);
  journal.fallthrough();
  AddList(line, journal);
  AddShow(line, journal);
  AddTail(line, journal);
  AddRecords(line, journal);
  AddVerify(line, journal);
  AddKey(line, journal);
}

}  // namespace ndx::tools::ndxctl
