// Errors of the disk on demand: while the file that NDX_SHIM_FAULTS names exists, its lines
//   sync|write ERRNO TIMES TEXT
// make so many calls on files whose path holds the text fail with this error (a number).
//
// Thread-safety: thread-safe. Private to this folder.
#pragma once

namespace ndx::shim {

// The error with which this call is to fail; 0 for none. kind is "sync" or "write".
int FaultOf(const char* kind, int fd);

}  // namespace ndx::shim
