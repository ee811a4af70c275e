#include "ndx/tools/ndxctl/filter_options.h"

#include "absl/strings/str_cat.h"
#include "ndx/core/status_macros.h"
#include "ndx/search/filter.h"
#include "ndx/search/filter_text.h"
#include "ndx/tools/ndxctl/text_table.h"
#include "ndx/tools/ndxctl/time_argument.h"

namespace ndx::tools::ndxctl {
namespace {

const std::vector<std::string>& OutcomeWords() {
  static const auto* const kWords = new std::vector<std::string>(
      {"open", "answered", "failed", "refused", "in-doubt", "resolved"});
  return *kWords;
}

// Characters, not bytes, before a place.
size_t ColumnOf(const std::string& text, size_t position) {
  size_t column = 0;
  for (size_t i = 0; i < std::min(position, text.size()); ++i) {
    if ((static_cast<unsigned char>(text[i]) & 0xC0) != 0x80) ++column;
  }
  return column;
}

}  // namespace

void AddFilterOptions(command_options::Command& command, FilterOptions& options,
                      FilterTimes times) {
  command.AddOption("--filter", options.expression,
                    "Expression, such as 'outcome = failed AND duration > 2s'; see below");
  if (times == FilterTimes::kTaken) {
    command.AddOption("--from", options.from,
                      "From this time on: 2026-03-02, 2026-03-02T08:15, 2h; a day where absent");
    command.AddOption("--to", options.to, "Before this time");
  }
  command.AddOption("--consumer", options.consumer, "Calling system; 'VN:GOV:H55*' for several");
  command.AddOption("--provider", options.provider, "System asked; likewise");
  command.AddOption("--method", options.method,
                    "Method, Service/Method or full name; '*' at the end");
  command.AddOption("--outcome", options.outcomes, "Only these, comma-separated")
      .SeparatedBy(',')
      .OneOf(OutcomeWords());
  command.AddOption("--error", options.reason, "Only this error reason, such as NO_GRANT");
}

absl::Status CheckExpression(const std::string& expression, absl::Time now,
                             const Terminal& terminal) {
  search::FilterFault fault;
  if (search::Filter::Parse(expression, now, &fault).ok()) return absl::OkStatus();
  const size_t column = ColumnOf(expression, fault.position);
  return absl::InvalidArgumentError(
      absl::StrCat(terminal.Say("filter, character ", "bộ lọc, ký tự "), column + 1, ": ",
                   terminal.Say(fault.english, fault.vietnamese), "\n  ", Printable(expression),
                   "\n  ", std::string(column, ' '), "^"));
}

absl::StatusOr<std::string> ExpressionOf(const FilterOptions& options, absl::Time now,
                                         const Terminal& terminal) {
  search::FilterText text;
  if (!options.from.empty()) {
    NDX_ASSIGN_OR_RETURN(const absl::Time from, ParseTimeArgument(options.from, now));
    text.AddFrom(from);
  }
  if (!options.to.empty()) {
    NDX_ASSIGN_OR_RETURN(const absl::Time to, ParseTimeArgument(options.to, now));
    text.AddBefore(to);
  }
  text.Add("consumer", options.consumer)
      .Add("provider", options.provider)
      .Add("method", options.method)
      .Add("reason", options.reason)
      .AddAny("outcome", options.outcomes);
  NDX_RETURN_IF_ERROR(CheckExpression(options.expression, now, terminal));
  text.AddExpression(options.expression);
  NDX_RETURN_IF_ERROR(CheckExpression(text.str(), now, terminal));
  return text.str();
}

}  // namespace ndx::tools::ndxctl
