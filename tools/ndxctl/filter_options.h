// The options by which lists of the journal are narrowed, as one expression of the filter language.
//
// Thread-safety: thread-compatible.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "ndx/tools/command_options/command.h"
#include "ndx/tools/ndxctl/terminal.h"

namespace ndx::tools::ndxctl {

struct FilterOptions {
  std::string from;
  std::string to;
  std::string consumer;
  std::string provider;
  std::string method;
  std::vector<std::string> outcomes;
  std::string reason;
  std::string expression;
};

enum class FilterTimes { kTaken, kNotTaken };

// Adds --filter, --consumer … and, where times are taken, --from and --to.
void AddFilterOptions(command_options::Command& command, FilterOptions& options, FilterTimes times);

// The expression. kInvalidArgument with what is wrong and, for --filter, where, in the operator's
// language.
absl::StatusOr<std::string> ExpressionOf(const FilterOptions& options, absl::Time now,
                                         const Terminal& terminal);

// OK if the expression can be read; else as above.
absl::Status CheckExpression(const std::string& expression, absl::Time now,
                             const Terminal& terminal);

}  // namespace ndx::tools::ndxctl
