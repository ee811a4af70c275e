#include "ndx/adapters/sdk/worker_pool.h"

#include <atomic>
#include <catch2/catch.hpp>
#include <memory>

namespace ndx::sdk {
namespace {

// Opens once.
class Gate {
 public:
  void Open() {
    core::MutexLock lock(mutex_);
    open_ = true;
    changed_.NotifyAll();
  }
  void Wait() {
    core::MutexLock lock(mutex_);
    while (!open_) changed_.Wait(mutex_);
  }

 private:
  core::Mutex mutex_;
  core::CondVar changed_;
  bool open_ = false;
};

TEST_CASE("tasks run; a full queue refuses and leaves the task") {
  Gate begun;
  Gate go_on;
  std::atomic<int> runs{0};
  WorkerPool pool({.threads = 1, .queue_max = 2});
  WorkerPool::Task blocking = [&] {
    begun.Open();
    go_on.Wait();
    ++runs;
  };
  REQUIRE(pool.TryRun(blocking));
  begun.Wait();
  for (int i = 0; i < 2; ++i) {
    WorkerPool::Task task = [&] { ++runs; };
    REQUIRE(pool.TryRun(task));
  }
  CHECK(pool.queued() == 2);
  WorkerPool::Task refused = [&] { ++runs; };
  CHECK_FALSE(pool.TryRun(refused));
  CHECK(refused != nullptr);
  Gate last;
  go_on.Open();
  while (pool.queued() > 0) {
  }
  WorkerPool::Task end = [&] { last.Open(); };
  REQUIRE(pool.TryRun(end));
  last.Wait();
  CHECK(runs == 3);
}

TEST_CASE("stopping ends the running task, drops the waiting ones and takes no more") {
  Gate begun;
  Gate go_on;
  std::atomic<int> runs{0};
  auto dropped = std::make_shared<int>(0);
  WorkerPool pool({.threads = 1, .queue_max = 10});
  WorkerPool::Task blocking = [&] {
    begun.Open();
    go_on.Wait();
    ++runs;
  };
  REQUIRE(pool.TryRun(blocking));
  begun.Wait();
  WorkerPool::Task waiting = [&, dropped] { ++runs; };
  REQUIRE(pool.TryRun(waiting));
  waiting = nullptr;
  CHECK(dropped.use_count() == 2);
  std::thread stopper([&] { pool.Stop(); });
  while (pool.queued() > 0) {
  }
  go_on.Open();
  stopper.join();
  CHECK(runs == 1);
  CHECK(dropped.use_count() == 1);
  WorkerPool::Task late = [&] { ++runs; };
  CHECK_FALSE(pool.TryRun(late));
  pool.Stop();
}

}  // namespace
}  // namespace ndx::sdk
