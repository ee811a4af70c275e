// Exchanges as an operator sees them: what the leaves of the journal say about one. Pure.
//
// Thread-safety: thread-safe functions.
#pragma once

#include <optional>
#include <string>
#include <vector>

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

}  // namespace ndx::console
