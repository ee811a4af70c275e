// Writes what operators do into the journal, before it is done.
//
// Thread-safety: thread-safe. Record() blocks until the leaf is on stable storage: not for an event
// loop. Ownership: the journal outlives it.
// Errors: RefusalStatus() of OPERATOR_REASON_INVALID, of CASE_NUMBER_MISSING, or of
// JOURNAL_UNAVAILABLE when the leaf could not be written; nothing may then be read or done.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "ndx/console/exchange_view.h"
#include "ndx/console/operator_directory.h"
#include "ndx/console/operator_node.h"
#include "ndx/journal/journal.h"

namespace ndx::console {

inline constexpr size_t kOperatorReasonBytesMax = 200;
// Digits in a row from which a reason may hold somebody's number.
inline constexpr size_t kOperatorReasonDigitsMax = 8;
// With "case ", ": " and a reason it fits into a leaf.
inline constexpr size_t kCaseNumberBytesMax = 48;

class OperatorLedger {
 public:
  explicit OperatorLedger(journal::Journal& journal) : journal_(journal) {}

  struct Entry {
    journal::v1::JournalEvent event = journal::v1::JOURNAL_EVENT_OPERATOR_READ;
    std::string operator_name;
    std::string action;  // method name of the operator API
    std::string reason;
    v1::ExchangeSummary exchange;  // the exchange concerned; empty for none
    // The leaf that this one continues.
    std::optional<uint64_t> continues = std::nullopt;
    std::string note = "";
    std::string registry_version = "";  // 16 bytes, of the registry concerned
    uint64_t submitted_plus_one = 0;    // of a kept request: as in the leaf
  };

  // The index of the leaf.
  absl::StatusOr<uint64_t> Record(const Entry& entry);

  // OK when the reason is valid UTF-8 on one line, not empty (unless optional), within its limit
  // and without a long number.
  enum class ReasonNeed { kRequired, kOptional };
  static absl::Status CheckReason(absl::string_view reason, ReasonNeed need,
                                  size_t bytes_max = kOperatorReasonBytesMax);

  // Why payloads are read or a person is looked for, as it stands in the leaf: "case 45/VV:
  // reason". A case number is well-formed UTF-8 within its limit, without spaces, colons, control
  // characters and long numbers, so that it can be told from the reason again.
  static absl::StatusOr<std::string> CaseReason(absl::string_view case_number,
                                                absl::string_view reason);

 private:
  journal::Journal& journal_;
};

// Before anything of a person is looked for: the operator is an investigator and gives case and
// reason, and a leaf says so. The person stands in neither leaf nor log. The index of the leaf.
absl::StatusOr<uint64_t> RecordPersonSearch(const OperatorNode& node, const OperatorIdentity& who,
                                            const std::string& action,
                                            const std::string& case_number,
                                            const std::string& reason);

}  // namespace ndx::console
