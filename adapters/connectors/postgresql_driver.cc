// PostgreSQL: the server enforces time limits (statement_timeout) and is asked to stop a statement
// over a connection of its own (PQcancel).
//
// Source: postgresql.org/docs/15: appendix A (SQLSTATE), libpq-cancel.
#include <libpq-fe.h>
#include <soci/postgresql/soci-postgresql.h>

#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/strip.h"
#include "absl/time/time.h"
#include "ndx/core/status_macros.h"
#include "sql_driver.h"

namespace ndx::connectors {
namespace {

SqlFailure FailureOf(const std::string& sqlstate, bool connection_bad) {
  SqlFailure failure;
  failure.text = absl::StrCat("PostgreSQL error ", sqlstate);
  if (connection_bad || absl::StartsWith(sqlstate, "08") || absl::StartsWith(sqlstate, "57P")) {
    failure.code = absl::StatusCode::kUnavailable;
    failure.connection_lost = true;
    failure.text = "the connection to the database was lost";
  } else if (sqlstate == "57014") {
    failure.code = absl::StatusCode::kDeadlineExceeded;
    failure.interrupted = true;
    failure.text = "the statement was stopped";
  } else if (sqlstate == "23505") {
    failure.code = absl::StatusCode::kAlreadyExists;
    failure.text = "the row stands in the way of one that is there";
  } else if (absl::StartsWith(sqlstate, "40") || absl::StartsWith(sqlstate, "53") ||
             sqlstate == "55P03") {
    // Deadlock, serialization, resources, lock not available: nothing was done.
    failure.code = absl::StatusCode::kUnavailable;
  }
  return failure;
}

// The next of 50 ms, 100 ms, 200 ms, 500 ms, 1 s … that is no shorter: so that calls with nearly
// the same deadline need no change of the setting.
int64_t RoundUpMillis(int64_t millis) {
  int64_t step = 50;
  for (int i = 0; step < millis; ++i) step = i % 3 == 2 ? step / 2 * 5 : step * 2;
  return step;
}

class PostgresqlDriver final : public SqlDriver {
 public:
  PostgresqlDriver(const connector::v1::DatabaseSettings& settings, const core::Clock& clock,
                   StatementCanceller& canceller)
      : clock_(clock), canceller_(canceller), statement_timeout_(StatementTimeout(settings)) {}
  ~PostgresqlDriver() override {
    if (target_ != nullptr) target_->Close();
    if (cancel_ != nullptr) PQfreeCancel(cancel_);
  }

  // Throws what SOCI throws.
  absl::Status Connect(const connector::v1::PostgresqlSettings& settings) {
    session_.open(soci::postgresql, absl::StrCat(settings.connection(), " connect_timeout=",
                                                 settings.connect_timeout_seconds()));
    PQsetNoticeProcessor(
        raw(), [](void*, const char*) {}, nullptr);
    cancel_ = PQgetCancel(raw());
    if (cancel_ == nullptr) return absl::UnavailableError("the connection was lost at once");
    target_ = std::make_shared<CancelTarget>([cancel = cancel_] {
      char ignored[256];
      PQcancel(cancel, ignored, sizeof(ignored));
    });
    return absl::OkStatus();
  }

  soci::session& session() override { return session_; }

  bool Alive() override {
    // Reads without waiting: a server that closed the connection is found out here.
    return PQconsumeInput(raw()) == 1 && PQstatus(raw()) == CONNECTION_OK;
  }

  absl::Status LimitUntil(int64_t deadline_nanos) override {
    const int64_t most = absl::ToInt64Milliseconds(statement_timeout_);
    const int64_t left = (deadline_nanos - clock_.MonotonicNanos()) / 1'000'000;
    const int64_t limit = left >= most ? most : RoundUpMillis(std::max<int64_t>(left, 1));
    if (limit == limit_ms_) return absl::OkStatus();
    NDX_RETURN_IF_ERROR(RunScript(absl::StrCat("SET statement_timeout = ", limit)));
    limit_ms_ = limit;
    return absl::OkStatus();
  }

  void Interrupt() override { canceller_.Request(target_); }

  absl::Status RunScript(const std::string& sql) override {
    PGresult* result = PQexec(raw(), sql.c_str());
    const ExecStatusType outcome = PQresultStatus(result);
    const char* sqlstate = PQresultErrorField(result, PG_DIAG_SQLSTATE);
    const SqlFailure failure = FailureOf(sqlstate == nullptr ? "" : sqlstate, connection_bad());
    PQclear(result);
    if (outcome == PGRES_COMMAND_OK || outcome == PGRES_TUPLES_OK || outcome == PGRES_EMPTY_QUERY) {
      return absl::OkStatus();
    }
    return absl::Status(failure.code, failure.text);
  }

  std::string BeginText(bool writes) const override {
    return writes ? "BEGIN" : "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";
  }

  SqlFailure Explain(const std::exception& error) override {
    if (const auto* own = dynamic_cast<const soci::postgresql_soci_error*>(&error)) {
      return FailureOf(own->sqlstate(), connection_bad());
    }
    return FailureOf("", connection_bad());
  }

 private:
  bool connection_bad() { return PQstatus(raw()) != CONNECTION_OK; }

  // SOCI's library keeps the type's run-time information to itself, so the sanitizer cannot look.
  [[gnu::no_sanitize("vptr")]] PGconn* raw() {
    return static_cast<soci::postgresql_session_backend*>(session_.get_backend())->conn_;
  }

  const core::Clock& clock_;
  StatementCanceller& canceller_;
  const absl::Duration statement_timeout_;
  int64_t limit_ms_ = 0;
  soci::session session_;
  PGcancel* cancel_ = nullptr;
  // Shared with the canceller's queue.
  std::shared_ptr<CancelTarget> target_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<SqlDriver>> OpenPostgresql(
    const connector::v1::DatabaseSettings& settings, const core::Clock& clock,
    StatementCanceller& canceller) {
  auto driver = std::make_unique<PostgresqlDriver>(settings, clock, canceller);
  try {
    NDX_RETURN_IF_ERROR(driver->Connect(settings.postgresql()));
  } catch (const soci::soci_error& error) {
    // libpq's text names host, socket and database, never a password.
    return absl::UnavailableError(absl::StrReplaceAll(
        absl::StripSuffix(error.get_error_message(), "\n"), {{"\n", " "}, {"\t", " "}}));
  }
  return driver;
}

absl::Duration StatementTimeout(const connector::v1::DatabaseSettings& settings) {
  return absl::Seconds(settings.statement_timeout().seconds()) +
         absl::Nanoseconds(settings.statement_timeout().nanos());
}

}  // namespace ndx::connectors
