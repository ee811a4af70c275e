// Exchanges by which another was executed again already.
//
// Thread-safety: thread-safe function; blocks on the disk. Errors: those of search and journal.
#pragma once

#include <optional>
#include <set>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "ndx/core/exchange_id.h"
#include "ndx/journal/journal_reader.h"
#include "ndx/search/searcher.h"

namespace ndx::replay {

// Replays of one exchange that are looked at; the newest.
inline constexpr size_t kReplaysOfOneMax = 100;

struct EarlierReplays {
  bool answered_well = false;                // one of them
  std::optional<core::ExchangeId> in_doubt;  // the newest of those in doubt
};

// Of one exchange, just before it is sent: from the leaves of the replays themselves.
absl::StatusOr<EarlierReplays> FindReplaysOf(const search::Searcher& searcher,
                                             const journal::JournalReader& reader,
                                             core::ExchangeId exchange_id);

// Ids (16 bytes) of all exchanges that were executed again since then and answered well, as far as
// REPLAY_EXECUTED leaves say so: for the preview of many.
absl::StatusOr<std::set<std::string>> FindReplayedWell(const search::Searcher& searcher,
                                                       absl::Time since);

}  // namespace ndx::replay
