// The share of the processor that a thread gets beside others of its process.
//
// Thread-safety: thread-safe; changes the calling thread only.
#pragma once

namespace ndx::core {

// From now on the calling thread gets about a quarter of a processor where another thread wants all
// of it, for work that follows behind what somebody waits for. It gets all that nobody else wants.
// Where the system does not allow it the thread stays as it is.
// Source: sched(7), setpriority(2): on Linux a nice value belongs to a thread, and each step is a
// factor of 1.25.
void StandBackOnThisThread();

}  // namespace ndx::core
