// The journal in pages, newest first: exchanges, records of any kind, and one exchange whole.
//
// Thread-safety: thread-safe. Every call blocks on the disk: not for an event loop.
// Ownership: the reader outlives it.
// Errors: kInvalidArgument for a malformed filter, page size or cursor; RefusalStatus() of
// EXCHANGE_UNKNOWN; else what the reader returns.
//
// There is no index besides the one by exchange id, so a page reads leaves backward from its cursor
// until it is full or kLeavesReadPerPageMax were read; then it is short, with a cursor to go on.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "ndx/console/exchange_view.h"
#include "ndx/console/v1/operator_service.pb.h"
#include "ndx/journal/journal_reader.h"

namespace ndx::console {

inline constexpr uint32_t kPageSizeDefault = 50;
inline constexpr uint32_t kPageSizeMax = 1000;
inline constexpr uint64_t kLeavesReadPerPageMax = 20'000;

// One exchange and its leaves, oldest first.
struct ExchangeHistory {
  v1::ExchangeSummary summary;
  std::vector<journal::StoredLeaf> leaves;
};

class JournalPages {
 public:
  explicit JournalPages(const journal::JournalReader& reader,
                        uint64_t leaves_read_max = kLeavesReadPerPageMax)
      : reader_(reader), leaves_read_max_(leaves_read_max) {}

  absl::StatusOr<v1::ListExchangesResponse> ListExchanges(
      const v1::ListExchangesRequest& request) const;
  absl::StatusOr<v1::ListRecordsResponse> ListRecords(const v1::ListRecordsRequest& request) const;

  // An exchange by its id's text. With an empty consumer kInvalidArgument, listing them, when
  // several consumers used the id.
  absl::StatusOr<ExchangeHistory> Find(const std::string& exchange_id,
                                       const std::string& consumer) const;

  // The payload, as far as it can be opened; unreadable says why where it cannot.
  struct Opened {
    v1::Payload request;
    v1::Payload response;
  };
  Opened OpenPayload(const ExchangeHistory& history) const;

  // Whether the leaf is the newest of its exchange, so that it stands for the exchange in a list.
  absl::StatusOr<bool> IsNewest(const journal::StoredLeaf& leaf) const;

 private:
  const journal::JournalReader& reader_;
  const uint64_t leaves_read_max_;
};

}  // namespace ndx::console
