// What the verification of an open journal needs of its inside. Private to this folder.
//
// Ownership: the references are valid as long as the journal.
#pragma once

#include <string>

#include "committer.h"
#include "ndx/store/database.h"
#include "ndx/store/segment_store.h"

namespace ndx::journal {

struct RocksJournalParts {
  const store::Database& database;
  const store::SegmentStore& segments;
  std::string epoch_directory;
  SignedHead head;
};

}  // namespace ndx::journal
