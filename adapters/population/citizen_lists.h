// Lists of people made in the background (yêu cầu cung cấp danh sách): what is asked for stands in
// the database, so that a restart loses none.
//
//   WAITING ──▶ RUNNING ──▶ DONE | TOO_MANY | FAILED         (a restart: RUNNING ──▶ WAITING)
//
// Thread-safety: thread-safe. One thread of its own works on one list after the other.
// Ownership: the database and the clock must outlive it.
// Limits: kCitizenListMax people in one list.
#pragma once

#include <atomic>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "ndx/adapters/connectors/sql_database.h"
#include "ndx/adapters/sdk/worker_pool.h"
#include "ndx/core/clock.h"

namespace ndx::population {

inline constexpr int64_t kCitizenListMax = 50'000;

class CitizenLists {
 public:
  CitizenLists(const core::Clock& clock, connectors::SqlDatabase& database);

  // Works on all lists that wait. Returns at once; when the database is down they keep waiting
  // until the next call.
  void Wake();

  // Waits for the list that is worked on, and works on no other.
  void Stop() { worker_.Stop(); }

 private:
  void Work();
  // The next list, now RUNNING; empty when none waits.
  absl::StatusOr<std::string> Claim(sdk::CallContext& context);
  absl::Status Make(const std::string& request_number, sdk::CallContext& context);
  absl::Status End(const std::string& request_number, int state, sdk::CallContext& context);

  const core::Clock& clock_;
  connectors::SqlDatabase& database_;
  // Lists that an earlier process left RUNNING have been put back.
  std::atomic<bool> recovered_{false};
  sdk::WorkerPool worker_;
};

}  // namespace ndx::population
