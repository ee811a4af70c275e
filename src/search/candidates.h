// Leaves that may match, from newest to oldest: posting lists, and their unions and intersections.
// Private to this folder.
//
// Thread-safety: thread-compatible. The index store outlives them.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "index_store.h"
#include "ndx/core/clock.h"

namespace ndx::search {

// Time that a search may take.
class TimeBudget {
 public:
  TimeBudget(const core::Clock& clock, absl::Duration budget)
      : clock_(clock), until_(clock.MonotonicNanos() + absl::ToInt64Nanoseconds(budget)) {}

  // To be called for every step. True from then on when the time is up; it looks at the clock now
  // and then only, so that every search gets somewhere.
  bool Spend() {
    if (!spent_ && ++steps_ % kStepsPerLook == 0) spent_ = clock_.MonotonicNanos() >= until_;
    return spent_;
  }
  bool spent() const { return spent_; }

 private:
  static constexpr uint32_t kStepsPerLook = 64;
  const core::Clock& clock_;
  const int64_t until_;
  uint32_t steps_ = 0;
  bool spent_ = false;
};

class Candidates {
 public:
  virtual ~Candidates() = default;

  // The newest candidate that is at most this leaf. False at the end, and after an error. When the
  // budget is spent on the way the leaf found may be none; nothing between it and at_most is.
  // Calls must ask for ever older leaves.
  virtual bool SeekAtMost(uint64_t at_most, uint64_t* leaf) = 0;

  virtual absl::Status status() const = 0;
};

// The leaves of one value.
std::unique_ptr<Candidates> NewPostingList(const IndexStore& store, std::string prefix,
                                           TimeBudget& budget);

// Leaves given as they are, ascending.
std::unique_ptr<Candidates> NewLeafList(std::vector<uint64_t> leaves);

// Leaves in blocks that have to do with the time bound.
std::unique_ptr<Candidates> NewTimeBlocks(const IndexStore& store, const TimeBound& bound);

std::unique_ptr<Candidates> NewUnion(std::vector<std::unique_ptr<Candidates>> parts);
std::unique_ptr<Candidates> NewIntersection(std::vector<std::unique_ptr<Candidates>> parts,
                                            TimeBudget& budget);

}  // namespace ndx::search
