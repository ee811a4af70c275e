// An exchange as the journal has it, for whoever would make it again.
//
// Thread-safety: thread-safe function; blocks on the disk.
#pragma once

#include <string>
#include <variant>
#include <vector>

#include "ndx/core/exchange_id.h"
#include "ndx/core/refusal.h"
#include "ndx/journal/journal_reader.h"
#include "ndx/replay/sending.h"

namespace ndx::replay {

struct RecordedExchange {
  std::vector<journal::StoredLeaf> leaves;
  // The newest leaf that knows the request.
  journal::StoredLeaf closing;
  journal::OpenedPayload payload;
  Sending sending;
};

// Refuses EXCHANGE_UNKNOWN, PAYLOAD_NOT_KEPT, REPLAY_REQUEST_ERASED; INTERNAL when the journal
// cannot be read.
std::variant<RecordedExchange, core::Refusal> ReadRecorded(const journal::JournalReader& reader,
                                                           core::ExchangeId exchange_id,
                                                           const std::string& consumer);

}  // namespace ndx::replay
