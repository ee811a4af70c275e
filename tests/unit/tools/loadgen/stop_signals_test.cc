#include "ndx/tools/loadgen/stop_signals.h"

#include <unistd.h>

#include <catch2/catch.hpp>
#include <csignal>

#include "ndx/core/system_clock.h"

namespace ndx::tools::loadgen {
namespace {

TEST_CASE("either signal calls back on the loop instead of ending the process") {
  const core::SystemClock clock;
  for (const int signal : {SIGINT, SIGTERM}) {
    transport::EventLoop loop(clock, "stop signals");
    int stops = 0;
    const StopSignals signals(loop, [&] {
      ++stops;
      loop.Stop();
    });
    REQUIRE(::kill(::getpid(), signal) == 0);
    loop.Run();
    CHECK(stops == 1);
  }
}

}  // namespace
}  // namespace ndx::tools::loadgen
