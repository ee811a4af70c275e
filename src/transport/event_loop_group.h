// The event loops of a program, one thread each; the one place in transport that makes threads.
//
// Thread-safety: loop(), size() and Next() are thread-safe; Start() and Stop() from one thread.
// Ownership: owns loops and threads. Whatever runs on the loops must be stopped before the group.
#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "ndx/core/clock.h"
#include "ndx/transport/event_loop.h"

namespace ndx::transport {

class EventLoopGroup {
 public:
  // Threads are named <name>-0, <name>-1 … (15 characters at most).
  EventLoopGroup(const core::Clock& clock, size_t size, const std::string& name);
  ~EventLoopGroup();
  EventLoopGroup(const EventLoopGroup&) = delete;
  EventLoopGroup& operator=(const EventLoopGroup&) = delete;

  void Start();
  // Stops all loops and joins their threads. Also done by the destructor.
  void Stop();

  size_t size() const { return loops_.size(); }
  EventLoop& loop(size_t index) { return *loops_[index]; }
  // The loops in turn.
  EventLoop& Next();

 private:
  std::vector<std::unique_ptr<EventLoop>> loops_;
  std::vector<std::thread> threads_;
  std::atomic<size_t> next_{0};
};

}  // namespace ndx::transport
