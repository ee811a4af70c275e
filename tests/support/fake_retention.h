// A retention that stands as the test says.
//
// Thread-safety: thread-compatible; set members before the call under test.
#pragma once

#include <vector>

#include "ndx/journal/payload_retention.h"

namespace ndx::tests {

class FakeRetention final : public journal::PayloadRetention {
 public:
  journal::RetentionRules the_rules = journal::RetentionRules::Make(3, {}).value();
  journal::RetentionStatus the_status;
  absl::StatusOr<journal::PruneForecast> forecast = journal::PruneForecast();
  std::vector<journal::PruneRecord> history;  // newest first
  int clocks_accepted = 0;

  const journal::RetentionRules& rules() const override { return the_rules; }
  journal::RetentionStatus status() const override { return the_status; }
  absl::StatusOr<journal::PruneForecast> Forecast() const override { return forecast; }
  absl::StatusOr<std::vector<journal::PruneRecord>> History(uint64_t before_leaf,
                                                            size_t limit) const override {
    std::vector<journal::PruneRecord> out;
    for (const journal::PruneRecord& record : history) {
      if (record.leaf_index < before_leaf && out.size() < limit) out.push_back(record);
    }
    return out;
  }
  absl::Status AcceptClock() override {
    ++clocks_accepted;
    the_status.clock_held = false;
    the_status.clock_ahead = absl::ZeroDuration();
    return absl::OkStatus();
  }
};

}  // namespace ndx::tests
