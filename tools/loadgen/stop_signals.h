// Turns SIGINT and SIGTERM into a call on an event loop, so that a load ends in order and reports
// what it has.
//
// Thread-safety: belongs to the loop's thread. Blocks both signals in the process, for good.
#pragma once

#include <functional>

#include "ndx/transport/event_loop.h"

namespace ndx::tools::loadgen {

class StopSignals final : public transport::FdObserver {
 public:
  // The loop must outlive it.
  StopSignals(transport::EventLoop& loop, std::function<void()> stop);
  ~StopSignals() override;
  StopSignals(const StopSignals&) = delete;
  StopSignals& operator=(const StopSignals&) = delete;

  void OnFdReady(uint32_t) override;

 private:
  transport::EventLoop& loop_;
  const std::function<void()> stop_;
  int fd_ = -1;
};

}  // namespace ndx::tools::loadgen
