// Carries out what a PAYLOAD_ERASED leaf of the retention records. Private to this folder.
//
// Thread-safety: for one thread at a time. Every step may be done again: what is gone already is
// passed over.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "ndx/journal/v1/journal_store.pb.h"
#include "ndx/store/database.h"
#include "pruned_leaves.h"
#include "segment_reclaim.h"
#include "store_reader.h"
#include "subject_keys.h"

namespace ndx::journal {

class PayloadRemoval {
 public:
  struct Parts {
    store::Database& database;  // the journal's
    const StoreReader& reader;
    SubjectKeys& subjects;
    const SegmentReclaim& reclaim;
    std::function<void(const absl::Status&)> on_failed_write;
  };
  explicit PayloadRemoval(Parts parts) : parts_(std::move(parts)) {}

  // Removes the part keys of the list's leaves, and then the places of their payloads; commitments
  // and lists of fields removed stay. Gives the leaves between which keys were deleted; they are in
  // files until these are scrubbed.
  absl::StatusOr<LeafRun> CarryOut(uint64_t leaf, const v1::PrunedLeaves& list,
                                   const PruneSteps& step) const;

 private:
  absl::Status RemoveKeys(uint64_t leaf, const std::vector<uint64_t>& leaves) const;
  absl::Status RemovePayloads(const std::vector<uint64_t>& leaves) const;
  absl::Status Wrote(absl::Status status) const;

  const Parts parts_;
};

}  // namespace ndx::journal
