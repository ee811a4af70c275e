#include "ndx/console/worker_pool.h"

#include <atomic>
#include <catch2/catch.hpp>
#include <latch>
#include <memory>

namespace ndx::console {
namespace {

TEST_CASE("tasks run, several at once") {
  WorkerPool pool({.threads = 2, .queue_max = 8});
  std::latch first(1);
  std::latch second(1);
  std::latch done(2);
  // Each waits for the other, which one thread could not do.
  REQUIRE(pool.Submit([&] {
    first.count_down();
    second.wait();
    done.count_down();
  }));
  REQUIRE(pool.Submit([&] {
    second.count_down();
    first.wait();
    done.count_down();
  }));
  done.wait();
}

TEST_CASE("one task past the limit is refused") {
  WorkerPool pool({.threads = 1, .queue_max = 2});
  std::latch started(1);
  std::latch go(1);
  REQUIRE(pool.Submit([&] {
    started.count_down();
    go.wait();
  }));
  started.wait();
  CHECK(pool.Submit([] {}));
  CHECK(pool.Submit([] {}));
  CHECK_FALSE(pool.Submit([] {}));
  go.count_down();
}

TEST_CASE("stopping finishes what runs and drops what waits") {
  auto alive = std::make_shared<int>(1);
  std::atomic<bool> finished{false};
  std::atomic<bool> ran{false};
  std::latch started(1);
  std::latch go(1);
  WorkerPool pool({.threads = 1, .queue_max = 2});
  REQUIRE(pool.Submit([&] {
    started.count_down();
    go.wait();
    finished = true;
  }));
  started.wait();
  REQUIRE(pool.Submit([&ran, alive] { ran = true; }));
  go.count_down();
  pool.Stop();
  CHECK(finished);
  CHECK_FALSE(pool.Submit([] {}));
  // The waiting task either ran before the stop or was destroyed unrun; it is gone in both cases.
  CHECK(alive.use_count() == 1);
}

}  // namespace
}  // namespace ndx::console
