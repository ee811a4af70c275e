// One thread's event loop: file descriptors (epoll), timers and tasks of other threads.
//
// Everything that belongs to a connection or a call happens on its loop, so nothing there is
// locked.
//
// Thread-safety: Post(), RunAndWait() and Stop() are thread-safe; everything else only on the
// thread that is in Run(), or before Run() is called. Ownership: watched observers and everything
// that tasks refer to must outlive their registration. Units: nanoseconds of the clock's monotonic
// time.
#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/btree_map.h"
#include "absl/functional/any_invocable.h"
#include "absl/time/time.h"
#include "ndx/core/clock.h"
#include "ndx/core/mutex.h"

namespace ndx::transport {

// Told when a watched file descriptor is ready.
class FdObserver {
 public:
  virtual ~FdObserver() = default;
  // events: EPOLLIN, EPOLLOUT, EPOLLERR, EPOLLHUP. Level-triggered: comes again until dealt with.
  virtual void OnFdReady(uint32_t events) = 0;
};

class EventLoop {
 public:
  using Task = absl::AnyInvocable<void()>;

  // Names one timer. A default-constructed one names none; cancelling it does nothing.
  struct TimerId {
    int64_t at_nanos = 0;
    uint64_t number = 0;
    friend auto operator<=>(const TimerId&, const TimerId&) = default;
  };

  // A test passes a fake clock: the loop then fires timers by that clock, and looks at it again
  // whenever a task is posted.
  explicit EventLoop(const core::Clock& clock, std::string name = "loop");
  ~EventLoop();
  EventLoop(const EventLoop&) = delete;
  EventLoop& operator=(const EventLoop&) = delete;

  // Says that another thread is about to call Run(), so that RunAndWait() waits for it.
  void AnnounceRun();

  // Serves events on the calling thread until Stop().
  void Run();

  // Makes Run() return after its current round. Tasks that have not run by then never do.
  void Stop();

  // Runs the task in one of the next rounds, in order of posting. After Stop() it is dropped.
  void Post(Task task);

  // Posts the task and waits until it has run; false if the loop stopped before. Deadlocks when
  // called on the loop itself; runs at once when the loop was never started.
  bool RunAndWait(Task task);

  // Runs the task at the end of this round, after all events, timers and posted tasks: where writes
  // are gathered. A task deferred by a deferred task runs in the same round.
  void Defer(Task task);

  // Runs the task once, not before the delay has passed.
  TimerId RunAfter(absl::Duration delay, Task task);
  TimerId RunAt(int64_t monotonic_nanos, Task task);

  // Forgets the timer. False when it has run already.
  bool Cancel(TimerId timer);

  // Watches fd for events (EPOLLIN …; EPOLLERR and EPOLLHUP are always told). One observer an fd.
  // False when the kernel refuses.
  bool Watch(int fd, uint32_t events, FdObserver* observer);
  bool Rewatch(int fd, uint32_t events, FdObserver* observer);
  // After this the observer is not called for events of this round either.
  void Unwatch(int fd, FdObserver* observer);

  // Monotonic time, read once a round.
  int64_t NowNanos() const { return now_nanos_; }

  const core::Clock& clock() const { return clock_; }
  const std::string& name() const { return name_; }
  bool InLoop() const;

 private:
  void RunPosted();
  void RunDueTimers();
  void RunDeferred();
  void DropPosted();
  int WaitMillis() const;
  void Wake();

  const core::Clock& clock_;
  const std::string name_;
  int epoll_fd_ = -1;
  int wake_fd_ = -1;

  core::Mutex mutex_;
  std::vector<Task> posted_ ABSL_GUARDED_BY(mutex_);
  bool wake_pending_ ABSL_GUARDED_BY(mutex_) = false;
  bool stopped_ ABSL_GUARDED_BY(mutex_) = false;
  bool started_ ABSL_GUARDED_BY(mutex_) = false;

  // Only the loop's thread below.
  std::atomic<std::thread::id> thread_id_{};
  int64_t now_nanos_ = 0;
  uint64_t next_timer_ = 1;
  absl::btree_map<TimerId, Task> timers_;
  std::vector<Task> deferred_;
  std::vector<Task> running_;
  struct Batch;
  Batch* batch_ = nullptr;
};

}  // namespace ndx::transport
