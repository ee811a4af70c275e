// Stage 5: quotas of grants. Pure but for its counters; time is an argument.
//
// A second's quota n is a bucket of n that refills at n a second: n at once, n a second in the long
// run. A day's quota counts calendar days of Asia/Ho_Chi_Minh. A refused exchange takes from
// none. A campaign has a total instead, which no day refills. Of persons asked about each counts
// once a day, by the first 64 bits of the journal's keyed reference: who they are is not kept. What
// a group's grant allows, it allows each of its systems. Counters live in memory: whoever restarts
// a node gives counts back with Restore(), RestoreSubjects() and RestoreCampaign().
//
// Where several nodes stand side by side each gives its part of every quota, rounded down and one
// at least: a quota below the number of nodes is then more than was granted.
//
// Thread-safety: thread-safe. Cost: one short lock for each grant, shared by the event loops.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "ndx/core/mutex.h"
#include "ndx/core/refusal.h"
#include "ndx/registry/registry_snapshot.h"

namespace ndx::routing {

// By which name a grant's quotas are counted: its own, of a group's with the consumer's id.
std::string QuotaName(const registry::GrantEntry& grant, absl::string_view consumer);

class RateLimiter {
 public:
  // share_percent: this node's part of every quota, 1 to 100.
  explicit RateLimiter(uint32_t share_percent = 100);
  ~RateLimiter();

  // Takes one exchange from the grant's quotas, or says why not: QUOTA_USED with limit, period,
  // retry_after and retry_at, SUBJECT_QUOTA_USED, CAMPAIGN_TOTAL_USED (the parameter owner is the
  // caller's to add). Nothing for a grant without quota. consumer: its id. `now` decides
  // the day, `monotonic_nanos` (which never goes back) the second. subjects: references of whom the
  // exchange asks about, 16 bytes each; only read where the grant has a quota of them.
  std::optional<core::Refusal> Take(const registry::GrantEntry& grant, absl::string_view consumer,
                                    absl::Time now, int64_t monotonic_nanos,
                                    absl::Span<const std::string> subjects);

  // Exchanges of one grant on one day.
  struct DayUse {
    std::string quota;  // QuotaName()
    absl::CivilDay day;
    uint64_t used = 0;
  };

  // Today's use of every grant with a day's quota.
  std::vector<DayUse> Uses(absl::Time now) const;

  // Adds earlier use, found in the journal at start.
  void Restore(const DayUse& use);

  // The same of persons asked about. Those known already are not counted again.
  void RestoreSubjects(absl::string_view quota, absl::CivilDay day,
                       absl::Span<const std::string> subjects);

  // Adds earlier use of a campaign.
  void RestoreCampaign(absl::string_view grant, uint64_t used);

  // Forgets grants that are no longer in the registry.
  void Forget(const registry::RegistrySnapshot& registry);

 private:
  struct Counter;
  uint64_t ShareOf(uint64_t quota) const;
  std::shared_ptr<Counter> CounterOf(absl::string_view quota);

  const uint32_t share_percent_;
  mutable core::Mutex mutex_;
  absl::flat_hash_map<std::string, std::shared_ptr<Counter>> counters_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace ndx::routing
