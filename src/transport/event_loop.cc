#include "ndx/transport/event_loop.h"

#include <pthread.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <limits>

#include "ndx/core/status_macros.h"

namespace ndx::transport {

// The events of one epoll_wait, kept reachable so that Unwatch() can take an observer out of it.
struct EventLoop::Batch {
  std::array<epoll_event, 256> events;
  int count = 0;
};

EventLoop::EventLoop(const core::Clock& clock, std::string name)
    : clock_(clock), name_(std::move(name)) {
  epoll_fd_ = epoll_create1(EPOLL_CLOEXEC);
  wake_fd_ = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  NDX_CHECK(epoll_fd_ >= 0 && wake_fd_ >= 0);
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.ptr = nullptr;  // null: the wake-up itself
  NDX_CHECK(epoll_ctl(epoll_fd_, EPOLL_CTL_ADD, wake_fd_, &event) == 0);
  now_nanos_ = clock_.MonotonicNanos();
}

EventLoop::~EventLoop() {
  close(wake_fd_);
  close(epoll_fd_);
}

bool EventLoop::InLoop() const {
  return thread_id_.load(std::memory_order_relaxed) == std::this_thread::get_id();
}

void EventLoop::AnnounceRun() {
  core::MutexLock lock(mutex_);
  started_ = true;
}

void EventLoop::Run() {
  thread_id_.store(std::this_thread::get_id(), std::memory_order_relaxed);
  AnnounceRun();
  // OpenSSL writes to sockets with write(), which raises SIGPIPE when the peer is gone.
  sigset_t pipe;
  sigemptyset(&pipe);
  sigaddset(&pipe, SIGPIPE);
  pthread_sigmask(SIG_BLOCK, &pipe, nullptr);
  Batch batch;
  while (true) {
    now_nanos_ = clock_.MonotonicNanos();
    RunPosted();
    RunDueTimers();
    RunDeferred();
    int wait_millis = WaitMillis();
    {
      core::MutexLock lock(mutex_);
      if (stopped_) break;
      if (!posted_.empty()) wait_millis = 0;  // posted by this thread, without a wake-up
    }
    batch.count = epoll_wait(epoll_fd_, batch.events.data(), static_cast<int>(batch.events.size()),
                             wait_millis);
    NDX_CHECK(batch.count >= 0 || errno == EINTR);
    now_nanos_ = clock_.MonotonicNanos();
    batch_ = &batch;
    for (int i = 0; i < batch.count; ++i) {
      const epoll_event& event = batch.events[static_cast<size_t>(i)];
      if (event.data.ptr != nullptr) {
        static_cast<FdObserver*>(event.data.ptr)->OnFdReady(event.events);
      }
    }
    batch_ = nullptr;
  }
  thread_id_.store(std::thread::id(), std::memory_order_relaxed);
  DropPosted();
}

void EventLoop::DropPosted() {
  std::vector<Task> dropped;  // destroyed after the lock: whoever waits for a task is told so
  {
    core::MutexLock lock(mutex_);
    dropped.swap(posted_);
  }
}

void EventLoop::Stop() {
  core::MutexLock lock(mutex_);
  stopped_ = true;
  Wake();
}

void EventLoop::Post(Task task) {
  core::MutexLock lock(mutex_);
  if (stopped_) return;
  posted_.push_back(std::move(task));
  if (!wake_pending_ && !InLoop()) {
    wake_pending_ = true;
    Wake();
  }
}

bool EventLoop::RunAndWait(Task task) {
  NDX_CHECK(!InLoop());
  // The task may be dropped unrun when the loop stops; the guard's destructor tells the waiter
  // then.
  struct Signal {
    core::Mutex mutex;
    core::CondVar changed;
    bool done ABSL_GUARDED_BY(mutex) = false;
    bool ran ABSL_GUARDED_BY(mutex) = false;
  };
  struct Guard {
    explicit Guard(std::shared_ptr<Signal> s) : signal(std::move(s)) {}
    Guard(Guard&&) = default;
    ~Guard() {
      if (signal == nullptr) return;
      core::MutexLock lock(signal->mutex);
      signal->done = true;
      signal->ran = ran;
      signal->changed.NotifyAll();
    }
    std::shared_ptr<Signal> signal;  // shared: the waiter and the queued task
    bool ran = false;
  };
  auto signal = std::make_shared<Signal>();
  bool run_here = false;
  {
    core::MutexLock lock(mutex_);
    run_here = !started_;
  }
  if (run_here) {
    task();
    return true;
  }
  Post([guard = Guard(signal), task = std::move(task)]() mutable {
    task();
    guard.ran = true;
  });
  core::MutexLock lock(signal->mutex);
  while (!signal->done) signal->changed.Wait(signal->mutex);
  return signal->ran;
}

void EventLoop::Defer(Task task) { deferred_.push_back(std::move(task)); }

EventLoop::TimerId EventLoop::RunAfter(absl::Duration delay, Task task) {
  return RunAt(now_nanos_ + absl::ToInt64Nanoseconds(delay), std::move(task));
}

EventLoop::TimerId EventLoop::RunAt(int64_t monotonic_nanos, Task task) {
  const TimerId id{monotonic_nanos, next_timer_++};
  timers_.emplace(id, std::move(task));
  return id;
}

bool EventLoop::Cancel(TimerId timer) { return timers_.erase(timer) > 0; }

bool EventLoop::Watch(int fd, uint32_t events, FdObserver* observer) {
  epoll_event event{};
  event.events = events;
  event.data.ptr = observer;
  return epoll_ctl(epoll_fd_, EPOLL_CTL_ADD, fd, &event) == 0;
}

bool EventLoop::Rewatch(int fd, uint32_t events, FdObserver* observer) {
  epoll_event event{};
  event.events = events;
  event.data.ptr = observer;
  return epoll_ctl(epoll_fd_, EPOLL_CTL_MOD, fd, &event) == 0;
}

void EventLoop::Unwatch(int fd, FdObserver* observer) {
  epoll_ctl(epoll_fd_, EPOLL_CTL_DEL, fd, nullptr);
  if (batch_ == nullptr) return;
  for (int i = 0; i < batch_->count; ++i) {
    epoll_event& event = batch_->events[static_cast<size_t>(i)];
    if (event.data.ptr == observer) event.data.ptr = nullptr;
  }
}

void EventLoop::RunPosted() {
  {
    core::MutexLock lock(mutex_);
    if (wake_pending_) {
      uint64_t count = 0;
      [[maybe_unused]] const ssize_t got = read(wake_fd_, &count, sizeof(count));
      wake_pending_ = false;
    }
    running_.swap(posted_);
  }
  for (Task& task : running_) task();
  running_.clear();
}

void EventLoop::RunDueTimers() {
  while (!timers_.empty() && timers_.begin()->first.at_nanos <= now_nanos_) {
    Task task = std::move(timers_.begin()->second);
    timers_.erase(timers_.begin());
    task();
  }
}

void EventLoop::RunDeferred() {
  for (size_t i = 0; i < deferred_.size(); ++i) {
    Task task = std::move(deferred_[i]);  // the vector may grow while it runs
    task();
  }
  deferred_.clear();
}

int EventLoop::WaitMillis() const {
  if (timers_.empty()) return -1;
  const int64_t nanos = timers_.begin()->first.at_nanos - clock_.MonotonicNanos();
  if (nanos <= 0) return 0;
  constexpr int64_t kNanosPerMilli = 1'000'000;
  return static_cast<int>(std::min<int64_t>(nanos / kNanosPerMilli + 1, 3'600'000));
}

void EventLoop::Wake() {
  const uint64_t one = 1;
  [[maybe_unused]] const ssize_t written = write(wake_fd_, &one, sizeof(one));
}

}  // namespace ndx::transport
