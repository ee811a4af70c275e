// Appends a record and waits until it is durable, for threads that may block.
//
// Thread-safety: thread-safe. Blocks for a synced write: not for an event loop. Errors: those of
// Journal::Append.
#pragma once

#include "absl/status/statusor.h"
#include "ndx/journal/journal.h"

namespace ndx::journal {

absl::StatusOr<Appended> AppendAndWait(Journal& journal, Record record);

}  // namespace ndx::journal
