#include "ndx/transport/event_loop.h"

#include <sys/epoll.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <vector>

#include "ndx/core/system_clock.h"
#include "ndx/tests/support/fake_clock.h"
#include "ndx/tests/support/notification.h"
#include "ndx/transport/event_loop_group.h"

namespace ndx::transport {
namespace {

TEST_CASE("tasks run in order on the loop, deferred ones at the end of the round") {
  const core::SystemClock clock;
  EventLoopGroup loops(clock, 1, "test");
  loops.Start();
  EventLoop& loop = loops.loop(0);
  std::vector<int> order;
  tests::Notification done;
  const auto first = [&] {
    CHECK(loop.InLoop());
    loop.Defer([&] {
      order.push_back(3);
      loop.Defer([&] { order.push_back(4); });
    });
    loop.Post([&] {
      order.push_back(5);
      done.Notify();
    });
    order.push_back(1);
  };
  // Both are there before either runs.
  loop.Post([&] {
    loop.Post(first);
    loop.Post([&] { order.push_back(2); });
  });
  done.WaitForNotification();
  CHECK(order == std::vector<int>{1, 2, 3, 4, 5});
  CHECK_FALSE(loop.InLoop());
}

TEST_CASE("timers fire by the clock, in order, and not when cancelled") {
  tests::FakeClock clock;
  EventLoopGroup loops(clock, 1, "test");
  loops.Start();
  EventLoop& loop = loops.loop(0);
  std::vector<int> fired;
  loop.RunAndWait([&] {
    loop.RunAfter(absl::Seconds(20), [&] { fired.push_back(20); });
    loop.RunAfter(absl::Seconds(10), [&] { fired.push_back(10); });
    const auto cancelled = loop.RunAfter(absl::Seconds(5), [&] { fired.push_back(5); });
    CHECK(loop.Cancel(cancelled));
    CHECK_FALSE(loop.Cancel(cancelled));
    CHECK_FALSE(loop.Cancel({}));
  });
  const auto fired_after = [&](absl::Duration step) {
    clock.Advance(step);
    loop.RunAndWait([] {});  // the round that sees the new time …
    loop.RunAndWait([] {});  // … has ended
    return fired;
  };
  CHECK(fired_after(absl::Seconds(10) - absl::Nanoseconds(1)).empty());
  CHECK(fired_after(absl::Nanoseconds(1)) == std::vector<int>{10});
  CHECK(fired_after(absl::Seconds(10)) == std::vector<int>{10, 20});
}

TEST_CASE("an observer that another one takes out of the round is not called") {
  const core::SystemClock clock;
  EventLoop loop(clock);
  int fds[2][2];
  for (auto& pair : fds) REQUIRE(pipe(pair) == 0);
  struct Reader final : FdObserver {
    void OnFdReady(uint32_t events) override {
      CHECK((events & EPOLLIN) != 0);
      ++calls;
      loop->Unwatch(fd, this);
      loop->Unwatch(other->fd, other);
      loop->Stop();
    }
    EventLoop* loop = nullptr;
    int fd = -1;
    Reader* other = nullptr;
    int calls = 0;
  };
  Reader readers[2];
  for (int i = 0; i < 2; ++i) {
    readers[i].loop = &loop;
    readers[i].fd = fds[i][0];
    readers[i].other = &readers[1 - i];
    REQUIRE(write(fds[i][1], "x", 1) == 1);
    REQUIRE(loop.Watch(fds[i][0], EPOLLIN, &readers[i]));
  }
  loop.Run();
  CHECK(readers[0].calls + readers[1].calls == 1);
  for (auto& pair : fds) close(pair[0]), close(pair[1]);
}

TEST_CASE("a stopped loop drops tasks and tells whoever waits") {
  const core::SystemClock clock;
  EventLoopGroup loops(clock, 2, "test");
  CHECK(loops.loop(0).RunAndWait([] {}));  // not started yet: runs here
  loops.Start();
  CHECK(&loops.Next() != &loops.Next());
  CHECK(loops.loop(0).RunAndWait([] {}));
  loops.Stop();
  bool ran = false;
  CHECK_FALSE(loops.loop(0).RunAndWait([&] { ran = true; }));
  CHECK_FALSE(ran);
}

}  // namespace
}  // namespace ndx::transport
