#include "ndx/tools/datagen/postgresql_loader.h"

#include <libpq-fe.h>

#include <memory>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "ndx/core/status_macros.h"
#include "ndx/tools/datagen/schema_statements.h"

namespace ndx::tools::datagen {
namespace {

constexpr size_t kCopyBytes = size_t{1} << 18;

struct Finish {
  void operator()(PGconn* connection) const { PQfinish(connection); }
};
struct Clear {
  void operator()(PGresult* result) const { PQclear(result); }
};
using Connection = std::unique_ptr<PGconn, Finish>;
using Result = std::unique_ptr<PGresult, Clear>;

absl::Status ServerError(PGconn* connection) {
  return absl::InternalError(absl::StrCat("PostgreSQL: ", PQerrorMessage(connection)));
}

absl::StatusOr<Result> Execute(PGconn* connection, const std::string& sql) {
  Result result(PQexec(connection, sql.c_str()));
  switch (PQresultStatus(result.get())) {
    case PGRES_COMMAND_OK:
    case PGRES_TUPLES_OK:
    case PGRES_COPY_IN:
      return result;
    default:
      return ServerError(connection);
  }
}

// One line of COPY's text format.
void AppendLine(const Row& row, std::string& out) {
  const char* separator = "";
  for (const Row::Cell& cell : row.cells()) {
    out += separator;
    separator = "\t";
    if (cell.kind == Row::Kind::kNull) {
      out += "\\N";
    } else if (cell.kind == Row::Kind::kInteger) {
      absl::StrAppend(&out, cell.integer);
    } else {
      for (const char c : row.TextOf(cell)) {
        if (c == '\\' || c == '\t' || c == '\n' || c == '\r') out += '\\';
        out += c;
      }
    }
  }
  out += '\n';
}

absl::Status CopyTable(PGconn* connection, const Nation& nation, const Table& table,
                       const LoadProgress& progress, uint64_t& rows) {
  NDX_ASSIGN_OR_RETURN(const Result probe,
                       Execute(connection, absl::StrCat("SELECT 1 FROM ", table.name, " LIMIT 1")));
  if (PQntuples(probe.get()) != 0) {
    return absl::AlreadyExistsError(
        absl::StrCat("PostgreSQL: table ", table.name, " has rows already"));
  }
  NDX_RETURN_IF_ERROR(
      Execute(connection, absl::StrCat("COPY ", table.name, " (",
                                       absl::StrJoin(table.columns, ", "), ") FROM STDIN"))
          .status());
  std::string buffer;
  bool failed = false;
  const auto flush = [&] {
    failed =
        failed || PQputCopyData(connection, buffer.data(), static_cast<int>(buffer.size())) != 1;
    buffer.clear();
  };
  table.write(nation, [&](const Row& row) {
    NDX_CHECK(row.cells().size() == table.columns.size());
    AppendLine(row, buffer);
    if (buffer.size() >= kCopyBytes) flush();
    if (++rows % kProgressRows == 0 && progress) progress(table.name, rows);
  });
  flush();
  if (failed || PQputCopyEnd(connection, nullptr) != 1) return ServerError(connection);
  absl::Status status;
  while (Result result = Result(PQgetResult(connection))) {
    if (PQresultStatus(result.get()) != PGRES_COMMAND_OK) status = ServerError(connection);
  }
  return status;
}

}  // namespace

absl::StatusOr<uint64_t> LoadIntoPostgresql(const Nation& nation, const Database& database,
                                            const std::string& conninfo,
                                            const LoadProgress& progress) {
  const Connection connection(PQconnectdb(conninfo.c_str()));
  if (PQstatus(connection.get()) != CONNECTION_OK) {
    return absl::UnavailableError(absl::StrCat("PostgreSQL: ", PQerrorMessage(connection.get())));
  }
  PGconn* const raw = connection.get();
  PQsetNoticeProcessor(
      raw, [](void*, const char*) {}, nullptr);  // "already exists, skipping"
  const SchemaStatements schema = SplitSchema(database.schema);
  uint64_t rows = 0;
  // A connection that is closed before COMMIT takes everything back.
  NDX_RETURN_IF_ERROR(Execute(raw, "BEGIN").status());
  for (const std::string& statement : schema.tables) {
    NDX_RETURN_IF_ERROR(Execute(raw, statement).status());
  }
  for (const Table& table : database.tables) {
    NDX_RETURN_IF_ERROR(CopyTable(raw, nation, table, progress, rows));
  }
  if (progress) progress("indexes", rows);
  for (const std::string& statement : schema.indexes) {
    NDX_RETURN_IF_ERROR(Execute(raw, statement).status());
  }
  if (database.after != nullptr) NDX_RETURN_IF_ERROR(Execute(raw, database.after(nation)).status());
  NDX_RETURN_IF_ERROR(Execute(raw, "COMMIT").status());
  return rows;
}

}  // namespace ndx::tools::datagen
