#include "ndx/core/thread_priority.h"

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <thread>

namespace ndx::core {
namespace {

int NiceOfThisThread() { return getpriority(PRIO_PROCESS, static_cast<id_t>(gettid())); }

TEST_CASE("a thread stands back by itself: neither the others nor those it was started by do") {
  const int before = NiceOfThisThread();
  int after = before;
  std::thread([&after] {
    StandBackOnThisThread();
    after = NiceOfThisThread();
  }).join();
  // 19 is the end of the scale.
  CHECK(after == std::min(before + 5, 19));
  CHECK(NiceOfThisThread() == before);
}

}  // namespace
}  // namespace ndx::core
