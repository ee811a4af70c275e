#include "internal/listener.h"

#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "internal/socket_address.h"

namespace ndx::transport {
namespace {

constexpr int kAcceptsPerRound = 64;

int OpenReserve() { return open("/dev/null", O_RDONLY | O_CLOEXEC); }

}  // namespace

Listener::Listener(EventLoop& loop, int fd, bool shared, absl::Duration pause, Events events)
    : loop_(loop), fd_(fd), shared_(shared), pause_(pause), events_(std::move(events)) {
  reserve_fd_ = OpenReserve();
}

Listener::~Listener() {
  loop_.Cancel(timer_);
  if (watching_) loop_.Unwatch(fd_, this);
  close(fd_);
  if (reserve_fd_ >= 0) close(reserve_fd_);
}

void Listener::Start() {
  timer_ = {};
  watching_ = loop_.Watch(fd_, shared_ ? EPOLLIN | EPOLLEXCLUSIVE : EPOLLIN, this);
  if (!watching_) Pause();
}

void Listener::OnFdReady(uint32_t /*events*/) {
  for (int i = 0; i < kAcceptsPerRound; ++i) {
    const int accepted = accept4(fd_, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (accepted >= 0) {
      events_.accepted(accepted);
      continue;
    }
    switch (errno) {
      case EAGAIN:
        return;
      case EMFILE:
      case ENFILE:
      case ENOBUFS:
      case ENOMEM:
        TurnAway(errno);
        return;
      default:
        break;  // the connection failed before it was accepted; the next one may be fine
    }
  }
}

void Listener::TurnAway(int error) {
  std::string address;
  if (reserve_fd_ >= 0) {
    close(reserve_fd_);
    const int accepted = accept4(fd_, nullptr, nullptr, SOCK_CLOEXEC);
    if (accepted >= 0) {
      address = PeerAddressOf(accepted).ToString();
      close(accepted);
    }
    reserve_fd_ = OpenReserve();
  }
  events_.refused(address, std::strerror(error));
  Pause();
}

void Listener::Pause() {
  if (watching_) loop_.Unwatch(fd_, this);
  watching_ = false;
  timer_ = loop_.RunAfter(pause_, [this] { Start(); });
}

}  // namespace ndx::transport
