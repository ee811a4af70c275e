// Makes what was deleted from families of a RocksDB database unreadable in its files. Private to
// this folder.
//
// Thread-safety: thread-safe, one call at a time for a database.
#pragma once

#include <rocksdb/db.h>

#include <string>
#include <vector>

#include "absl/status/status.h"

namespace ndx::store {

// Writes all families' memory to table files, so that no log is needed any more, rewrites every
// table of the families to be scrubbed, and waits until the tables and logs that were there before
// are gone. kUnavailable if one of them stays, because a cursor still reads it.
absl::Status ScrubFamilies(rocksdb::DB& db, const std::vector<rocksdb::ColumnFamilyHandle*>& all,
                           const std::vector<rocksdb::ColumnFamilyHandle*>& scrubbed);

}  // namespace ndx::store
