#include "ndx/tools/datagen/schema_statements.h"

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"

namespace ndx::tools::datagen {
namespace {

void Keep(absl::string_view statement, SchemaStatements& statements) {
  statement = absl::StripAsciiWhitespace(statement);
  if (statement.empty()) return;
  const bool is_index = absl::StartsWithIgnoreCase(statement, "CREATE INDEX") ||
                        absl::StartsWithIgnoreCase(statement, "CREATE UNIQUE INDEX");
  (is_index ? statements.indexes : statements.tables).emplace_back(statement);
}

}  // namespace

SchemaStatements SplitSchema(absl::string_view sql) {
  SchemaStatements statements;
  std::string statement;
  bool in_quotes = false;
  for (size_t at = 0; at < sql.size(); ++at) {
    const char c = sql[at];
    if (c == '\'') in_quotes = !in_quotes;
    if (!in_quotes && absl::StartsWith(sql.substr(at), "--")) {
      at = sql.find('\n', at);
      if (at == absl::string_view::npos) break;
      statement.push_back('\n');
    } else if (!in_quotes && c == ';') {
      Keep(statement, statements);
      statement.clear();
    } else {
      statement.push_back(c);
    }
  }
  Keep(statement, statements);
  return statements;
}

}  // namespace ndx::tools::datagen
