// A number of callers, each with one exchange under way at a time, until a count or a time is
// reached. Goes on when the target dies: what was under way is entered as lost, and the next
// exchange is tried after a pause.
//
// Thread-safety: everything on the channel's event loop.
// Ownership: everything it is given must outlive it.
// Errors: a ledger that cannot be written ends the run; nothing else does.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "ndx/core/clock.h"
#include "ndx/core/random.h"
#include "ndx/tools/ledgerload/load_ledger.h"
#include "ndx/tools/ledgerload/load_plan.h"
#include "ndx/transport/channel.h"
#include "ndx/transport/event_loop.h"
#include "ndx/transport/metadata.h"

namespace ndx::tools::ledgerload {

// Answer times kept for the percentiles; later ones are not looked at.
inline constexpr size_t kLatenciesMax = 4'000'000;

struct RunOptions {
  uint32_t concurrency = 16;
  uint64_t count_max = 1'000'000;  // exchanges begun
  absl::Duration duration = absl::Seconds(10);
  absl::Duration deadline = absl::Seconds(10);    // of one exchange
  absl::Duration pause = absl::Milliseconds(50);  // after one that was lost or turned away
  bool resend = false;  // what was lost is sent again under the same id until it is answered
  transport::Metadata metadata;  // of every exchange, without ndx-exchange-id
};

struct RunFigures {
  uint64_t sent = 0;  // exchanges, not sendings
  uint64_t resent = 0;
  uint64_t acked = 0;
  uint64_t receipts = 0;
  uint64_t lost_unknown = 0;
  uint64_t lost_not_sent = 0;
  std::map<int, uint64_t> by_status;
  std::vector<uint32_t> latencies_us;
};

class LoadRun {
 public:
  LoadRun(transport::EventLoop& loop, transport::Channel& channel, const core::Clock& clock,
          core::Random& random, LoadPlan& plan, LoadLedger& ledger, RunOptions options);
  ~LoadRun();
  LoadRun(const LoadRun&) = delete;
  LoadRun& operator=(const LoadRun&) = delete;

  // Starts the callers. done is called once, on the loop, when the last of them has finished.
  void Start(std::function<void(absl::Status)> done);

  // No new exchange; those under way are waited for (their deadline bounds it).
  void Stop();

  const RunFigures& figures() const { return figures_; }

 private:
  class Caller;
  friend class Caller;

  // Whether another exchange may begin.
  bool MayBegin() const;
  void Idle();
  void Fail(absl::Status status);

  transport::EventLoop& loop_;
  transport::Channel& channel_;
  const core::Clock& clock_;
  core::Random& random_;
  LoadPlan& plan_;
  LoadLedger& ledger_;
  const RunOptions options_;
  RunFigures figures_;
  std::vector<std::unique_ptr<Caller>> callers_;
  std::function<void(absl::Status)> done_;
  absl::Status failure_;
  transport::EventLoop::TimerId end_timer_;
  uint32_t busy_ = 0;
  bool stopping_ = false;
};

}  // namespace ndx::tools::ledgerload
