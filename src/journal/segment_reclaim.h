// Gives the space of removed payloads back to the disk: a segment file half of which is of removed
// payloads is walked, what is still needed of it is copied to the newest file, and it is removed.
// Private to this folder.
//
// Thread-safety: for one thread at a time.
// Crash-safety: a file is removed only after a walk over its records has found that no exchange
// refers to any of them; copies are synced before the places that refer to them change. What a
// crash leaves (a copy that nothing refers to, a file that is no longer needed) is removed in turn.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "ndx/journal/v1/journal_store.pb.h"
#include "ndx/store/database.h"
#include "ndx/store/segment_store.h"
#include "store_reader.h"

namespace ndx::journal {

// For tests: called at each point where a crash must do no harm.
using PruneSteps = std::function<void(absl::string_view)>;

// A file is worth rewriting from this share on: at most as much is copied as is given back.
inline constexpr uint64_t kSegmentFreedPercentMin = 50;
// Copied before one sync.
inline constexpr uint64_t kSegmentCopyBytesMax = uint64_t{32} << 20;

class SegmentReclaim {
 public:
  struct Parts {
    store::Database& database;
    store::SegmentStore& segments;
    const StoreReader& reader;
    std::function<void(const absl::Status&)> on_failed_write;
  };
  explicit SegmentReclaim(Parts parts);

  // Adds to a batch that a payload's pieces, by segment, are no longer referred to.
  absl::Status AddFreed(const std::map<uint64_t, uint64_t>& bytes, store::Batch* batch) const;

  // Before a record is appended to the journal: ends the file being written if, with these bytes
  // removed, it will be worth reclaiming. Gives the number below which files are complete once that
  // record is durable, because every group before it is.
  absl::StatusOr<uint64_t> EndFile(const std::map<uint64_t, uint64_t>& about_to_be_freed);

  // Reclaims one file with a number below complete_below, if there is one worth it. Without
  // may_copy (the disk is nearly full) only one of which nothing is needed. Gives the bytes given
  // back; 0 if there was none.
  absl::StatusOr<uint64_t> ReclaimOne(uint64_t complete_below, bool may_copy,
                                      const PruneSteps& step);

  // Files that open exchanges had written to are looked at again.
  void LookAgain() { left_.clear(); }

 private:
  struct Needed {
    uint64_t leaf = 0;
    store::SegmentRecord record;
  };
  struct CopiedPiece {
    v1::SegmentPiece from;
    v1::SegmentPiece to;
  };
  using CopiedPieces = std::map<uint64_t, std::vector<CopiedPiece>>;  // by leaf

  absl::StatusOr<uint64_t> FreedOf(uint64_t segment) const;
  absl::StatusOr<std::vector<std::pair<uint64_t, uint64_t>>> WorthIt(uint64_t complete_below) const;
  absl::Status FindNeeded(uint64_t segment, std::vector<Needed>* needed) const;
  absl::Status PlacesOf(const core::ExchangeId& exchange_id, uint64_t segment,
                        std::map<uint64_t, uint64_t>* leaf_by_offset) const;
  absl::Status Copy(const std::vector<Needed>& needed);
  absl::Status Redirect(const CopiedPieces& copied);
  absl::Status Remove(uint64_t segment);
  absl::Status Wrote(absl::Status status) const;

  const Parts parts_;
  std::set<uint64_t> left_;     // not to be looked at for now
  std::set<uint64_t> damaged_;  // nor later
};

}  // namespace ndx::journal
