// What verification and backup of an open journal need of its inside. Private to this folder.
//
// Ownership: the references are valid as long as the journal.
#pragma once

#include <functional>
#include <string>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "committer.h"
#include "ndx/store/database.h"
#include "ndx/store/segment_store.h"

namespace ndx::journal {

struct RocksJournalParts {
  const store::Database& database;
  const store::SegmentStore& segments;
  std::string epoch_directory;
  SignedHead head;
  const store::Database& subject_keys;
  // Calls act while no keys are moved and nothing is erased.
  std::function<absl::Status(absl::FunctionRef<absl::Status()>)> while_still;
};

}  // namespace ndx::journal
