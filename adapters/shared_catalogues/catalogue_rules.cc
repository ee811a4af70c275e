#include "catalogue_rules.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/civil_time.h"

namespace ndx::shared_catalogues {
namespace {

using Columns = google::protobuf::RepeatedPtrField<v1::CatalogueColumn>;

constexpr char kKeySeparator = '|';

bool IsDecimal(absl::string_view text) {
  const size_t digits_from = !text.empty() && text[0] == '-' ? 1 : 0;
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  const absl::string_view number = text.substr(digits_from);
  return !number.empty() && is_digit(number.front()) && is_digit(number.back()) &&
         std::count(number.begin(), number.end(), '.') <= 1 &&
         std::all_of(number.begin(), number.end(), [&](char c) { return is_digit(c) || c == '.'; });
}

bool FitsType(const std::string& value, const v1::CatalogueColumn& column) {
  if (value.empty()) return !column.is_key();
  if (column.is_key() && value.find(kKeySeparator) != std::string::npos) return false;
  int64_t number = 0;
  switch (column.type()) {
    case v1::COLUMN_TYPE_INTEGER:
      return IsDecimal(value) && absl::SimpleAtoi(value, &number);
    case v1::COLUMN_TYPE_DECIMAL:
      return IsDecimal(value);
    case v1::COLUMN_TYPE_DATE:
      return IsDay(value);
    default:
      return true;
  }
}

// JSON text; everything that is not ASCII stays UTF-8 (RFC 8259, section 7).
std::string JsonText(const std::string& text) {
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      absl::StrAppend(&quoted, "\\", std::string(1, c));
    } else if (static_cast<unsigned char>(c) < 0x20) {
      absl::StrAppendFormat(&quoted, "\\u%04x", c);
    } else {
      quoted.push_back(c);
    }
  }
  return quoted + "\"";
}

std::string ValueOf(const v1::CatalogueRow& row, const std::string& column) {
  const auto found = row.values().find(column);
  return found == row.values().end() ? std::string() : found->second;
}

class ProblemFinder {
 public:
  ProblemFinder(const Columns& columns, v1::UpsertRowsResponse& answer)
      : columns_(columns), answer_(answer) {
    for (const auto& column : columns) by_code_[column.code()] = &column;
  }

  void Look(int index, const v1::CatalogueRow& row) {
    for (const auto& [code, value] : row.values()) {
      if (by_code_.count(code) == 0) Add(index, v1::ROW_PROBLEM_KIND_COLUMN_UNKNOWN, code);
    }
    for (const auto& column : columns_) {
      const std::string value = ValueOf(row, column.code());
      if (column.is_key() && value.empty()) {
        Add(index, v1::ROW_PROBLEM_KIND_KEY_MISSING, column.code());
      } else if (!FitsType(value, column)) {
        Add(index, v1::ROW_PROBLEM_KIND_VALUE_MALFORMED, column.code());
      }
    }
    const bool days = (row.valid_from().empty() || IsDay(row.valid_from())) &&
                      (row.valid_to().empty() || IsDay(row.valid_to()));
    if (!days || (!row.valid_to().empty() && row.valid_from() > row.valid_to())) {
      Add(index, v1::ROW_PROBLEM_KIND_VALIDITY_WRONG, "");
    }
    if (!seen_.insert({RowKey(columns_, row), row.valid_from()}).second) {
      Add(index, v1::ROW_PROBLEM_KIND_DUPLICATE, "");
    }
  }

 private:
  void Add(int index, v1::RowProblemKind kind, const std::string& column) {
    if (answer_.problems_size() >= kRowProblemsMax) return;
    auto* problem = answer_.add_problems();
    problem->set_row_index(static_cast<uint32_t>(index));
    problem->set_kind(kind);
    problem->set_column_code(column);
  }

  const Columns& columns_;
  v1::UpsertRowsResponse& answer_;
  std::map<std::string, const v1::CatalogueColumn*> by_code_;
  std::set<std::pair<std::string, std::string>> seen_;
};

}  // namespace

void FindProblems(const Columns& columns,
                  const google::protobuf::RepeatedPtrField<v1::CatalogueRow>& rows,
                  v1::UpsertRowsResponse& answer) {
  ProblemFinder finder(columns, answer);
  for (int i = 0; i < rows.size(); ++i) finder.Look(i, rows[i]);
}

std::string RowKey(const Columns& columns, const v1::CatalogueRow& row) {
  std::string key;
  bool first = true;
  for (const auto& column : columns) {
    if (!column.is_key()) continue;
    if (!std::exchange(first, false)) key.push_back(kKeySeparator);
    key += ValueOf(row, column.code());
  }
  return key;
}

connectors::SqlValues StoredRow(const std::string& catalogue_code, const Columns& columns,
                                const v1::CatalogueRow& row) {
  std::string json = "{";
  for (const auto& column : columns) {
    if (row.values().count(column.code()) == 0) continue;
    if (json.size() > 1) json.push_back(',');
    absl::StrAppend(&json, JsonText(column.code()), ":", JsonText(ValueOf(row, column.code())));
  }
  return {{"catalogue_code", catalogue_code},
          {"row_key", RowKey(columns, row)},
          {"valid_from", row.valid_from()},
          {"valid_to", row.valid_to()},
          {"values_json", json + "}"}};
}

bool IsDay(const std::string& text) {
  absl::CivilDay day;
  return text.size() == 10 && absl::ParseCivilTime(text, &day);
}

}  // namespace ndx::shared_catalogues
