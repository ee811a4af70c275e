#include "sql_connection.h"

#include <deque>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "ndx/core/status_macros.h"

namespace ndx::connectors {
namespace {

// A value as SOCI binds it: by reference, so it must stay where it is.
struct Bound {
  bool is_number = false;
  int64_t number = 0;
  std::string text;
  soci::indicator indicator = soci::i_ok;

  void Set(const SqlValue& value) {
    indicator = std::holds_alternative<std::monostate>(value) ? soci::i_null : soci::i_ok;
    if (const auto* number_value = std::get_if<int64_t>(&value)) number = *number_value;
    if (const auto* text_value = std::get_if<std::string>(&value)) text = *text_value;
  }
};

SqlValue ColumnValue(const soci::row& row, size_t column) {
  if (row.get_indicator(column) == soci::i_null) return std::monostate();
  switch (row.get_properties(column).get_data_type()) {
    case soci::dt_integer:
      return int64_t{row.get<int>(column)};
    case soci::dt_long_long:
      return int64_t{row.get<long long>(column)};
    case soci::dt_unsigned_long_long:
      return static_cast<int64_t>(row.get<unsigned long long>(column));
    case soci::dt_double:
      return absl::StrFormat("%.17g", row.get<double>(column));
    default:
      // Dates are text by the rules of the schemas; what is no text throws here.
      return row.get<std::string>(column);
  }
}

}  // namespace

struct SqlConnection::Prepared {
  explicit Prepared(soci::session& session) : statement(session) {}

  std::deque<Bound> inputs;
  soci::row row;
  std::vector<std::string> columns;
  soci::statement statement;
};

SqlConnection::SqlConnection(std::unique_ptr<SqlDriver> driver) : driver_(std::move(driver)) {}
SqlConnection::~SqlConnection() = default;

absl::Status SqlConnection::LimitUntil(int64_t deadline_nanos) {
  absl::Status limited = driver_->LimitUntil(deadline_nanos);
  if (!limited.ok()) broken_ = true;
  return limited;
}

SqlConnection::Prepared& SqlConnection::PreparedFor(const Statement& statement,
                                                    const std::vector<SqlValue>& values) {
  const auto found = prepared_.find(&statement);
  if (found != prepared_.end()) return *found->second;
  auto prepared = std::make_unique<Prepared>(driver_->session());
  prepared->statement.alloc();
  prepared->statement.prepare(statement.sql);
  for (size_t i = 0; i < values.size(); ++i) {
    Bound& bound = prepared->inputs.emplace_back();
    bound.is_number = std::holds_alternative<int64_t>(values[i]);
    const std::string& name = statement.placeholders[i].name;
    if (bound.is_number) {
      prepared->statement.exchange(soci::use(bound.number, bound.indicator, name));
    } else {
      prepared->statement.exchange(soci::use(bound.text, bound.indicator, name));
    }
  }
  if (statement.returns_rows) prepared->statement.exchange(soci::into(prepared->row));
  prepared->statement.define_and_bind();
  return *prepared_.emplace(&statement, std::move(prepared)).first->second;
}

absl::StatusOr<uint64_t> SqlConnection::Run(const Statement& statement,
                                            const std::vector<SqlValue>& values,
                                            const SqlRowSink& sink) {
  absl::StatusOr<uint64_t> rows;
  try {
    Prepared& prepared = PreparedFor(statement, values);
    for (size_t i = 0; i < values.size(); ++i) prepared.inputs[i].Set(values[i]);
    rows = Fetch(statement, prepared, sink);
  } catch (const std::exception& error) {
    rows = Failed(statement, error);
  }
  // A statement left half read would hold its locks.
  if (!rows.ok()) prepared_.erase(&statement);
  return rows;
}

absl::StatusOr<uint64_t> SqlConnection::Fetch(const Statement& statement, Prepared& prepared,
                                              const SqlRowSink& sink) {
  bool more = prepared.statement.execute(true);
  if (!statement.returns_rows) {
    return static_cast<uint64_t>(std::max<long long>(0, prepared.statement.get_affected_rows()));
  }
  uint64_t rows = 0;
  std::vector<SqlValue> values;
  for (; more; more = prepared.statement.fetch()) {
    if (++rows > statement.rows_max) {
      return absl::ResourceExhaustedError(absl::StrCat(
          "statement ", statement.name, " gives more than ", statement.rows_max, " rows"));
    }
    if (sink == nullptr) continue;
    if (prepared.columns.empty()) {
      for (size_t i = 0; i < prepared.row.size(); ++i) {
        prepared.columns.push_back(prepared.row.get_properties(i).get_name());
      }
    }
    values.clear();
    for (size_t i = 0; i < prepared.row.size(); ++i) values.push_back(ColumnValue(prepared.row, i));
    NDX_RETURN_IF_ERROR(sink(SqlRow{prepared.columns, values}));
  }
  return rows;
}

absl::Status SqlConnection::Failed(const Statement& statement, const std::exception& error) {
  const SqlFailure failure = driver_->Explain(error);
  if (failure.connection_lost || failure.interrupted) broken_ = true;
  return absl::Status(failure.code,
                      absl::StrCat(failure.text, " (statement ", statement.name, ")"));
}

absl::Status SqlConnection::Begin(bool writes) {
  absl::Status begun = driver_->RunScript(driver_->BeginText(writes));
  // A lock that was not had in time leaves the connection as it was.
  if (!begun.ok() && begun.code() != absl::StatusCode::kUnavailable) broken_ = true;
  if (!begun.ok() && !driver_->Alive()) broken_ = true;
  return begun;
}

absl::Status SqlConnection::Commit() {
  absl::Status committed = driver_->RunScript("COMMIT");
  if (committed.ok()) return committed;
  // Whatever the reason: the server may have the COMMIT, and only its answer got lost.
  broken_ = true;
  return absl::UnknownError("the change was sent to the database and its end is not known");
}

void SqlConnection::Rollback() {
  if (!driver_->RunScript("ROLLBACK").ok()) broken_ = true;
}

absl::Status SqlConnection::RunScript(const std::string& sql) { return driver_->RunScript(sql); }

}  // namespace ndx::connectors
