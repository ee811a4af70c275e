#include "ndx/daemon/descriptor_limit.h"

#include <dirent.h>
#include <sys/resource.h>

#include <algorithm>

namespace ndx::daemon {

size_t RaiseDescriptorLimit() {
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  rlimit raised = limit;
  raised.rlim_cur = limit.rlim_max;
  if (setrlimit(RLIMIT_NOFILE, &raised) == 0) return raised.rlim_cur;
  return limit.rlim_cur;
}

size_t OpenDescriptors() {
  DIR* const directory = opendir("/proc/self/fd");
  if (directory == nullptr) return 0;
  size_t entries = 0;
  while (readdir(directory) != nullptr) ++entries;
  closedir(directory);
  constexpr size_t kNotOurs = 3;  // ".", ".." and the one that reads
  return entries - std::min(entries, kNotOurs);
}

size_t ConnectionsWithin(size_t limit, size_t open) {
  const size_t free = limit - std::min(limit, open);
  return std::max<size_t>(free - std::min(free / 4, kDescriptorsKeptMax), 1);
}

}  // namespace ndx::daemon
