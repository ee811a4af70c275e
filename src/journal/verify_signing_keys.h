// The part of a journal's verification that concerns the rotations of its signing key: the store's
// record against the KEY_ROTATED leaves, and the newest checkpoint against the newest key. Private
// to this folder.
//
// Thread-safety: as VerifyJournal().
#pragma once

#include "absl/strings/string_view.h"
#include "journal_walk.h"
#include "ndx/journal/checkpoint.h"
#include "ndx/store/database.h"

namespace ndx::journal {

// walk: done. note: the newest checkpoint, whose signature has been verified by some key; empty if
// there is none.
void CheckSigningKeys(const store::Database& database, const JournalWalk& walk,
                      absl::string_view note, ProblemList* problems);

}  // namespace ndx::journal
