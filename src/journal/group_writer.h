// Writes a group of records: large payloads to segments, everything else in one synced batch.
// Private to this folder.
//
// Thread-safety: belongs to the committer's thread.
#pragma once

#include <map>
#include <string>

#include "absl/status/status.h"
#include "epoch_store.h"
#include "ndx/journal/unmoved_keys.h"
#include "ndx/store/database.h"
#include "open_exchanges.h"
#include "pending_record.h"

namespace ndx::journal {

class GroupWriter {
 public:
  GroupWriter(EpochStore& store, OpenExchanges& open, UnmovedKeys& unmoved,
              size_t segment_threshold_bytes)
      : store_(store),
        open_(open),
        unmoved_(unmoved),
        segment_threshold_bytes_(segment_threshold_bytes) {}

  // Gives each record that was not refused its index and makes all of them durable; then their
  // proofs against the tree that they made. After an error the store must not be used again.
  absl::Status Write(PendingRecords& records);

 private:
  using States = std::map<std::string, v1::ExchangeState>;

  absl::Status Place(const PendingRecord& record, const SealedDirection& sealed, uint8_t direction,
                     v1::StoredDirection* out);
  absl::Status AddPayloads(const PendingRecord& record, store::Batch* batch);
  absl::Status AddState(const PendingRecord& record, States* states);
  absl::Status LoadState(const PendingRecord& record, v1::ExchangeState* state) const;
  void AddTree(store::Batch* batch);
  void Settle(const PendingRecord& record);

  EpochStore& store_;
  OpenExchanges& open_;
  UnmovedKeys& unmoved_;
  const size_t segment_threshold_bytes_;
  bool segments_touched_ = false;
  // Of exchanges that were opened in this run and not closed yet: not to be read again.
  States open_states_;
};

}  // namespace ndx::journal
