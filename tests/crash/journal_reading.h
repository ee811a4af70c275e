// Everything that can be read from a stopped journal, so that two readings can be compared: leaves,
// proofs, payloads, exchanges, searches.
//
// Thread-safety: thread-compatible.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace ndx::tests {

struct JournalKeyFiles {
  std::string node;     // name of the node
  std::string signing;  // files
  std::string master;
};

// What a question was answered, by question. An answer that is an error begins with kReadingError.
using JournalReading = std::map<std::string, std::string>;
inline constexpr char kReadingError[] = "error: ";

// Starts the journal as the node does, reads the first so many leaves of it (0: all) and everything
// that hangs on them, and stops it. The directory is changed as by any start. An error: it does not
// start.
absl::StatusOr<JournalReading> ReadJournal(const std::string& directory,
                                           const JournalKeyFiles& keys, uint64_t leaves);

// The public key, as vkey text, of a journal in its first epoch.
absl::StatusOr<std::string> VkeyOf(const JournalKeyFiles& keys);

struct ReadingDifference {
  size_t errors = 0;  // questions that were answered before and are errors now
  size_t wrong = 0;   // answered, and otherwise
  std::string first;  // the first wrong one, or the first error
};
ReadingDifference Compare(const JournalReading& before, const JournalReading& now);

}  // namespace ndx::tests
