// Looks at a table file's end before RocksDB takes it apart. Private to this folder.
//
// Thread-safety: thread-safe.
//
// RocksDB checks almost every block of a table before it uses it, but not the footer, and the block
// of properties only after having read it; what is wrong in there ends Debian's build, which has
// its assertions on, by abort(). Here it is an error that names the file.
#pragma once

#include <rocksdb/file_system.h>

#include <memory>

namespace ndx::store {

// Opens no table (*.sst) whose footer, index of meta blocks or properties are not as they were
// written: Corruption. Everything else goes to the other file system.
std::shared_ptr<rocksdb::FileSystem> NewGuardedFileSystem(
    const std::shared_ptr<rocksdb::FileSystem>& other);

}  // namespace ndx::store
