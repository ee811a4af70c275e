// A table in comma-separated text, whole in memory.
//
// Thread-safety: value type; the function is thread-safe.
// Errors: kInvalidArgument with the line.
// Source: RFC 4180; lines may end in LF alone, a byte-order mark is passed over.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace ndx::shared_catalogues {

struct CsvTable {
  std::vector<std::string> columns;
  std::vector<std::vector<std::string>> rows;  // each as long as columns
};

absl::StatusOr<CsvTable> ParseCsv(absl::string_view text);

}  // namespace ndx::shared_catalogues
