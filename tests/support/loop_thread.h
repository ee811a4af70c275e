// One event loop on a thread of its own, and a clock that moves only when told to.
//
//   LoopThread loop;
//   loop.Run([&] { call = dispatcher.Start(…); });   // on the loop, and waits for it
//   loop.Advance(absl::Seconds(2));                  // fires what is due by then
//
// Thread-safety: used by the test's thread. What belongs to the loop may be looked at from the test
// between two calls: after each of them the loop has nothing left to do until the clock moves or
// another thread posts.
#pragma once

#include <utility>

#include "absl/time/time.h"
#include "ndx/core/status_macros.h"
#include "ndx/tests/support/fake_clock.h"
#include "ndx/transport/event_loop_group.h"

namespace ndx::tests {

class LoopThread {
 public:
  // A Monday in January 2027, nine in the morning in Vietnam.
  static absl::Time Morning() { return absl::FromUnixSeconds(1'799'028'000); }

  LoopThread() { loops_.Start(); }

  FakeClock& clock() { return clock_; }
  transport::EventLoopGroup& loops() { return loops_; }
  transport::EventLoop& loop() { return loops_.loop(0); }

  // Runs the task on the loop, and everything that follows from it.
  void Run(transport::EventLoop::Task task) {
    NDX_CHECK(loop().RunAndWait(std::move(task)));
    Settle();
  }

  // Lets the loop do all it can do now. Each wait is at least one whole round of the loop: posted
  // tasks, due timers, deferred tasks.
  void Settle() {
    for (int round = 0; round < kRounds; ++round) NDX_CHECK(loop().RunAndWait([] {}));
  }

  void Advance(absl::Duration by) {
    clock_.Advance(by);
    Settle();
  }

 private:
  // Longer than any chain of tasks and timers that one event sets off here.
  static constexpr int kRounds = 12;

  FakeClock clock_{Morning()};
  transport::EventLoopGroup loops_{clock_, 1, "test"};
};

}  // namespace ndx::tests
