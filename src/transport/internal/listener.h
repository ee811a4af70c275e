// A listening socket on one loop. Survives running out of file descriptors: one is kept in reserve
// to accept and close what waits, and accepting pauses for a moment.
//
// Thread-safety: on its loop.
// Ownership: owns the socket; the function it was given must outlive it.
#pragma once

#include <functional>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "ndx/transport/event_loop.h"

namespace ndx::transport {

class Listener final : private FdObserver {
 public:
  struct Events {
    // A connection, non-blocking; the callee owns fd.
    std::function<void(int fd)> accepted;
    // One was turned away because of the kernel's limits.
    std::function<void(absl::string_view address, absl::string_view cause)> refused;
  };

  // shared: other loops watch a copy of the same socket (UNIX sockets).
  Listener(EventLoop& loop, int fd, bool shared, absl::Duration pause, Events events);
  ~Listener() override;

  void Start();

 private:
  void OnFdReady(uint32_t events) override;
  void TurnAway(int error);
  void Pause();

  EventLoop& loop_;
  const int fd_;
  const bool shared_;
  const absl::Duration pause_;
  const Events events_;
  int reserve_fd_ = -1;
  bool watching_ = false;
  EventLoop::TimerId timer_;
};

}  // namespace ndx::transport
