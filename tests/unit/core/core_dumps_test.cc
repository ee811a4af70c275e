#include "ndx/core/core_dumps.h"

#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>

namespace ndx::core {
namespace {

TEST_CASE("a process that forbids core dumps is not dumpable and has no limit to raise again") {
  const pid_t child = fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    ForbidCoreDumps();
    rlimit limit{.rlim_cur = 1, .rlim_max = 1};
    const bool forbidden = prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) == 0 &&
                           getrlimit(RLIMIT_CORE, &limit) == 0 && limit.rlim_max == 0;
    _exit(forbidden ? 0 : 1);
  }
  int status = -1;
  REQUIRE(waitpid(child, &status, 0) == child);
  CHECK(status == 0);
}

}  // namespace
}  // namespace ndx::core
