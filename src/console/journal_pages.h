// One exchange of the journal, whole: its leaves, what they say together, its payload.
//
// Thread-safety: thread-safe. Every call blocks on the disk: not for an event loop.
// Ownership: the reader outlives it.
// Errors: kInvalidArgument for an id that is none; RefusalStatus() of EXCHANGE_UNKNOWN; else what
// the reader returns.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "ndx/console/exchange_view.h"
#include "ndx/console/v1/operator_service.pb.h"
#include "ndx/journal/journal_reader.h"

namespace ndx::console {

// One exchange and its leaves, oldest first.
struct ExchangeHistory {
  v1::ExchangeSummary summary;
  std::vector<journal::StoredLeaf> leaves;
};

// The same over the wire, without payload.
v1::GetExchangeResponse ToResponse(const ExchangeHistory& history);

class JournalPages {
 public:
  explicit JournalPages(const journal::JournalReader& reader) : reader_(reader) {}

  // An exchange by its id's text. With an empty consumer kInvalidArgument, listing them, when
  // several consumers used the id.
  absl::StatusOr<ExchangeHistory> Find(const std::string& exchange_id,
                                       const std::string& consumer) const;

  // The payload, as far as it can be opened; unreadable says why where it cannot.
  struct Opened {
    v1::Payload request;
    v1::Payload response;
    std::string consumer_signature;  // as sent; empty for none
  };
  Opened OpenPayload(const ExchangeHistory& history) const;

  // Whether the leaf is the newest of its exchange, so that it stands for the exchange in a list.
  absl::StatusOr<bool> IsNewest(const journal::StoredLeaf& leaf) const;

 private:
  const journal::JournalReader& reader_;
};

}  // namespace ndx::console
