// What the journal says became of a kept request: the leaves decide, whatever the mailbox
// remembers.
//
// Thread-safety: thread-safe functions. Errors: kNotFound (the consumer has submitted nothing under
// this id), kDataLoss of the journal.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "absl/status/statusor.h"
#include "ndx/exchange/v1/exchange_service.pb.h"
#include "ndx/journal/journal_reader.h"

namespace ndx::mailbox {

struct ExchangeHistory {
  enum class Standing {
    kToBeSent,  // never sent, or known not to have been carried out
    kOpen,      // under way now
    kInDoubt,   // sent, answer unknown
    kAnswered,
    kDead,
    kDiscarded,
  };
  Standing standing = Standing::kToBeSent;
  journal::StoredLeaf submitted;
  // The leaf that made it what it is; that of the submission where nothing else did.
  journal::StoredLeaf newest;
};

// The leaves of one exchange of one consumer, in their order.
absl::StatusOr<ExchangeHistory> ReadHistory(std::vector<journal::StoredLeaf> leaves);

exchange::v1::OutcomeState StateOf(ExchangeHistory::Standing standing);

// What a caller is told of it: state, parties, answer and receipt. Reads the answer's payload.
absl::StatusOr<exchange::v1::Outcome> OutcomeOf(const ExchangeHistory& history,
                                                const journal::JournalReader& reader);

}  // namespace ndx::mailbox
