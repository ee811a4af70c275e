// File descriptors: how many the process may have, and how many of them connections may take, so
// that journal and providers do not go without.
//
// Thread-safety: thread-safe; the limit is the process's.
#pragma once

#include <cstddef>

namespace ndx::daemon {

// Descriptors that connections never take: a quarter of those that are free, at most so many.
inline constexpr size_t kDescriptorsKeptMax = 512;

// Raises the soft limit to the hard one. The limit now in force.
size_t RaiseDescriptorLimit();

// Descriptors open now.
size_t OpenDescriptors();

// How many connections there may be under such a limit, when so many descriptors are open without
// any; at least one.
size_t ConnectionsWithin(size_t limit, size_t open);

}  // namespace ndx::daemon
