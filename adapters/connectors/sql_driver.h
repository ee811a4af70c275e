// What differs between databases, for one connection: connecting, limits of time, interruption, and
// what an error means. The rest is SOCI's.
//
// Thread-safety: one thread at a time, except Interrupt().
// Errors: SOCI throws; callers of session() catch and ask Explain().
#pragma once

#include <soci/soci.h>

#include <exception>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "ndx/connector/v1/adapter_settings.pb.h"
#include "ndx/core/clock.h"
#include "statement_canceller.h"
#include "statement_catalogue.h"

namespace ndx::connectors {

// What a failed statement means to the one who ran it.
struct SqlFailure {
  absl::StatusCode code = absl::StatusCode::kInternal;
  // For operators: never a value of a row or of a request.
  std::string text;
  // The connection is of no use any more.
  bool connection_lost = false;
  // The statement was stopped by its time limit or by Interrupt().
  bool interrupted = false;
};

class SqlDriver {
 public:
  virtual ~SqlDriver() = default;

  virtual soci::session& session() = 0;

  // False when the database has gone since the connection was last used. Does not ask the database.
  virtual bool Alive() = 0;

  // Statements from now on stop at this monotonic time, or after the statement timeout if that is
  // sooner.
  virtual absl::Status LimitUntil(int64_t deadline_nanos) = 0;

  // Stops the statement that runs, if one does. Thread-safe, does not block. The connection must be
  // closed afterwards: the interruption may arrive late.
  virtual void Interrupt() = 0;

  // Several statements in one text, without values.
  virtual absl::Status RunScript(const std::string& sql) = 0;

  // What a transaction begins with: one that only reads sees one state, one that writes waits for
  // other writers now rather than failing later.
  virtual std::string BeginText(bool writes) const = 0;

  virtual SqlFailure Explain(const std::exception& error) = 0;
};

// Both connect at once. kUnavailable when there is no database.
absl::StatusOr<std::unique_ptr<SqlDriver>> OpenSqlite(
    const connector::v1::DatabaseSettings& settings, const core::Clock& clock);
absl::StatusOr<std::unique_ptr<SqlDriver>> OpenPostgresql(
    const connector::v1::DatabaseSettings& settings, const core::Clock& clock,
    StatementCanceller& canceller);

// The longest statement of the settings.
absl::Duration StatementTimeout(const connector::v1::DatabaseSettings& settings);

}  // namespace ndx::connectors
