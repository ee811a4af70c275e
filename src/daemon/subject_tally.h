// Gives the quotas of persons asked about back, after a start, what the journal has of today: told
// by the follower, which knows whom an exchange concerns.
//
// Thread-safety: as LeafObserver. Ownership: the limiter outlives it.
#pragma once

#include <atomic>

#include "absl/time/civil_time.h"
#include "ndx/journal/payload_subjects.h"
#include "ndx/routing/rate_limiter.h"

namespace ndx::daemon {

class SubjectTally final : public journal::LeafObserver {
 public:
  // first_leaf: of today. Later days are counted by the exchanges themselves, and what is told
  // twice counts once.
  SubjectTally(routing::RateLimiter& limiter, uint64_t first_leaf, absl::CivilDay today)
      : limiter_(limiter), today_(today), next_leaf_(first_leaf) {}

  uint64_t NextLeaf() const override { return next_leaf_; }
  absl::Status Observe(absl::Span<const journal::FollowedLeaf> leaves) override;

 private:
  routing::RateLimiter& limiter_;
  const absl::CivilDay today_;
  std::atomic<uint64_t> next_leaf_;
};

}  // namespace ndx::daemon
