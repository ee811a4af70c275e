// RocksDB's file system with the test seam in every write and sync. Private to this folder.
//
// Thread-safety: thread-safe, as the faults are.
#pragma once

#include <rocksdb/file_system.h>

#include <memory>

#include "ndx/store/file_faults.h"

namespace ndx::store {

// The default file system; faults must outlive it.
std::shared_ptr<rocksdb::FileSystem> NewFaultyFileSystem(FileFaults& faults);

}  // namespace ndx::store
