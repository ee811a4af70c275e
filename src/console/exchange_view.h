// Exchanges as an operator sees them: what the leaves of the journal say about one, and whether it
// passes a filter. Pure.
//
// Thread-safety: thread-safe functions; an ExchangeMatcher is immutable.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "google/protobuf/timestamp.pb.h"
#include "ndx/console/v1/operator_service.pb.h"
#include "ndx/journal/journal_reader.h"

namespace ndx::console {

// The state that a leaf of this event gives its exchange; UNSPECIFIED for events that are not about
// the course of an exchange (an operator's act, a start of the node).
v1::ExchangeState StateAfter(journal::v1::JournalEvent event);

// True for leaves that tell the course of an exchange.
bool IsOfExchange(const journal::v1::JournalLeaf& leaf);

// The row of an exchange whose newest leaf is this one.
v1::ExchangeSummary Summarise(const journal::StoredLeaf& leaf);

// The row from all leaves of an exchange, oldest first; what the newest leaf does not say (sizes,
// who asked whom) comes from the ones before. A refusal of asking again under the same id does not
// count: an exchange in doubt stays in doubt. nullopt when none is about its course.
std::optional<v1::ExchangeSummary> SummariseHistory(const std::vector<journal::StoredLeaf>& leaves);

google::protobuf::Timestamp ToTimestamp(absl::Time time);
absl::Time FromTimestamp(const google::protobuf::Timestamp& timestamp);

// A filter, checked. Times are not part of it: they bound the scan.
class ExchangeMatcher {
 public:
  // kInvalidArgument for a text over kFilterBytesMax or a '*' that is not the last character.
  static absl::StatusOr<ExchangeMatcher> Build(const v1::ExchangeFilter& filter);

  bool Matches(const v1::ExchangeSummary& summary) const;

  static constexpr size_t kFilterBytesMax = 200;

 private:
  v1::ExchangeFilter filter_;
  std::set<int> states_;
};

// Whether text is what the pattern says: equal, or for a pattern that ends in '*' beginning with
// what stands before; an empty pattern matches everything.
bool MatchesPattern(absl::string_view text, absl::string_view pattern);

// The same for methods, which may be written /package.Service/Method, package.Service/Method,
// Service/Method or Method.
bool MatchesMethod(absl::string_view path, absl::string_view pattern);

}  // namespace ndx::console
