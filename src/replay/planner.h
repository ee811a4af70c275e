// From a wish to a plan: which exchanges, in which order, which of them are left out and why, how
// fast. Nothing is sent and nothing recorded; the list is kept in the task store.
//
// Exchanges are sent in the order in which they were first recorded. Those of one dossier, or where
// there is none of the persons and enterprises that their request names, form a group: after a
// failure, later ones of the group are held back.
//
// Thread-safety: thread-safe, for tasks of different numbers. Blocks on the disk: reads every
// exchange selected. Memory: some 80 bytes an exchange while it plans.
// Errors: REPLAY_PLAN_INVALID, REPLAY_TASK_UNKNOWN; INTERNAL when disk or journal fail.
#pragma once

#include <functional>
#include <string>
#include <variant>
#include <vector>

#include "absl/status/statusor.h"
#include "ndx/core/clock.h"
#include "ndx/core/refusal.h"
#include "ndx/journal/journal.h"
#include "ndx/journal/journal_reader.h"
#include "ndx/registry/registry.h"
#include "ndx/replay/task_store.h"
#include "ndx/search/searcher.h"

namespace ndx::replay {

struct PlanWish {
  v1::ReplayMode mode = v1::REPLAY_MODE_UNSPECIFIED;
  search::Filter filter;    // resolved
  std::string filter_text;  // as it may be kept
  uint64_t items_of = 0;    // instead of the filter: the exchanges of this task
  std::string reason;
  uint32_t pace_per_minute = 0;  // 0: by the quotas concerned
  uint32_t stop_after = 0;       // 0: as the options say
  bool include_answered = false;
  std::string planned_by;
  uint64_t number = 0;  // of the task
};

struct PlannerOptions {
  uint32_t items_max = 100'000;
  uint32_t quota_percent = 10;
  uint32_t pace_per_minute = 600;
  uint32_t pace_per_minute_max = 6000;
  uint32_t stop_after = 10;
};

// Failures in a row that a plan may ask for.
inline constexpr uint32_t kStopAfterMax = 1000;

class Planner {
 public:
  struct Parts {
    const journal::JournalReader& reader;
    const search::SearchIndex* index;  // null: every leaf in the time bound is read
    journal::Journal& journal;         // for references
    const registry::Registry& registry;
    TaskStore& store;
    const core::Clock& clock;
  };

  Planner(const Parts& parts, const PlannerOptions& options)
      : parts_(parts), options_(options), searcher_(parts.reader, parts.index, parts.clock) {}

  // The task as planned, its items kept, itself not yet: whoever asks records it, then keeps it.
  std::variant<v1::ReplayTask, core::Refusal> Plan(const PlanWish& wish);

 private:
  // Leaves that stand for exchanges.
  using Selection = std::vector<uint64_t>;

  absl::StatusOr<Selection> Select(const PlanWish& wish) const;
  absl::StatusOr<Selection> SelectByFilter(const search::Filter& filter) const;
  // In the order in which the exchanges were first recorded.
  absl::Status SortByBeginning(Selection& selection) const;
  absl::Status KeepItems(const PlanWish& wish, const Selection& selection, v1::ReplayTask& task);

  const Parts parts_;
  const PlannerOptions options_;
  const search::Searcher searcher_;
};

}  // namespace ndx::replay
