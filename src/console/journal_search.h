// Lists of the journal as operators ask for them: the filter read and checked, the search, the page
// as it goes over the wire.
//
// Thread-safety: thread-safe. Every call blocks on the disk: not for an event loop.
// Ownership: the node's parts outlive it.
// Errors: kInvalidArgument for a filter, page size or cursor (the text says where and what to do,
// and repeats no value); else what the search returns.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "ndx/console/operator_node.h"
#include "ndx/console/v1/operator_service.pb.h"
#include "ndx/search/filter.h"
#include "ndx/search/searcher.h"

namespace ndx::console {

inline constexpr uint32_t kPageSizeDefault = 50;
inline constexpr uint32_t kPageSizeMax = 1000;

// The expression that says the same.
std::string ExpressionOf(const v1::ExchangeFilter& filter);
std::string ExpressionOf(const v1::ListRecordsRequest& request);

class JournalSearch {
 public:
  // What is searched. The referents outlive the search.
  struct Parts {
    const journal::JournalReader& reader;
    const search::SearchIndex* index;  // null: every leaf in the time bound is read
    const core::Clock& clock;
    References references;
  };
  explicit JournalSearch(Parts parts);
  explicit JournalSearch(const OperatorNode& node)
      : JournalSearch(Parts{.reader = node.reader,
                            .index = node.search_index,
                            .clock = node.clock,
                            .references = node.references}) {}

  // A filter, checked. Values of persons, dossiers and officers still stand in it: whether they may
  // be looked for is to be decided before Resolve().
  absl::StatusOr<search::Filter> Read(const std::string& expression) const;

  // A filter that says nothing of how far to go back goes back to the journal's beginning.
  void BeginWithJournal(search::Filter* filter) const;

  // Replaces those values by their keyed references.
  absl::Status Resolve(search::Filter* filter) const;

  // The page that the request asks for, with its filter resolved.
  absl::StatusOr<v1::ListExchangesResponse> ListExchanges(const v1::ListExchangesRequest& request,
                                                          search::Filter filter) const;
  absl::StatusOr<v1::ListRecordsResponse> ListRecords(const v1::ListRecordsRequest& request,
                                                      search::Filter filter) const;

  const search::Searcher& searcher() const { return searcher_; }

 private:
  const Parts parts_;
  const search::Searcher searcher_;
};

}  // namespace ndx::console
