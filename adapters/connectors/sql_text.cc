#include "ndx/adapters/connectors/sql_text.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"

namespace ndx::connectors {
namespace {

bool IsNameCharacter(char c) {
  return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '_';
}

// Past a quoted text or a comment that begins at `at`; `at` itself when none does.
size_t SkipQuoted(absl::string_view sql, size_t at) {
  if (sql[at] == '\'' || sql[at] == '"') {
    const size_t end = sql.find(sql[at], at + 1);
    return end == absl::string_view::npos ? sql.size() : end + 1;
  }
  if (absl::StartsWith(sql.substr(at), "--")) {
    const size_t end = sql.find('\n', at);
    return end == absl::string_view::npos ? sql.size() : end + 1;
  }
  return at;
}

}  // namespace

std::vector<std::string> PlaceholdersOf(absl::string_view sql) {
  std::vector<std::string> names;
  for (size_t at = 0; at < sql.size();) {
    const size_t past_quoted = SkipQuoted(sql, at);
    if (past_quoted != at) {
      at = past_quoted;
      continue;
    }
    if (sql[at] != ':') {
      ++at;
      continue;
    }
    const bool is_cast = at + 1 < sql.size() && sql[at + 1] == ':';
    size_t end = at + (is_cast ? 2 : 1);
    const size_t begin = end;
    while (!is_cast && end < sql.size() && IsNameCharacter(sql[end])) ++end;
    if (end > begin) {
      std::string name(sql.substr(begin, end - begin));
      if (std::find(names.begin(), names.end(), name) == names.end()) {
        names.push_back(std::move(name));
      }
    }
    at = end;
  }
  return names;
}

bool ReturnsRows(absl::string_view sql) {
  const absl::string_view text = absl::StripLeadingAsciiWhitespace(sql);
  return absl::StartsWithIgnoreCase(text, "SELECT") || absl::StartsWithIgnoreCase(text, "WITH") ||
         absl::StrContains(absl::AsciiStrToUpper(text), "RETURNING");
}

}  // namespace ndx::connectors
