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

// What is to be scrubbed of one family.
struct ScrubbedKeys {
  rocksdb::ColumnFamilyHandle* family = nullptr;
  // From begin to end, not among them; both empty: all keys.
  std::string begin;
  std::string end;
};

// Writes all families' memory to table files, so that no log is needed any more, rewrites every
// table in which keys to be scrubbed may stand, and waits until the tables and logs that were there
// before are gone. kUnavailable if one of them stays, because a cursor still reads it.
absl::Status ScrubFamilies(rocksdb::DB& db, const std::vector<rocksdb::ColumnFamilyHandle*>& all,
                           const std::vector<ScrubbedKeys>& scrubbed);

}  // namespace ndx::store
