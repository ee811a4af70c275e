// Searches a journal: pages of leaves, newest first, within a time bound and a time budget.
//
//   Searcher searcher(reader, index, clock);
//   auto page = searcher.Search({.filter = …, .rows = "exchanges", .accept = …});
//
// What the index does not hold yet is read from the journal itself, so that a page misses nothing;
// only which persons a leaf concerns is known to the index alone.
//
// Thread-safety: thread-safe. Blocks on the disk. Ownership: reader, index, clock outlive it.
// Errors: kInvalidArgument (page token), kDataLoss, kUnavailable.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "ndx/core/clock.h"
#include "ndx/journal/journal_reader.h"
#include "ndx/search/filter.h"
#include "ndx/search/search_index.h"

namespace ndx::search {

// After this a page ends with what it has.
inline constexpr absl::Duration kSearchBudget = absl::Milliseconds(150);

struct SearchRequest {
  // Resolved.
  Filter filter;
  // What a row is: binds the page token to the kind of list.
  absl::string_view rows;
  size_t page_rows = 50;
  std::string page_token;  // empty: begin with the newest
  absl::Duration budget = kSearchBudget;
};

struct SearchPage {
  std::vector<journal::StoredLeaf> leaves;
  // Empty when the time bound has been searched to its end.
  std::string next_token;
  // The time bound in force.
  TimeBound time;
  // Everything recorded since then has been searched.
  absl::Time scanned_to;
  // The page ended because its time was up.
  bool partial = false;
  // Leaves looked at.
  uint64_t leaves_read = 0;
  // Persons concerned are known for leaves before this; only meant where the filter asks for them.
  uint64_t subjects_to = 0;
};

// Whether a leaf that passes the filter makes a row.
using RowTest = absl::FunctionRef<absl::StatusOr<bool>(const journal::StoredLeaf&)>;

class Searcher {
 public:
  // index may be null: every leaf in the time bound is read then.
  Searcher(const journal::JournalReader& reader, const SearchIndex* index, const core::Clock& clock)
      : reader_(reader), index_(index), clock_(clock) {}

  absl::StatusOr<SearchPage> Search(SearchRequest request, RowTest accept) const;

  // Whether a leaf passes a filter that mentions no person; for following the journal's end.
  absl::StatusOr<bool> Passes(const Filter& filter, const journal::StoredLeaf& leaf) const;

 private:
  const journal::JournalReader& reader_;
  const SearchIndex* const index_;
  const core::Clock& clock_;
};

}  // namespace ndx::search
