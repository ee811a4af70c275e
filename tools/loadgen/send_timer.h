// Wakes an event loop at a moment, to the precision of the kernel's timers. The loop's own timers
// are good to a millisecond: at 10,000 requests a second ten would leave at once.
//
// Thread-safety: on the loop.
// Ownership: the loop must outlive it.
#pragma once

#include <cstdint>
#include <functional>

#include "ndx/transport/event_loop.h"

namespace ndx::tools::loadgen {

class SendTimer final : public transport::FdObserver {
 public:
  SendTimer(transport::EventLoop& loop, std::function<void()> due);
  ~SendTimer() override;
  SendTimer(const SendTimer&) = delete;
  SendTimer& operator=(const SendTimer&) = delete;

  // Calls back once, from the loop, at that moment (CLOCK_MONOTONIC) or as soon as it can after it.
  // Replaces what was set before.
  void Set(int64_t monotonic_nanos);

  void OnFdReady(uint32_t events) override;

 private:
  transport::EventLoop& loop_;
  std::function<void()> due_;
  int fd_ = -1;
};

}  // namespace ndx::tools::loadgen
