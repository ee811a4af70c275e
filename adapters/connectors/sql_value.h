// Values and rows between a database and the messages of a service.
//
// Thread-safety: value types.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <variant>
#include <vector>

#include "absl/status/status.h"

namespace ndx::connectors {

// NULL, a whole number or text. Truth values are 1 and 0, enum values their numbers; decimal
// numbers and dates are text.
using SqlValue = std::variant<std::monostate, int64_t, std::string>;

// Values that code supplies to a statement, by the name after "$" in SqlParameter.field.
using SqlValues = std::map<std::string, SqlValue, std::less<>>;

// One row of a result. Lives as long as the callback that receives it.
struct SqlRow {
  const std::vector<std::string>& columns;
  const std::vector<SqlValue>& values;
};

// Receives rows in order; an error ends the reading and is returned to whoever began it.
using SqlRowSink = std::function<absl::Status(const SqlRow& row)>;

}  // namespace ndx::connectors
