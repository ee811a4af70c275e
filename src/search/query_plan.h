// Chooses the posting lists that a filter is answered from. Private to this folder.
//
// A filter's tree gives a tree of lists that hold at least every leaf that matches; each leaf found
// is then checked against the whole filter. Conditions without a list, and lists so long that
// reading them costs more than checking the leaf, are left to that check.
//
// Thread-safety: thread-compatible.
#pragma once

#include <memory>

#include "absl/status/statusor.h"
#include "candidates.h"
#include "index_store.h"
#include "ndx/journal/journal_reader.h"
#include "ndx/search/filter.h"

namespace ndx::search {

// Values of a dictionary that one comparison may stand for; with more it is left to the check.
inline constexpr size_t kValuesPerConditionMax = 1024;
// A list with more leaves than this share of all narrows too little to be intersected with.
inline constexpr uint64_t kDenseShare = 4;

struct QueryPlan {
  // Null: no index helps, every leaf in the time bound is read.
  std::unique_ptr<Candidates> candidates;
};

class QueryPlanner {
 public:
  QueryPlanner(const IndexStore& store, const journal::JournalReader& reader, TimeBudget& budget)
      : store_(store), reader_(reader), budget_(budget) {}

  // The store and the budget outlive the plan.
  absl::StatusOr<QueryPlan> Plan(const Filter& filter);

 private:
  struct Source {
    std::unique_ptr<Candidates> candidates;  // null: everything
    uint64_t estimate = 0;
  };

  absl::StatusOr<Source> Of(const FilterNode& node);
  absl::StatusOr<Source> OfAnd(const FilterNode& node);
  absl::StatusOr<Source> OfOr(const FilterNode& node);
  absl::StatusOr<Source> OfCondition(const Condition& condition);
  absl::StatusOr<Source> OfExchanges(const std::vector<std::string>& ids) const;
  Source OfValues(IndexField field, absl::FunctionRef<bool(absl::string_view)> wanted);
  Source OfKeys(IndexField field, const std::vector<std::string>& keys);
  Source OfRange(IndexField field, const Condition& condition);

  const IndexStore& store_;
  const journal::JournalReader& reader_;
  TimeBudget& budget_;
};

}  // namespace ndx::search
