// Memory for secrets: locked, so that it is never swapped out, left out of core dumps, and wiped
// when it is given back. What cannot be locked (RLIMIT_MEMLOCK) is given all the same.
//
// Small pieces come from one region that is locked once; larger ones, and all when it is used up,
// have pages of their own.
//
// Thread-safety: thread-safe.
#pragma once

#include <cstddef>
#include <string>

namespace ndx::crypto {

// Sets memory aside, also for the keys that OpenSSL holds, and says why it is not locked; empty
// where it is. Once for a process that is to hold secrets for long, before it has any; others do
// without and have only their own pieces locked.
std::string LockSecretMemory();

// size bytes, all zero, of at least one. Ends the process where there is no memory at all.
char* TakeLockedMemory(size_t size);

// Wipes them and gives them back; size as they were taken.
void ReturnLockedMemory(char* at, size_t size);

}  // namespace ndx::crypto
