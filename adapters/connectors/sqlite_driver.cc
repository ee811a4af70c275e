// SQLite: the file may vanish under an open connection, statements are stopped by a progress
// callback, and writers wait for each other.
//
// Source: sqlite.org/c3ref/progress_handler.html, rescode.html; WAL so that readers never wait.
#include <soci/sqlite3/soci-sqlite3.h>
#include <sys/stat.h>

#include <algorithm>
#include <atomic>
#include <limits>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "ndx/core/status_macros.h"
#include "sql_driver.h"

namespace ndx::connectors {
namespace {

// Virtual-machine steps between two looks at the clock: some tens of microseconds.
constexpr int kStepsBetweenChecks = 2000;

SqlFailure FailureOf(int code) {
  SqlFailure failure;
  switch (code & 0xFF) {
    case SQLITE_INTERRUPT:
      failure.code = absl::StatusCode::kDeadlineExceeded;
      failure.interrupted = true;
      failure.text = "the statement was stopped";
      break;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      failure.code = absl::StatusCode::kUnavailable;
      failure.text = "the database is locked by another writer";
      break;
    case SQLITE_CONSTRAINT:
      failure.code = absl::StatusCode::kAlreadyExists;
      failure.text = "the row stands in the way of one that is there";
      break;
    case SQLITE_CANTOPEN:
    case SQLITE_IOERR:
    case SQLITE_NOTADB:
    case SQLITE_CORRUPT:
    case SQLITE_FULL:
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_AUTH:
      failure.code = absl::StatusCode::kUnavailable;
      failure.connection_lost = true;
      failure.text = absl::StrCat("the database file cannot be used: ",
                                  sqlite_api::sqlite3_errstr(code & 0xFF));
      break;
    default:
      failure.text = absl::StrCat("SQLite error ", code);
  }
  return failure;
}

class SqliteDriver final : public SqlDriver {
 public:
  SqliteDriver(const connector::v1::DatabaseSettings& settings, const core::Clock& clock)
      : clock_(clock),
        file_(settings.sqlite().file()),
        statement_timeout_(StatementTimeout(settings)) {}

  // Throws what SOCI throws.
  absl::Status Connect() {
    session_.open(soci::sqlite3, absl::StrCat("dbname=\"", file_, "\""));
    if (::stat(file_.c_str(), &opened_) != 0) {
      return absl::UnavailableError("the database file has vanished");
    }
    sqlite_api::sqlite3_progress_handler(raw(), kStepsBetweenChecks, &SqliteDriver::OnProgress,
                                         this);
    // Turning the journal over waits for other connections that open at the same moment.
    NDX_RETURN_IF_ERROR(LimitUntil(std::numeric_limits<int64_t>::max()));
    // FULL: a committed change survives a power cut, also in WAL mode.
    return RunScript("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;");
  }

  soci::session& session() override { return session_; }

  bool Alive() override {
    struct stat now = {};
    return ::stat(file_.c_str(), &now) == 0 && now.st_dev == opened_.st_dev &&
           now.st_ino == opened_.st_ino;
  }

  absl::Status LimitUntil(int64_t deadline_nanos) override {
    const int64_t now = clock_.MonotonicNanos();
    const int64_t timeout = absl::ToInt64Nanoseconds(statement_timeout_);
    stop_at_nanos_ = std::min(deadline_nanos, now + timeout);
    // Rounded up: a wait that ends before the deadline would look like a database that is down.
    const int64_t left_ms = std::clamp<int64_t>((stop_at_nanos_ - now) / 1'000'000 + 2, 1,
                                                std::numeric_limits<int>::max());
    sqlite_api::sqlite3_busy_timeout(raw(), static_cast<int>(left_ms));
    return absl::OkStatus();
  }

  void Interrupt() override { interrupted_ = true; }

  absl::Status RunScript(const std::string& sql) override {
    const int code = sqlite_api::sqlite3_exec(raw(), sql.c_str(), nullptr, nullptr, nullptr);
    if (code == SQLITE_OK) return absl::OkStatus();
    const SqlFailure failure = FailureOf(code);
    return absl::Status(failure.code, failure.text);
  }

  std::string BeginText(bool writes) const override { return writes ? "BEGIN IMMEDIATE" : "BEGIN"; }

  SqlFailure Explain(const std::exception& error) override {
    if (const auto* own = dynamic_cast<const soci::sqlite3_soci_error*>(&error)) {
      return FailureOf(own->result());
    }
    // SOCI loses the result code on some paths; the connection still knows it.
    return FailureOf(sqlite_api::sqlite3_errcode(raw()));
  }

 private:
  static int OnProgress(void* self) {
    const auto& driver = *static_cast<const SqliteDriver*>(self);
    return driver.interrupted_ || driver.clock_.MonotonicNanos() >= driver.stop_at_nanos_ ? 1 : 0;
  }

  // SOCI's library keeps the type's run-time information to itself, so the sanitizer cannot look.
  [[gnu::no_sanitize("vptr")]] sqlite_api::sqlite3* raw() {
    return static_cast<soci::sqlite3_session_backend*>(session_.get_backend())->conn_;
  }

  const core::Clock& clock_;
  const std::string file_;
  const absl::Duration statement_timeout_;
  struct stat opened_ = {};
  std::atomic<bool> interrupted_{false};
  int64_t stop_at_nanos_ = std::numeric_limits<int64_t>::max();
  soci::session session_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<SqlDriver>> OpenSqlite(
    const connector::v1::DatabaseSettings& settings, const core::Clock& clock) {
  const std::string& file = settings.sqlite().file();
  if (file.find('"') != std::string::npos) {
    return absl::InvalidArgumentError("the name of a database file cannot hold a quote");
  }
  struct stat found = {};
  // SQLite would make the file, and a database that was taken away would look empty.
  if (!settings.sqlite().create() && ::stat(file.c_str(), &found) != 0) {
    return absl::UnavailableError(absl::StrCat("there is no database file ", file));
  }
  auto driver = std::make_unique<SqliteDriver>(settings, clock);
  try {
    NDX_RETURN_IF_ERROR(driver->Connect());
  } catch (const std::exception&) {
    return absl::UnavailableError(absl::StrCat("the database file ", file, " cannot be opened"));
  }
  return driver;
}

}  // namespace ndx::connectors
