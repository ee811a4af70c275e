// Finds the exchanges whose payloads have been kept long enough. Private to this folder.
//
// Thread-safety: thread-safe. What it refers to outlives it.
//
// The log is walked in order, once for each retention, by the leaves that close exchanges: what is
// open or in doubt is thus never found. A walk ends at the first exchange that is not due; since it
// ends there, an exchange recorded while the clock was behind does not go before those recorded
// before it. What a legal hold covers, and what bears a time that is yet to come, is kept back, and
// looked at again from then on.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "ndx/journal/payload_keeper.h"
#include "ndx/journal/retention_rules.h"
#include "store_reader.h"
#include "subject_keys.h"

namespace ndx::journal {

struct PruneLimits {
  uint64_t leaves = 65536;    // looked at
  uint64_t exchanges = 4096;  // found due
  uint64_t kept_back = 4096;  // looked at again
};

// An exchange whose payloads are due.
struct DueExchange {
  uint64_t closing_leaf = 0;
  std::string method;
  uint32_t keep_days = 0;
  std::vector<uint64_t> leaves;           // those with a payload
  uint64_t bytes = 0;                     // stored
  std::map<uint64_t, uint64_t> segments;  // bytes of them, headers included, by segment
};

// By retention in days: the first leaf that was not looked at.
using PruneCursors = std::map<uint32_t, uint64_t>;

struct PruneSelection {
  std::vector<DueExchange> due;
  PruneCursors cursors;             // to go on from
  std::vector<uint64_t> kept_back;  // closing leaves that are kept back from now on
  std::vector<uint64_t> released;   // that were, and are no longer
  uint64_t next_kept_back = 0;      // where to go on looking at those
  bool more = false;                // a limit ended it
  // Since when the first that was not reached has been due; zero if none is.
  absl::Duration lag;
};

class PruneSelector {
 public:
  struct Parts {
    const store::Database& database;
    const StoreReader& reader;
    const SubjectKeys& subjects;
  };
  explicit PruneSelector(Parts parts) : parts_(parts) {}

  struct Question {
    const RetentionRules& rules;
    PruneCursors cursors;
    uint64_t next_kept_back = 0;
    absl::Time now;   // to count by
    absl::Time wall;  // a leaf of later than that was written by a clock that was ahead
    std::vector<LegalHold> holds;
    PruneLimits limits;
  };
  absl::StatusOr<PruneSelection> Select(const Question& question) const;

  // The first leaf with which anything is stored: no walk needs to begin before it.
  absl::StatusOr<uint64_t> FirstStored() const;

 private:
  enum class Verdict { kDue, kNotYet, kKeptBack, kNothingStored };

  absl::Status LookAgain(const Question& question, PruneSelection* out) const;
  absl::Status Walk(const Question& question, uint32_t keep_days, PruneSelection* out) const;
  absl::StatusOr<Verdict> Judge(const Question& question, const StoredLeaf& closing,
                                DueExchange* exchange) const;
  absl::StatusOr<bool> IsHeld(const std::vector<LegalHold>& holds, const StoredLeaf& closing,
                              const DueExchange& exchange) const;
  absl::Status AddLeaf(uint64_t leaf, DueExchange* exchange) const;

  const Parts parts_;
};

}  // namespace ndx::journal
