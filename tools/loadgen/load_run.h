// One run of load: a closed loop (so many calls under way, the next begins when one has ended) or
// an open loop (so many a second, whatever becomes of them), through a warm-up and a measured time.
//
//   start ── warm-up ──▶ measuring ── duration ──▶ end ── calls under way end ──▶ done
//
// A request belongs to the measured time if its intended moment of sending does: for an open loop
// that of the schedule, for a closed one that of sending. Every answer of the run is checked.
//
// Thread-safety: everything on the channels' event loop.
// Ownership: everything it is given must outlive it.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "ndx/core/clock.h"
#include "ndx/tools/loadgen/echo_payload.h"
#include "ndx/tools/loadgen/load_figures.h"
#include "ndx/tools/loadgen/payload_sizes.h"
#include "ndx/tools/loadgen/send_schedule.h"
#include "ndx/tools/loadgen/send_timer.h"
#include "ndx/transport/channel.h"
#include "ndx/transport/event_loop.h"
#include "ndx/transport/metadata.h"

namespace ndx::tools::loadgen {

inline constexpr char kEchoPath[] = "/ndx.loadgen.v1.EchoService/Echo";

struct LoadOptions {
  std::string path = kEchoPath;
  // Calls under way at once: that many always in a closed loop, at most in an open one.
  uint32_t concurrency = 1;
  // Requests a second; 0: closed loop.
  double rate = 0;
  absl::Duration warm_up = absl::Seconds(1);
  absl::Duration duration = absl::Seconds(10);
  absl::Duration deadline = absl::Seconds(30);    // of one call
  absl::Duration pause = absl::Milliseconds(10);  // of a caller whose call was broken off
  transport::Metadata metadata;                   // of every request
  std::string trailer;                            // that every answer with status OK must carry
  std::set<std::string> expected;  // statuses besides OK that are no fault: "RESOURCE_EXHAUSTED"
};

class LoadRun {
 public:
  // Callers are spread over the channels in turn.
  LoadRun(transport::EventLoop& loop, std::vector<transport::Channel*> channels,
          const core::Clock& clock, const PayloadSizes& sizes, LoadOptions options);
  ~LoadRun();
  LoadRun(const LoadRun&) = delete;
  LoadRun& operator=(const LoadRun&) = delete;

  // measuring is called when the warm-up is over, done when the last call has ended; once each, on
  // the loop.
  void Start(std::function<void()> measuring, std::function<void()> done);

  // Ends the run now; calls under way are waited for (their deadline bounds it).
  void Stop();

  const LoadFigures& figures() const { return figures_; }

 private:
  class Caller;
  friend class Caller;

  // Gives idle callers what is due.
  void Fill();
  void EndRun();
  void CountUnsent();
  bool Measured(int64_t intended_nanos) const;
  void Fault(std::string what);
  void MaybeDone();

  transport::EventLoop& loop_;
  const std::vector<transport::Channel*> channels_;
  const core::Clock& clock_;
  const PayloadSizes& sizes_;
  const LoadOptions options_;
  const EchoPayload payload_;
  LoadFigures figures_;
  std::vector<std::unique_ptr<Caller>> callers_;
  std::deque<Caller*> idle_;  // the longest idle first, so that every channel is used
  std::function<void()> measuring_;
  std::function<void()> done_;
  std::optional<SendSchedule> schedule_;  // of an open loop
  std::optional<SendTimer> send_timer_;
  transport::EventLoop::TimerId measure_timer_;
  transport::EventLoop::TimerId end_timer_;
  uint64_t next_ = 0;
  int64_t measure_nanos_ = 0;
  int64_t end_nanos_ = 0;
  bool ended_ = false;
};

}  // namespace ndx::tools::loadgen
