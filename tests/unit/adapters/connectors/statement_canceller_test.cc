#include "statement_canceller.h"

#include <catch2/catch.hpp>

namespace ndx::connectors {
namespace {

TEST_CASE("a target is stopped on the canceller's thread, and not once it is closed") {
  core::Mutex mutex;
  core::CondVar changed;
  int stops = 0;
  StatementCanceller canceller;
  const auto count = [&] {
    core::MutexLock lock(mutex);
    ++stops;
    changed.NotifyAll();
  };
  auto closed = std::make_shared<CancelTarget>(count);
  closed->Close();
  canceller.Request(closed);
  auto target = std::make_shared<CancelTarget>(count);
  canceller.Request(target);
  core::MutexLock lock(mutex);
  while (stops == 0) changed.Wait(mutex);
  CHECK(stops == 1);
}

}  // namespace
}  // namespace ndx::connectors
