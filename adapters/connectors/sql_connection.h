// One connection to a database: prepared statements, transactions, limits of time.
//
// Thread-safety: one thread at a time, except Interrupt().
// Errors: never throws. kUnavailable when the database is gone (then broken()), kDeadlineExceeded
// when a statement was stopped, kAlreadyExists for a unique key, kInternal for SQL that does not
// fit. Texts name the statement, never a value.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "ndx/adapters/connectors/sql_value.h"
#include "sql_driver.h"
#include "statement_catalogue.h"

namespace ndx::connectors {

class SqlConnection {
 public:
  explicit SqlConnection(std::unique_ptr<SqlDriver> driver);
  ~SqlConnection();
  SqlConnection(const SqlConnection&) = delete;
  SqlConnection& operator=(const SqlConnection&) = delete;

  // May be used for a further call.
  bool Alive() { return !broken_ && driver_->Alive(); }
  bool broken() const { return broken_; }
  // Close it rather than use it again.
  void MarkBroken() { broken_ = true; }

  absl::Status LimitUntil(int64_t deadline_nanos);
  void Interrupt() { driver_->Interrupt(); }

  // Runs one statement. Rows go to the sink, which may be empty; the result is the number of rows
  // given, or of rows changed where the statement gives none.
  absl::StatusOr<uint64_t> Run(const Statement& statement, const std::vector<SqlValue>& values,
                               const SqlRowSink& sink);

  absl::Status Begin(bool writes);
  // kUnknown when the connection was lost on the way: the transaction may have taken effect.
  absl::Status Commit();
  // Broken when it fails.
  void Rollback();

  absl::Status RunScript(const std::string& sql);

 private:
  struct Prepared;

  Prepared& PreparedFor(const Statement& statement, const std::vector<SqlValue>& values);
  absl::StatusOr<uint64_t> Fetch(const Statement& statement, Prepared& prepared,
                                 const SqlRowSink& sink);
  absl::Status Failed(const Statement& statement, const std::exception& error);

  const std::unique_ptr<SqlDriver> driver_;
  std::map<const Statement*, std::unique_ptr<Prepared>> prepared_;
  bool broken_ = false;
};

}  // namespace ndx::connectors
