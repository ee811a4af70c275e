#include "connection_pool.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "ndx/core/status_macros.h"

namespace ndx::connectors {
namespace {

// How often a waiting call looks whether its caller has gone.
constexpr absl::Duration kLookAgain = absl::Milliseconds(20);

}  // namespace

ConnectionPool::ConnectionPool(const core::Clock& clock, size_t size,
                               absl::Duration reconnect_pause, Connect connect)
    : clock_(clock),
      size_(size),
      reconnect_pause_(reconnect_pause),
      connect_(std::move(connect)),
      next_attempt_nanos_(std::numeric_limits<int64_t>::min()) {}

ConnectionPool::~ConnectionPool() {
  core::MutexLock lock(mutex_);
  NDX_CHECK(open_ == idle_.size());
}

absl::StatusOr<ConnectionPool::Lease> ConnectionPool::Acquire(const sdk::CallContext& context) {
  for (;;) {
    NDX_ASSIGN_OR_RETURN(std::unique_ptr<SqlConnection> idle, TakeOrReserve(context));
    if (idle != nullptr) {
      if (idle->Alive()) return Lease(*this, std::move(idle));
      idle.reset();
      GiveUpOne();
      continue;
    }
    absl::StatusOr<std::unique_ptr<SqlConnection>> made = connect_();
    if (made.ok()) return Lease(*this, *std::move(made));
    GiveUpOne();
    core::MutexLock lock(mutex_);
    next_attempt_nanos_ = clock_.MonotonicNanos() + absl::ToInt64Nanoseconds(reconnect_pause_);
    last_failure_ = made.status();
    return made.status();
  }
}

absl::StatusOr<std::unique_ptr<SqlConnection>> ConnectionPool::TakeOrReserve(
    const sdk::CallContext& context) {
  core::MutexLock lock(mutex_);
  for (;;) {
    NDX_RETURN_IF_ERROR(context.Check());
    if (!idle_.empty()) {
      std::unique_ptr<SqlConnection> taken = std::move(idle_.back());
      idle_.pop_back();
      return taken;
    }
    if (open_ < size_) {
      if (clock_.MonotonicNanos() < next_attempt_nanos_) return last_failure_;
      ++open_;
      return nullptr;
    }
    changed_.WaitFor(mutex_, std::min(kLookAgain, context.Remaining()));
  }
}

void ConnectionPool::Return(std::unique_ptr<SqlConnection> connection) {
  if (connection->broken()) {
    connection.reset();
    GiveUpOne();
    return;
  }
  core::MutexLock lock(mutex_);
  idle_.push_back(std::move(connection));
  changed_.NotifyOne();
}

void ConnectionPool::GiveUpOne() {
  core::MutexLock lock(mutex_);
  --open_;
  changed_.NotifyOne();
}

size_t ConnectionPool::open() const {
  core::MutexLock lock(mutex_);
  return open_;
}

}  // namespace ndx::connectors
