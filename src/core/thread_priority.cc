#include "ndx/core/thread_priority.h"

#include <sys/resource.h>
#include <unistd.h>

#include <cerrno>

namespace ndx::core {
namespace {

constexpr int kStepsBack = 5;

}  // namespace

void StandBackOnThisThread() {
  const auto thread = static_cast<id_t>(gettid());
  errno = 0;
  const int now = getpriority(PRIO_PROCESS, thread);  // -1 is a value too
  if (errno == 0) (void)setpriority(PRIO_PROCESS, thread, now + kStepsBack);
}

}  // namespace ndx::core
