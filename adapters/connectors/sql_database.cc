#include "ndx/adapters/connectors/sql_database.h"

#include <utility>

#include "connection_pool.h"
#include "ndx/core/mutex.h"
#include "ndx/core/status_macros.h"
#include "sql_connection.h"
#include "sql_driver.h"
#include "statement_canceller.h"
#include "statement_catalogue.h"

namespace ndx::connectors {
namespace {

absl::Duration ToDuration(const google::protobuf::Duration& duration) {
  return absl::Seconds(duration.seconds()) + absl::Nanoseconds(duration.nanos());
}

}  // namespace

class SqlDatabase::Core {
 public:
  Core(const core::Clock& clock, SqlDatabaseOptions options, StatementCatalogue statements)
      : clock_(clock),
        options_(std::move(options)),
        statements_(std::move(statements)),
        pool_(clock, options_.settings.connections(),
              ToDuration(options_.settings.reconnect_pause()), [this] { return Connect(); }) {}

  absl::StatusOr<ConnectionPool::Lease> Acquire(const sdk::CallContext& context) {
    NDX_ASSIGN_OR_RETURN(ConnectionPool::Lease lease, pool_.Acquire(context));
    NDX_RETURN_IF_ERROR(PrepareOnce(*lease, context));
    return lease;
  }

  const StatementCatalogue& statements() const { return statements_; }

 private:
  enum class Preparation { kWanted, kRunning, kDone };

  absl::StatusOr<std::unique_ptr<SqlConnection>> Connect() {
    connector::v1::DatabaseSettings settings = options_.settings;
    {
      // A file that was there and has gone is a database that is down, not one to begin anew.
      core::MutexLock lock(mutex_);
      if (settings.has_sqlite() && preparation_ == Preparation::kDone) {
        settings.mutable_sqlite()->set_create(false);
      }
    }
    absl::StatusOr<std::unique_ptr<SqlDriver>> driver =
        settings.has_sqlite() ? OpenSqlite(settings, clock_)
                              : OpenPostgresql(settings, clock_, canceller_);
    if (!driver.ok()) return driver.status();
    return std::make_unique<SqlConnection>(*std::move(driver));
  }

  // Schema and first data, by whoever comes first; the others wait.
  absl::Status PrepareOnce(SqlConnection& connection, const sdk::CallContext& context) {
    {
      core::MutexLock lock(mutex_);
      while (preparation_ == Preparation::kRunning) {
        NDX_RETURN_IF_ERROR(context.Check());
        changed_.WaitFor(mutex_, absl::Milliseconds(20));
      }
      if (preparation_ == Preparation::kDone) return absl::OkStatus();
      preparation_ = Preparation::kRunning;
    }
    absl::Status prepared = Prepare(connection, context);
    core::MutexLock lock(mutex_);
    preparation_ = prepared.ok() ? Preparation::kDone : Preparation::kWanted;
    changed_.NotifyAll();
    return prepared;
  }

  absl::Status Prepare(SqlConnection& connection, const sdk::CallContext& context) {
    if (!options_.schema.empty()) NDX_RETURN_IF_ERROR(connection.RunScript(options_.schema));
    if (options_.fill == nullptr) return absl::OkStatus();
    NDX_RETURN_IF_ERROR(connection.Begin(/*writes=*/true));
    SqlSession session(connection, statements_, context);
    absl::Status filled = options_.fill(session);
    if (filled.ok()) return connection.Commit();
    connection.Rollback();
    return filled;
  }

  const core::Clock& clock_;
  const SqlDatabaseOptions options_;
  const StatementCatalogue statements_;
  core::Mutex mutex_;
  core::CondVar changed_;
  Preparation preparation_ ABSL_GUARDED_BY(mutex_) = Preparation::kWanted;
  StatementCanceller canceller_;
  ConnectionPool pool_;
};

SqlDatabase::SqlDatabase(std::unique_ptr<Core> core) : core_(std::move(core)) {}
SqlDatabase::~SqlDatabase() = default;

absl::StatusOr<std::unique_ptr<SqlDatabase>> SqlDatabase::Open(const core::Clock& clock,
                                                               SqlDatabaseOptions options) {
  const auto& settings = options.settings;
  if (!settings.has_sqlite() && !settings.has_postgresql()) {
    return absl::InvalidArgumentError("database: give sqlite or postgresql");
  }
  const Dialect dialect = settings.has_sqlite() ? Dialect::kSqlite : Dialect::kPostgresql;
  NDX_ASSIGN_OR_RETURN(StatementCatalogue statements,
                       StatementCatalogue::Build(options.mapping, dialect));
  return std::unique_ptr<SqlDatabase>(
      new SqlDatabase(std::make_unique<Core>(clock, std::move(options), std::move(statements))));
}

absl::Status SqlDatabase::Read(sdk::CallContext& context, bool one_state, Work work) {
  NDX_ASSIGN_OR_RETURN(ConnectionPool::Lease lease, core_->Acquire(context));
  SqlConnection& connection = *lease;
  context.SetCancelCallback([&connection] { connection.Interrupt(); });
  SqlSession session(connection, core_->statements(), context);
  absl::Status done = one_state ? connection.Begin(/*writes=*/false) : absl::OkStatus();
  if (done.ok()) {
    done = work(session);
    if (one_state && !connection.broken()) connection.Rollback();
  }
  context.SetCancelCallback(nullptr);
  // The interruption may still be on its way to a connection that looks well.
  if (context.cancelled()) connection.MarkBroken();
  return done;
}

absl::Status SqlDatabase::Change(sdk::CallContext& context, Work work) {
  NDX_ASSIGN_OR_RETURN(ConnectionPool::Lease lease, core_->Acquire(context));
  SqlConnection& connection = *lease;
  NDX_RETURN_IF_ERROR(connection.LimitUntil(context.call().deadline_nanos));
  if (absl::Status begun = connection.Begin(/*writes=*/true); !begun.ok()) {
    // A lock that was waited for until the deadline is a deadline.
    NDX_RETURN_IF_ERROR(context.Check());
    return begun;
  }
  SqlSession session(connection, core_->statements(), context);
  absl::Status done = work(session);
  if (done.ok()) done = context.Check();
  if (done.ok()) return connection.Commit();
  if (!connection.broken()) connection.Rollback();
  return done;
}

absl::Status SqlDatabase::Ping(sdk::CallContext& context) {
  NDX_ASSIGN_OR_RETURN(ConnectionPool::Lease lease, core_->Acquire(context));
  NDX_RETURN_IF_ERROR(lease->LimitUntil(context.call().deadline_nanos));
  absl::Status asked = lease->RunScript("SELECT 1");
  if (!asked.ok()) lease->MarkBroken();
  return asked;
}

bool SqlDatabase::HasStatement(absl::string_view name) const {
  return core_->statements().Find(name) != nullptr;
}

}  // namespace ndx::connectors
