#include "ndx/tools/loadgen/send_timer.h"

#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

#include "ndx/core/status_macros.h"

namespace ndx::tools::loadgen {

SendTimer::SendTimer(transport::EventLoop& loop, std::function<void()> due)
    : loop_(loop), due_(std::move(due)) {
  fd_ = ::timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
  NDX_CHECK(fd_ >= 0 && loop_.Watch(fd_, EPOLLIN, this));
}

SendTimer::~SendTimer() {
  loop_.Unwatch(fd_, this);
  ::close(fd_);
}

void SendTimer::Set(int64_t monotonic_nanos) {
  const int64_t at = std::max<int64_t>(1, monotonic_nanos);  // 0 would disarm it
  itimerspec when{};
  when.it_value.tv_sec = at / 1'000'000'000;
  when.it_value.tv_nsec = at % 1'000'000'000;
  NDX_CHECK(::timerfd_settime(fd_, TFD_TIMER_ABSTIME, &when, nullptr) == 0);
}

void SendTimer::OnFdReady(uint32_t) {
  uint64_t expirations = 0;
  if (::read(fd_, &expirations, sizeof(expirations)) == sizeof(expirations)) due_();
}

}  // namespace ndx::tools::loadgen
