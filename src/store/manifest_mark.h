// Remembers how RocksDB's list of its files (MANIFEST) ended when it was last synced. Private to
// this folder.
//
// RocksDB takes a list whose end is missing or unreadable for one that ends there. The tables that
// the lost lines named are then deleted, and what stood in them reads as never written.
//
// Thread-safety: thread-safe; RocksDB writes one list at a time.
// Format: the file manifest-mark in the database's directory, a slot file (slot_file.h); its
// content: u64 length and SHA-256 of what was synced, name of the list. Two slots, because a new
// list is synced before CURRENT names it. A database without the file is older than the mark.
#pragma once

#include <rocksdb/file_system.h>

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "ndx/store/file_faults.h"

namespace ndx::store {

// kDataLoss, naming the list, if the one in force does not begin with what was synced of it.
absl::Status CheckManifestMark(const std::string& directory);

// Marks each list of the database in this directory as it is synced. Everything else goes to the
// other file system. faults may be null; otherwise it must outlive it.
std::shared_ptr<rocksdb::FileSystem> NewMarkingFileSystem(
    const std::shared_ptr<rocksdb::FileSystem>& other, std::string directory, FileFaults* faults);

}  // namespace ndx::store
