#include "ndx/core/core_dumps.h"

#include <sys/prctl.h>
#include <sys/resource.h>

#include "ndx/core/status_macros.h"

namespace ndx::core {

void ForbidCoreDumps() {
  const rlimit none{.rlim_cur = 0, .rlim_max = 0};
  NDX_CHECK(setrlimit(RLIMIT_CORE, &none) == 0);
  // The limit does not hold where the core pattern is a program; this does.
  NDX_CHECK(prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) == 0);
}

}  // namespace ndx::core
