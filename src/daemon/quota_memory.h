// What quotas must not forget when the node restarts: today's exchanges and persons, and how much
// of a campaign (đợt đối soát) is used. All of it is in the journal.
//
// At start today's leaves are counted, and the leaves that came after the campaigns' totals were
// written to their file. Persons, whom leaves do not name, are told by the follower, which also
// goes on with the totals.
//
// File of the totals: "ndx campaigns 1", the index of the first leaf that they do not hold, then a
// grant and its count a line. Written every kCampaignLeaves leaves and when the node stops. Where
// there is none, or none that can be read, the journal is counted from the first day of the
// earliest campaign on: the journal is the truth, the file saves time. A new epoch of the journal
// counts anew.
//
// Thread-safety: as LeafObserver. Ownership: everything given outlives it; the limiter too.
#pragma once

#include <atomic>
#include <memory>
#include <string>

#include "absl/container/btree_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "ndx/journal/payload_subjects.h"
#include "ndx/registry/registry.h"
#include "ndx/routing/rate_limiter.h"

namespace ndx::daemon {

inline constexpr uint64_t kCampaignLeaves = 4096;

class QuotaMemory final : public journal::LeafObserver {
 public:
  struct Parts {
    const journal::JournalReader& reader;
    const registry::Registry& registry;
    routing::RateLimiter& limiter;
    std::string campaign_file;
  };

  // Gives the limiter back what can be counted now.
  static absl::StatusOr<std::unique_ptr<QuotaMemory>> Open(Parts parts, absl::Time now);
  ~QuotaMemory() override;  // writes the totals

  uint64_t NextLeaf() const override { return next_leaf_; }
  absl::Status Observe(absl::Span<const journal::FollowedLeaf> leaves) override;

 private:
  using Totals = absl::btree_map<std::string, uint64_t>;

  QuotaMemory(Parts parts, absl::Time now);

  absl::Status CountToday();
  absl::Status ReadTotals();
  absl::Status CountSinceTotals();
  absl::Status WriteTotals();
  void TellPersons(const journal::FollowedLeaf& leaf);

  const Parts parts_;
  const absl::CivilDay today_;
  uint64_t first_today_ = 0;
  std::atomic<uint64_t> next_leaf_ = 0;

  // Follower's thread, once opened.
  Totals totals_;
  uint64_t totals_next_ = 0;     // first leaf that totals_ does not hold
  uint64_t totals_written_ = 0;  // the same of the file
};

}  // namespace ndx::daemon
