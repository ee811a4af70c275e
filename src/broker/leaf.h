// From an exchange to the leaf and payloads that record it.
//
// Thread-safety: thread-safe functions on the exchange's loop.
// Format: proto/ndx/journal/v1/journal_leaf.proto; what the journal fills in itself is left empty.
#pragma once

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "ndx/broker/exchange.h"
#include "ndx/core/clock.h"
#include "ndx/journal/journal.h"

namespace ndx::broker {

// Everything known of the exchange now. Errors are those of Journal::Reference.
absl::StatusOr<journal::v1::JournalLeaf> LeafOf(const Exchange& x, journal::v1::JournalEvent event,
                                                const core::Clock& clock,
                                                journal::Journal& journal);

// The event that records how the exchange ended.
journal::v1::JournalEvent ClosingEvent(const Exchange& x);

// The request message; nothing while it has not come in whole.
std::optional<journal::Payload> RequestPayload(const Exchange& x);

// What is sealed beside the request: the caller's own signature; where there is none and the
// exchange goes to a peer, its dossier and officer codes (JournalLeaf.ground_sealed).
std::string SealedBesideRequest(const Exchange& x);

// The answer as it will be delivered.
std::optional<journal::Payload> AnswerPayload(const Exchange& x);

}  // namespace ndx::broker
