#include "statement_catalogue.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "ndx/adapters/connectors/message_path.h"
#include "ndx/adapters/connectors/sql_text.h"
#include "ndx/adapters/sdk/error_details.h"
#include "ndx/adapters/sdk/name_key.h"
#include "ndx/core/status_macros.h"

namespace ndx::connectors {
namespace {

// Days and hours are those of Asia/Ho_Chi_Minh: UTC+7 all year, and so since 1975.
absl::TimeZone VietnamTime() { return absl::FixedTimeZone(7 * 60 * 60); }

absl::StatusOr<std::string> TextFor(const connector::v1::SqlStatement& entry, Dialect dialect) {
  const std::string& own = dialect == Dialect::kSqlite ? entry.sqlite() : entry.postgresql();
  const std::string& text = own.empty() ? entry.sql() : own;
  if (text.empty()) {
    return absl::InvalidArgumentError(
        absl::StrCat("statement ", entry.name(), " has no text for this database"));
  }
  return text;
}

absl::StatusOr<Statement> BuildStatement(const connector::v1::SqlStatement& entry,
                                         Dialect dialect) {
  Statement statement;
  statement.name = entry.name();
  NDX_ASSIGN_OR_RETURN(statement.sql, TextFor(entry, dialect));
  statement.returns_rows = ReturnsRows(statement.sql);
  statement.rows_max = entry.rows_max();
  std::map<std::string, const connector::v1::SqlParameter*> given;
  for (const auto& parameter : entry.parameters()) {
    if (!given.emplace(parameter.name(), &parameter).second) {
      return absl::InvalidArgumentError(absl::StrCat(
          "statement ", entry.name(), " gives parameter ", parameter.name(), " twice"));
    }
  }
  for (const std::string& name : PlaceholdersOf(statement.sql)) {
    const auto found = given.find(name);
    if (found == given.end()) {
      statement.placeholders.push_back({.name = name, .field = name});
      continue;
    }
    const auto& parameter = *found->second;
    statement.placeholders.push_back(
        {name, parameter.field(), parameter.transform(), parameter.empty_is_null()});
    given.erase(found);
  }
  if (!given.empty()) {
    return absl::InvalidArgumentError(
        absl::StrCat("statement ", entry.name(), " does not use parameter ", given.begin()->first));
  }
  return statement;
}

absl::StatusOr<SqlValue> CallValue(const Statement& statement, absl::string_view name,
                                   const SqlValues& supplied, const sdk::CallContext& context) {
  if (const auto found = supplied.find(name); found != supplied.end()) return found->second;
  const absl::Time now = context.clock().Now();
  if (name == "now") {
    return SqlValue(absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", now, absl::UTCTimeZone()));
  }
  if (name == "today") return SqlValue(absl::FormatTime("%Y-%m-%d", now, VietnamTime()));
  if (name == "consumer") return SqlValue(std::string(context.consumer()));
  if (name == "idempotency_key") return SqlValue(context.call().idempotency_key);
  return absl::InternalError(
      absl::StrCat("statement ", statement.name, " is given no value $", name));
}

}  // namespace

absl::StatusOr<StatementCatalogue> StatementCatalogue::Build(
    const connector::v1::SqlMapping& mapping, Dialect dialect) {
  StatementCatalogue catalogue;
  for (const auto& entry : mapping.statements()) {
    NDX_ASSIGN_OR_RETURN(Statement statement, BuildStatement(entry, dialect));
    if (!catalogue.statements_.emplace(entry.name(), std::move(statement)).second) {
      return absl::InvalidArgumentError(absl::StrCat("statement ", entry.name(), " stands twice"));
    }
  }
  return catalogue;
}

const Statement* StatementCatalogue::Find(absl::string_view name) const {
  const auto found = statements_.find(name);
  return found == statements_.end() ? nullptr : &found->second;
}

absl::StatusOr<std::vector<SqlValue>> BindValues(const Statement& statement,
                                                 const google::protobuf::Message* request,
                                                 const SqlValues& supplied,
                                                 const sdk::CallContext& context) {
  std::vector<SqlValue> values;
  values.reserve(statement.placeholders.size());
  for (const Statement::Placeholder& placeholder : statement.placeholders) {
    SqlValue value;
    if (placeholder.field[0] == '$') {
      NDX_ASSIGN_OR_RETURN(
          value,
          CallValue(statement, absl::string_view(placeholder.field).substr(1), supplied, context));
    } else if (request != nullptr) {
      NDX_ASSIGN_OR_RETURN(value, ReadField(*request, placeholder.field));
    } else {
      return absl::InternalError(absl::StrCat("statement ", statement.name, " needs a request"));
    }
    if (auto* text = std::get_if<std::string>(&value)) {
      if (text->find('\0') != std::string::npos) {
        return sdk::FieldError(placeholder.field, "holds a NUL byte");
      }
      if (placeholder.transform == connector::v1::SQL_TRANSFORM_NAME_KEY)
        *text = sdk::NameKey(*text);
      if (placeholder.empty_is_null && text->empty()) value = std::monostate();
    }
    values.push_back(std::move(value));
  }
  return values;
}

}  // namespace ndx::connectors
