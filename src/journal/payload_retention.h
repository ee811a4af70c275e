// What becomes of payloads whose retention (thời hạn lưu trữ) is over: how it stands, what would go
// now, what went.
//
// Thread-safety: thread-safe. Every call blocks on the disk: not for an event loop.
// Errors: kDataLoss (a record is damaged; the message names it), kFailedPrecondition (the journal
// is not followed), kUnavailable.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "ndx/journal/retention_rules.h"

namespace ndx::journal {

struct RetentionStatus {
  // The time by which retention is counted, and how far the wall clock is ahead of it.
  absl::Time counted_by = absl::InfinitePast();
  absl::Duration clock_ahead;
  // So far ahead that a person has to confirm the clock (AcceptClock); until then retention ends
  // later by as much.
  bool clock_held = false;
  // Since when the first payload that is still to be removed has been due; zero if none is.
  absl::Duration lag;
  // Exchanges that a legal hold covers, or whose time is yet to come.
  uint64_t kept_back = 0;
  // The oldest leaf with a payload; infinite future if no payload is stored.
  absl::Time oldest_kept = absl::InfiniteFuture();
  // Since the journal began.
  uint64_t exchanges_pruned = 0;
  uint64_t bytes_pruned = 0;          // stored bytes of their payloads
  uint64_t segment_bytes_freed = 0;   // given back to the disk
  std::optional<uint64_t> last_leaf;  // the newest PAYLOAD_ERASED leaf of the retention
  absl::Status trouble;
};

// Payloads that are due, of one method.
struct DuePayloads {
  std::string method;
  uint32_t keep_days = 0;
  uint64_t exchanges = 0;
  uint64_t bytes = 0;
};

struct PruneForecast {
  std::vector<DuePayloads> due;  // by method
  bool complete = true;          // false: a limit ended the search, there is more
};

// What one PAYLOAD_ERASED leaf records.
struct PruneRecord {
  struct Group {
    uint32_t keep_days = 0;
    uint64_t exchanges = 0;
    uint64_t bytes = 0;
  };
  uint64_t leaf_index = 0;
  absl::Time time;
  std::vector<Group> groups;
};

// Leaves that a forecast looks at, at most.
inline constexpr uint64_t kForecastLeavesMax = 200'000;
inline constexpr uint64_t kForecastExchangesMax = 100'000;

class PayloadRetention {
 public:
  virtual ~PayloadRetention() = default;

  virtual const RetentionRules& rules() const = 0;
  virtual RetentionStatus status() const = 0;

  // What would be removed now. Changes nothing.
  virtual absl::StatusOr<PruneForecast> Forecast() const = 0;

  // The newest records, newest first, at most limit, of leaves before this one.
  virtual absl::StatusOr<std::vector<PruneRecord>> History(uint64_t before_leaf,
                                                           size_t limit) const = 0;

  // A person says that the wall clock is right. Durable.
  virtual absl::Status AcceptClock() = 0;
};

}  // namespace ndx::journal
