// Payloads must not end in a core dump: a process that handles them leaves none, whatever its
// user's limits and the system's core pattern say.
//
// Thread-safety: call once, before other threads and before any payload.
#pragma once

namespace ndx::core {

// Makes the process not dumpable: the kernel writes no core of it to a file and hands none to a
// program, and only root may look into its memory. Ends the process if the kernel refuses.
void ForbidCoreDumps();

}  // namespace ndx::core
