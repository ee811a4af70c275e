// Decides what a repeated exchange id means. Private to this folder.
//
// Thread-safety: thread-safe.
#pragma once

#include "absl/status/statusor.h"
#include "key_ring.h"
#include "ndx/journal/journal.h"
#include "store_reader.h"

namespace ndx::journal {

absl::StatusOr<Recalled> RecallExchange(const RecallQuery& query, const StoreReader& reader,
                                        KeyRing& keys);

}  // namespace ndx::journal
