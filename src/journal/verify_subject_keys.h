// Verifies the store of subject keys in a copy of a journal, if the copy holds one. Private to this
// folder.
//
// Thread-safety: thread-safe. It changes no file.
#pragma once

#include <cstdint>
#include <string>

#include "journal_walk.h"

namespace ndx::journal {

// Checks the log and every table file, and that the store goes to where the journal, of so many
// leaves, relies on it (moved_to). Keys need no key to be checked: what is wrapped is taken as
// bytes. A copy without the store is no problem: its payloads cannot be read, which it is for.
void CheckSubjectKeys(const std::string& epoch_directory, uint64_t leaves, uint64_t moved_to,
                      VerifyReport* report, ProblemList* problems);

}  // namespace ndx::journal
