#include "ndx/tools/loadgen/stop_signals.h"

#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <csignal>
#include <utility>

#include "ndx/core/status_macros.h"

namespace ndx::tools::loadgen {

StopSignals::StopSignals(transport::EventLoop& loop, std::function<void()> stop)
    : loop_(loop), stop_(std::move(stop)) {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  sigprocmask(SIG_BLOCK, &signals, nullptr);
  fd_ = ::signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
  NDX_CHECK(fd_ >= 0 && loop_.Watch(fd_, EPOLLIN, this));
}

StopSignals::~StopSignals() {
  loop_.Unwatch(fd_, this);
  ::close(fd_);
}

void StopSignals::OnFdReady(uint32_t) {
  signalfd_siginfo info{};
  (void)!::read(fd_, &info, sizeof(info));
  stop_();
}

}  // namespace ndx::tools::loadgen
