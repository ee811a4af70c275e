#include "ndx/tools/ndxctl/journal_lists.h"

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "ndx/search/filter.h"
#include "ndx/search/filter_text.h"
#include "ndx/tools/ndxctl/command_line.h"
#include "ndx/tools/ndxctl/error_report.h"
#include "ndx/tools/ndxctl/exchange_printer.h"
#include "ndx/tools/ndxctl/filter_options.h"
#include "ndx/tools/ndxctl/journal_queries.h"
#include "ndx/tools/ndxctl/merged_list.h"
#include "ndx/tools/ndxctl/operator_client.h"
#include "ndx/tools/ndxctl/time_argument.h"

namespace ndx::tools::ndxctl {
namespace {

constexpr uint32_t kPageRows = 200;
constexpr char kFields[] =
    "\nFields: time exchange consumer provider service method outcome event reason status code\n"
    "grant purpose procedure relay dossier officer subject replay_of replayed_as duration\n"
    "request_size response_size operator action. Comparisons = != < <= > >= and field:* (has a\n"
    "value), joined by AND, OR (binds tighter), NOT and brackets.\n";

struct ListOptions {
  FilterOptions filter;
  std::string case_number;
  std::string reason;
  uint32_t limit = 50;
  std::string directory;
  std::vector<std::string> also;
};

ExitCode Complain(Terminal& terminal, const absl::Status& status) {
  return Complain(terminal, std::string(status.message()), ExitCode::kUsage);
}

bool OfPersons(const std::string& expression, absl::Time now) {
  const auto filter = search::Filter::Parse(expression, now);
  return filter.ok() && filter->Mentions(search::FieldName::kSubject);
}

// Each row with its node. A node that does not answer is told of, and is no reason to show nothing.
ExitCode ListSeveral(CommandLine& line, const ListOptions& options,
                     const api::ListExchangesRequest& request, bool of_persons) {
  Terminal& terminal = line.terminal();
  MergedList merged(line, options.also, request);
  std::vector<std::string> headings = ExchangeHeadings(terminal);
  headings.emplace_back(terminal.Say("NODE", "NÚT TRỤC"));
  TextTable table(headings);
  for (uint32_t rows = 0; rows < options.limit; ++rows) {
    const auto next = merged.Next();
    if (!next) break;
    if (terminal.json()) {
      terminal.PrintJsonOf(next->node, "exchange", next->exchange);
      continue;
    }
    std::vector<Cell> row = ExchangeRow(next->exchange, terminal);
    row.emplace_back(next->node);
    table.AddRow(row);
  }
  if (!terminal.json()) table.Print(terminal);
  for (const SilentNode& silent : merged.silent()) {
    terminal.err << "ndxctl: "
                 << terminal.Say("its exchanges are missing above, because it did not answer: ",
                                 "danh sách trên thiếu giao dịch của nút không trả lời: ")
                 << silent.node << "\n";
    Report(terminal, silent.status);
  }
  if (merged.silent().size() == options.also.size() + 1) return ExitCode::kUnreachable;
  PrintExtent(merged.extent(), merged.tree_size(), of_persons, terminal);
  return merged.silent().empty() ? ExitCode::kOk : ExitCodeOf(merged.silent().front().status);
}

ExitCode List(CommandLine& line, const ListOptions& options) {
  const absl::Time now = line.clock().Now();
  const auto expression = ExpressionOf(options.filter, now, line.terminal());
  if (!expression.ok()) return Complain(line.terminal(), expression.status());
  api::ListExchangesRequest request;
  request.mutable_filter()->set_expression(*expression);
  request.set_case_number(options.case_number);
  request.set_reason(options.reason);
  if (!options.also.empty()) {
    return ListSeveral(line, options, request, OfPersons(*expression, now));
  }
  const auto queries = JournalQueries::Open(line, options.directory);
  if (!queries.ok()) return Explain(queries.status(), line.terminal());
  TextTable table(ExchangeHeadings(line.terminal()));
  api::ListExchangesResponse page;
  uint32_t rows = 0;
  bool by_default = false;
  do {
    request.set_page_size(std::min(kPageRows, options.limit - rows));
    page.Clear();
    const grpc::Status status = (*queries)->ListExchanges(request, page);
    if (!status.ok()) return Report(line.terminal(), status);
    for (const api::ExchangeSummary& exchange : page.exchanges()) {
      if (line.terminal().json()) {
        line.terminal().PrintJson(exchange);
      } else {
        table.AddRow(ExchangeRow(exchange, line.terminal()));
      }
    }
    rows += static_cast<uint32_t>(page.exchanges_size());
    by_default |= page.extent().from_by_default();
    request.set_cursor(page.next_cursor());
  } while (!request.cursor().empty() && rows < options.limit);
  if (!line.terminal().json()) table.Print(line.terminal());
  page.mutable_extent()->set_from_by_default(by_default);
  PrintExtent(page.extent(), page.tree_size(), OfPersons(*expression, now), line.terminal());
  return ExitCode::kOk;
}

struct TailOptions {
  FilterOptions filter;
  uint32_t backlog = 10;
  uint64_t count = 0;
};

void PrintFollowed(const api::TailExchangesResponse& response, Terminal& terminal) {
  if (response.skipped() > 0) {
    terminal.err << "ndxctl: " << response.skipped() << " exchanges left out\n";
  }
  if (terminal.json()) {
    terminal.PrintJson(response.exchange());
  } else {
    for (const Cell& cell : ExchangeRow(response.exchange(), terminal)) {
      terminal.out << terminal.Paint(Printable(cell.text), cell.colour) << "  ";
    }
    terminal.out << "\n";
  }
  terminal.out.flush();
}

ExitCode Tail(CommandLine& line, const TailOptions& options) {
  const auto expression = ExpressionOf(options.filter, line.clock().Now(), line.terminal());
  if (!expression.ok()) return Complain(line.terminal(), expression.status());
  api::TailExchangesRequest request;
  request.mutable_filter()->set_expression(*expression);
  request.set_backlog(options.backlog);
  grpc::ClientContext context;
  const auto stream = line.client().stub().TailExchanges(&context, request);
  api::TailExchangesResponse response;
  uint64_t seen = 0;
  while (stream->Read(&response)) {
    PrintFollowed(response, line.terminal());
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
  std::string expression;
  uint32_t limit = 50;
  std::string directory;
};

absl::StatusOr<std::string> ExpressionOf(const RecordsOptions& options, absl::Time now,
                                         const Terminal& terminal) {
  search::FilterText text;
  if (!options.from.empty()) {
    const auto from = ParseTimeArgument(options.from, now);
    if (!from.ok()) return from.status();
    text.AddFrom(*from);
  }
  text.Add("operator", options.operator_name).AddAny("event", options.events);
  absl::Status good = CheckExpression(options.expression, now, terminal);
  text.AddExpression(options.expression);
  if (good.ok()) good = CheckExpression(text.str(), now, terminal);
  if (!good.ok()) return good;
  return text.str();
}

ExitCode Records(CommandLine& line, const RecordsOptions& options) {
  const auto expression = ExpressionOf(options, line.clock().Now(), line.terminal());
  if (!expression.ok()) return Complain(line.terminal(), expression.status());
  const auto queries = JournalQueries::Open(line, options.directory);
  if (!queries.ok()) return Explain(queries.status(), line.terminal());
  api::ListRecordsRequest request;
  request.set_filter(*expression);
  api::ListRecordsResponse all;
  api::ListRecordsResponse page;
  do {
    request.set_page_size(
        std::min(kPageRows, options.limit - static_cast<uint32_t>(all.records_size())));
    page.Clear();
    const grpc::Status status = (*queries)->ListRecords(request, page);
    if (!status.ok()) return Report(line.terminal(), status);
    all.mutable_records()->MergeFrom(page.records());
    request.set_cursor(page.next_cursor());
  } while (!request.cursor().empty() && static_cast<uint32_t>(all.records_size()) < options.limit);
  if (line.terminal().json()) {
    for (const api::RecordedLeaf& record : all.records()) line.terminal().PrintJson(record);
  } else {
    PrintLeaves(all.records(), line.terminal());
  }
  page.mutable_extent()->set_from_by_default(options.from.empty() && options.expression.empty());
  PrintExtent(page.extent(), page.tree_size(), /*of_persons=*/false, line.terminal());
  return ExitCode::kOk;
}

void AddList(CommandLine& line, command_options::Command& journal) {
  auto options = std::make_shared<ListOptions>();
  command_options::Command command = journal.AddCommand("list", "Lists exchanges, newest first");
  AddFilterOptions(command, options->filter, FilterTimes::kTaken);
  command.AddOption("--case", options->case_number,
                    "Case (số vụ việc), where the filter names a subject; stands in the journal");
  command.AddOption("--reason", options->reason,
                    "Why, where the filter names a subject; stands in the journal");
  command.AddOption("-n,--limit", options->limit, "Rows at most").Range(1, 1'000'000).ShowDefault();
  const auto directory = command.AddOption("--directory", options->directory, kDirectoryHelp);
  command
      .AddOption(
          "--also", options->also,
          "Sockets of a member's other nodes (nút song song): one list of all, which says who "
          "did not answer")
      .OneEachTime()
      .Excludes(directory);
  line.Bind(command,
            absl::StrCat("  ndxctl journal list --from 2026-03-02 --to 2026-03-03 --consumer "
                         "'VN:GOV:H55*'\n"
                         "  ndxctl journal list --outcome failed,in-doubt --output json\n"
                         "  ndxctl journal list --from 1h --also /run/ndx-b/operator.sock\n"
                         "  ndxctl journal list --filter 'method = VerifyCitizen duration > 2s'\n"
                         "  ndxctl journal list --from 30d --filter 'dossier = "
                         "000.00.01.H55-260302-0001'\n",
                         kFields),
            [&line, options] { return List(line, *options); });
}

void AddTail(CommandLine& line, command_options::Command& journal) {
  auto options = std::make_shared<TailOptions>();
  command_options::Command command =
      journal.AddCommand("tail", "Shows exchanges as they are recorded");
  AddFilterOptions(command, options->filter, FilterTimes::kNotTaken);
  command.AddOption("-n,--backlog", options->backlog, "Begin with so many of the newest")
      .Range(0, 1000)
      .ShowDefault();
  command.AddOption("--count", options->count, "End after so many; 0 means never");
  line.Bind(command, "  ndxctl journal tail --outcome refused",
            [&line, options] { return Tail(line, *options); });
}

void AddRecords(CommandLine& line, command_options::Command& journal) {
  auto options = std::make_shared<RecordsOptions>();
  command_options::Command command =
      journal.AddCommand("records", "Lists records of any kind, also what operators did");
  command.AddOption("--event", options->events, "Only these, comma-separated").SeparatedBy(',');
  command.AddOption("--from", options->from, "From this time on; a day where absent");
  command.AddOption("--operator", options->operator_name, "Only acts of this operator");
  command.AddOption("--filter", options->expression, "Expression, as for journal list");
  command.AddOption("--directory", options->directory, kDirectoryHelp);
  command.AddOption("-n,--limit", options->limit, "Rows at most").Range(1, 1'000'000).ShowDefault();
  line.Bind(command,
            "  ndxctl journal records --event OPERATOR_READ,REPLAY_REQUESTED --from 7d\n"
            "  ndxctl journal records --event NODE_STARTED --from 30d",
            [&line, options] { return Records(line, *options); });
}

}  // namespace

void PrintExtent(const api::SearchExtent& extent, uint64_t tree_size, bool of_persons,
                 Terminal& terminal) {
  std::string text =
      absl::StrCat(terminal.Say("searched from ", "đã tra cứu từ "), TimeText(extent.scanned_to()));
  if (extent.has_to()) {
    absl::StrAppend(&text, terminal.Say(" to ", " đến "), TimeText(extent.to()));
  }
  if (extent.from_by_default()) {
    absl::StrAppend(&text, terminal.Say(", at most a day back; --from goes further",
                                        ", lùi nhiều nhất một ngày; dùng --from để lùi xa hơn"));
  }
  if (of_persons && extent.subjects_to() < tree_size) {
    absl::StrAppend(&text, "; ", tree_size - extent.subjects_to(),
                    terminal.Say(" newest leaves not yet known by person",
                                 " bản ghi mới nhất chưa được lập chỉ mục theo người"));
  }
  terminal.err << "ndxctl: " << text << "\n";
}

void AddJournalLists(CommandLine& line, command_options::Command& journal) {
  AddList(line, journal);
  AddTail(line, journal);
  AddRecords(line, journal);
}

}  // namespace ndx::tools::ndxctl
