#include "ndx/tools/datagen/sqlite_loader.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "ndx/core/status_macros.h"
#include "ndx/tools/datagen/schema_statements.h"

namespace ndx::tools::datagen {
namespace {

struct CloseConnection {
  void operator()(sqlite3* connection) const { sqlite3_close(connection); }
};
struct Finalize {
  void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
};
using Connection = std::unique_ptr<sqlite3, CloseConnection>;
using Statement = std::unique_ptr<sqlite3_stmt, Finalize>;

absl::Status SqliteError(sqlite3* connection, absl::string_view what) {
  return absl::InvalidArgumentError(
      absl::StrCat(what, ": ", connection == nullptr ? "no memory" : sqlite3_errmsg(connection)));
}

absl::Status Execute(sqlite3* connection, const std::string& sql) {
  if (sqlite3_exec(connection, sql.c_str(), nullptr, nullptr, nullptr) == SQLITE_OK) {
    return absl::OkStatus();
  }
  return SqliteError(connection, sql.substr(0, 60));
}

absl::StatusOr<Connection> Create(const std::string& path) {
  sqlite3* raw = nullptr;
  // One thread per connection: SQLite need not lock for each call.
  constexpr int kFlags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX;
  const int code = sqlite3_open_v2(path.c_str(), &raw, kFlags, nullptr);
  Connection connection(raw);
  if (code != SQLITE_OK) {
    return absl::UnavailableError(absl::StrCat(path, ": ", sqlite3_errmsg(raw)));
  }
  // A crash leaves a file under another name, so nothing need be safe before the end.
  NDX_RETURN_IF_ERROR(Execute(raw,
                              "PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; "
                              "PRAGMA locking_mode=EXCLUSIVE; PRAGMA cache_size=-65536; "
                              "PRAGMA temp_store=MEMORY"));
  return connection;
}

void Bind(sqlite3_stmt* statement, const Row& row) {
  int column = 1;
  for (const Row::Cell& cell : row.cells()) {
    switch (cell.kind) {
      case Row::Kind::kNull:
        sqlite3_bind_null(statement, column);
        break;
      case Row::Kind::kInteger:
        sqlite3_bind_int64(statement, column, cell.integer);
        break;
      case Row::Kind::kText: {
        const absl::string_view text = row.TextOf(cell);
        sqlite3_bind_text(statement, column, text.data(), static_cast<int>(text.size()),
                          SQLITE_STATIC);
        break;
      }
    }
    ++column;
  }
}

absl::Status WriteTable(sqlite3* connection, const Nation& nation, const Table& table,
                        const LoadProgress& progress, uint64_t& rows) {
  const std::vector<absl::string_view> placeholders(table.columns.size(), "?");
  const std::string insert =
      absl::StrCat("INSERT INTO ", table.name, " (", absl::StrJoin(table.columns, ", "),
                   ") VALUES (", absl::StrJoin(placeholders, ", "), ")");
  sqlite3_stmt* raw = nullptr;
  if (sqlite3_prepare_v2(connection, insert.c_str(), -1, &raw, nullptr) != SQLITE_OK) {
    return SqliteError(connection, table.name);
  }
  const Statement statement(raw);
  absl::Status status;
  table.write(nation, [&](const Row& row) {
    if (!status.ok()) return;
    NDX_CHECK(row.cells().size() == table.columns.size());
    Bind(raw, row);
    if (sqlite3_step(raw) != SQLITE_DONE) status = SqliteError(connection, table.name);
    sqlite3_reset(raw);
    if (++rows % kProgressRows == 0 && progress) progress(table.name, rows);
  });
  return status;
}

absl::Status Sync(const std::string& path) {
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0 || ::fsync(file) != 0) {
    const int error = errno;
    if (file >= 0) ::close(file);
    return absl::UnavailableError(absl::StrCat(path, ": ", std::strerror(error)));
  }
  ::close(file);
  return absl::OkStatus();
}

absl::StatusOr<uint64_t> Fill(const Nation& nation, const Database& database,
                              const std::string& path, const LoadProgress& progress) {
  NDX_ASSIGN_OR_RETURN(const Connection connection, Create(path));
  const SchemaStatements schema = SplitSchema(database.schema);
  NDX_RETURN_IF_ERROR(Execute(connection.get(), "BEGIN"));
  for (const std::string& statement : schema.tables) {
    NDX_RETURN_IF_ERROR(Execute(connection.get(), statement));
  }
  uint64_t rows = 0;
  for (const Table& table : database.tables) {
    NDX_RETURN_IF_ERROR(WriteTable(connection.get(), nation, table, progress, rows));
  }
  if (progress) progress("indexes", rows);
  for (const std::string& statement : schema.indexes) {
    NDX_RETURN_IF_ERROR(Execute(connection.get(), statement));
  }
  if (database.after != nullptr) {
    NDX_RETURN_IF_ERROR(Execute(connection.get(), database.after(nation)));
  }
  NDX_RETURN_IF_ERROR(Execute(connection.get(), "COMMIT"));
  return rows;
}

}  // namespace

absl::StatusOr<uint64_t> LoadIntoSqlite(const Nation& nation, const Database& database,
                                        const std::string& path, const LoadProgress& progress) {
  const std::string unfinished = absl::StrCat(path, ".unfinished");
  std::remove(unfinished.c_str());
  absl::StatusOr<uint64_t> rows = Fill(nation, database, unfinished, progress);
  absl::Status status = rows.status();
  if (status.ok()) status = Sync(unfinished);
  if (status.ok()) {
    // What SQLite keeps beside a file belongs to the file that is replaced.
    for (const char* ending : {"-wal", "-shm", "-journal"}) std::remove((path + ending).c_str());
    if (std::rename(unfinished.c_str(), path.c_str()) != 0) {
      status = absl::UnavailableError(absl::StrCat(path, ": ", std::strerror(errno)));
    }
  }
  if (!status.ok()) {
    std::remove(unfinished.c_str());
    return status;
  }
  return rows;
}

}  // namespace ndx::tools::datagen
