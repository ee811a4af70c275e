// Exchanges that a crash left open, and exchanges in doubt whose outcome becomes known. Private to
// this folder.
//
// Thread-safety: thread-safe.
#pragma once

#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "ndx/journal/journal.h"
#include "ndx/store/database.h"
#include "open_exchanges.h"
#include "payload_keys.h"
#include "store_reader.h"

namespace ndx::journal {

// The IN_DOUBT records for exchanges found open in the store, in the order they were opened; each
// is entered in the table, so that its record closes it.
absl::StatusOr<std::vector<Record>> FindOpenExchanges(const store::Database& database,
                                                      const PayloadKeys& keys, OpenExchanges& open);

// Enters the exchange of a RESOLVED leaf in the table. kNotFound if this consumer has no such
// exchange, kFailedPrecondition unless it is in doubt.
absl::Status AdoptDoubt(const v1::JournalLeaf& resolved, const StoreReader& reader,
                        const PayloadKeys& keys, OpenExchanges& open);

}  // namespace ndx::journal
