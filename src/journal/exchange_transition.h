// How a record changes the state kept of its exchange. Private to this folder.
//
// Thread-safety: thread-safe.
//
//   event             before                 after
//   REQUEST_OPENED    none, refused, closed  OPENED
//   ANSWERED          any                    ANSWERED
//   FAILED            any                    FAILED
//   IN_DOUBT          any                    IN_DOUBT
//   RESOLVED          IN_DOUBT               ANSWERED if grpc_status is 0, else FAILED
//   REFUSED           none                   REFUSED
//   SUBMITTED         none, refused          SUBMITTED
//   REFUSED, others   any                    as before
#pragma once

#include <cstdint>

#include "ndx/journal/v1/journal_store.pb.h"
#include "pending_record.h"

namespace ndx::journal {

// Applies the record, which stands at this index, to the state.
void ApplyRecord(const PendingRecord& record, uint64_t index, v1::ExchangeState* state);

// True if the state must be read first: there may be one, and it must not be overwritten.
bool NeedsEarlierState(const PendingRecord& record);

}  // namespace ndx::journal
