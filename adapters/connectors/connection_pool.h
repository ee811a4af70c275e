// Connections to one database, made when needed and kept for the next call.
//
// Thread-safety: thread-safe.
// Ownership: leases must end before the pool.
// Limits: at most `size` connections; further calls wait until their deadline. After a failed
// attempt to connect, calls are refused at once for the reconnect pause: a database that is down
// must not cost every caller a connect timeout.
// Errors: kUnavailable (no database), kDeadlineExceeded and kCancelled (while waiting).
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "ndx/adapters/sdk/call_context.h"
#include "ndx/core/clock.h"
#include "ndx/core/mutex.h"
#include "sql_connection.h"

namespace ndx::connectors {

class ConnectionPool {
 public:
  using Connect = std::function<absl::StatusOr<std::unique_ptr<SqlConnection>>()>;

  // A connection for the time of one call; goes back by itself.
  class Lease {
   public:
    Lease(ConnectionPool& pool, std::unique_ptr<SqlConnection> connection)
        : pool_(&pool), connection_(std::move(connection)) {}
    ~Lease() {
      if (connection_ != nullptr) pool_->Return(std::move(connection_));
    }
    Lease(Lease&&) = default;
    Lease& operator=(Lease&&) = delete;

    SqlConnection* operator->() const { return connection_.get(); }
    SqlConnection& operator*() const { return *connection_; }

   private:
    ConnectionPool* pool_;
    std::unique_ptr<SqlConnection> connection_;
  };

  ConnectionPool(const core::Clock& clock, size_t size, absl::Duration reconnect_pause,
                 Connect connect);
  ~ConnectionPool();

  absl::StatusOr<Lease> Acquire(const sdk::CallContext& context);

  // Connections that exist, leased ones included.
  size_t open() const;

 private:
  // Takes an idle connection or the right to make one; neither within the deadline is an error.
  absl::StatusOr<std::unique_ptr<SqlConnection>> TakeOrReserve(const sdk::CallContext& context);
  void Return(std::unique_ptr<SqlConnection> connection);
  void GiveUpOne();

  const core::Clock& clock_;
  const size_t size_;
  const absl::Duration reconnect_pause_;
  const Connect connect_;

  mutable core::Mutex mutex_;
  core::CondVar changed_;
  std::vector<std::unique_ptr<SqlConnection>> idle_ ABSL_GUARDED_BY(mutex_);
  size_t open_ ABSL_GUARDED_BY(mutex_) = 0;
  int64_t next_attempt_nanos_ ABSL_GUARDED_BY(mutex_) = 0;
  absl::Status last_failure_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace ndx::connectors
