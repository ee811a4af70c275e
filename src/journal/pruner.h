// Removes payloads whose retention is over: their keys, their stored bytes, the segment files that
// held them. Private to this folder.
//
// Thread-safety: Round() is for one thread at a time, while no keys are moved and no holds change;
// everything else is thread-safe. Ownership: what it refers to outlives it.
// Crash-safety: the leaf that records a removal is durable, with the list of what it removes,
// before anything is; the next round finishes what is recorded.
//
//   due exchanges ─▶ leaf and list (one group) ─▶ keys/ (part keys gone, commitments stay)
//                 ─▶ db/ (places of payloads gone) ─▶ noted ─▶ scrubbed ─▶ segment files
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "ndx/core/clock.h"
#include "ndx/core/mutex.h"
#include "ndx/journal/payload_keeper.h"
#include "ndx/journal/payload_retention.h"
#include "ndx/journal/prune_clock.h"
#include "ndx/journal/v1/journal_store.pb.h"
#include "ndx/store/database.h"
#include "ndx/store/segment_store.h"
#include "payload_removal.h"
#include "prune_selector.h"
#include "segment_reclaim.h"
#include "store_reader.h"
#include "subject_keys.h"

namespace ndx::journal {

class Pruner final : public PayloadRetention {
 public:
  struct Parts {
    store::Database& database;  // the journal's
    store::SegmentStore& segments;
    const StoreReader& reader;
    SubjectKeys& subjects;
    const core::Clock& clock;
    // False while the disk is nearly full: then nothing is copied, only removed.
    std::function<bool()> has_space;
    // Leaves that there were before this start: the newest tells until when the node ran.
    uint64_t leaves_before = 0;
    // Appends the leaf with the list beside it, and waits until it is durable.
    std::function<absl::StatusOr<uint64_t>(v1::JournalLeaf, std::string list)> append;
    // A synced write failed.
    std::function<void(const absl::Status&)> on_failed_write;
  };
  explicit Pruner(Parts parts);

  // Before the first round. Once.
  absl::Status Start(RetentionRules rules, std::function<void(absl::string_view)> at_step);

  // Carries out what was left, and then a bounded part of what is due. holds: those in force.
  absl::Status Round(const std::vector<LegalHold>& holds);

  // PayloadRetention.
  const RetentionRules& rules() const override { return rules_; }
  RetentionStatus status() const override;
  absl::StatusOr<PruneForecast> Forecast() const override;
  absl::StatusOr<std::vector<PruneRecord>> History(uint64_t before_leaf,
                                                   size_t limit) const override;
  absl::Status AcceptClock() override;

 private:
  absl::StatusOr<v1::PruneState> LoadState() const;
  absl::StatusOr<absl::Time> FirstTrusted() const;
  absl::Status RoundOf(const std::vector<LegalHold>& holds);
  // Notes the clocks; whether it is time to look for what is due.
  bool TimeToLook();
  absl::Status ForgetOldRules(v1::PruneState* state);
  absl::Status FinishLists(v1::PruneState* state);
  absl::Status Prune(const PruneSelection& selection, v1::PruneState* state);
  absl::Status CarryOut(uint64_t leaf, const v1::PrunedLeaves& list, v1::PruneState* state);
  // Writes the state, with the time trusted now, and what goes with it.
  absl::Status Save(v1::PruneState* state, store::Batch batch);
  absl::Status ScrubIfDue(v1::PruneState* state);
  absl::Status Reclaim(v1::PruneState* state);
  PruneSelector::Question QuestionOf(const v1::PruneState& state,
                                     std::vector<LegalHold> holds) const;
  absl::Status Wrote(absl::Status status) const;
  void Step(absl::string_view name) const {
    if (at_step_) at_step_(name);
  }
  PruneSteps Steps() const {
    return [this](absl::string_view name) { Step(name); };
  }

  const Parts parts_;
  const PruneSelector selector_;
  SegmentReclaim reclaim_;
  PayloadRemoval removal_;
  RetentionRules rules_;                            // constant once it is started
  std::function<void(absl::string_view)> at_step_;  // likewise
  uint64_t complete_below_ = 0;                     // of segment files
  int64_t next_look_nanos_ = 0;
  uint64_t next_kept_back_ = 0;
  bool more_ = false;
  absl::Status scrubbed_;  // how scrubbing went last; tried again with the next look
  std::atomic<bool> clock_accepted_{false};
  mutable core::Mutex mutex_;
  std::optional<PruneClock> clock_ ABSL_GUARDED_BY(mutex_);
  v1::PruneState state_ ABSL_GUARDED_BY(mutex_);  // as it is stored
  uint64_t kept_back_ ABSL_GUARDED_BY(mutex_) = 0;
  std::vector<LegalHold> holds_ ABSL_GUARDED_BY(mutex_);  // of the last round
  absl::Duration lag_ ABSL_GUARDED_BY(mutex_);
  absl::Status trouble_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace ndx::journal
