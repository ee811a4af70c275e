// What a verification of the journal found, as the operator API and ndxctl show it.
//
// Thread-safety: thread-safe.
#pragma once

#include <cstddef>

#include "ndx/console/v1/operator_service.pb.h"
#include "ndx/journal/verify_journal.h"

namespace ndx::console {

// The last message of a verification, without the checkpoint it was held against; at most so many
// findings.
v1::VerifyJournalResponse VerificationView(const journal::VerifyReport& report,
                                           size_t findings_max);

}  // namespace ndx::console
