// Reads leaves, payloads and proofs from a store. Private to this folder.
//
// Thread-safety: thread-safe. The references must outlive it.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "committer.h"
#include "ndx/journal/journal_reader.h"
#include "ndx/journal/payload_parts.h"
#include "ndx/journal/sealing.h"
#include "ndx/journal/tile_tree.h"
#include "ndx/journal/v1/journal_store.pb.h"
#include "ndx/store/database.h"
#include "ndx/store/segment_store.h"
#include "payload_keys.h"

namespace ndx::journal {

// Whether anything was sealed and stored with a leaf.
bool HasStoredPayload(const v1::JournalLeaf& leaf);

class StoreReader final : public JournalReader {
 public:
  using HeadSource = std::function<SignedHead()>;

  StoreReader(const store::Database& database, const store::SegmentStore& segments,
              const PayloadKeys& keys, HeadSource head)
      : database_(database), segments_(segments), keys_(keys), head_(std::move(head)) {}

  uint64_t size() const override { return head_().size; }
  absl::StatusOr<StoredLeaf> Leaf(uint64_t index) const override;
  absl::StatusOr<std::vector<StoredLeaf>> LeavesOf(core::ExchangeId exchange_id,
                                                   const std::string& consumer) const override;
  absl::Status Scan(const ScanRange& range,
                    absl::FunctionRef<bool(const StoredLeaf&)> see) const override;
  absl::StatusOr<std::map<v1::JournalEvent, uint64_t>> Count(const ScanRange& range) const override;
  absl::StatusOr<OpenedPayload> OpenPayload(uint64_t index) const override;
  absl::StatusOr<std::string> Receipt(uint64_t index) const override;
  std::string Checkpoint() const override { return head_().note; }
  absl::StatusOr<std::vector<TreeHash>> ConsistencyProof(uint64_t old_size,
                                                         uint64_t new_size) const override;

  // The state kept of an exchange of this consumer. kNotFound if there is none.
  absl::StatusOr<v1::ExchangeState> State(const core::ExchangeId& exchange_id,
                                          const std::string& consumer) const;
  // The states of an exchange id, of every consumer.
  absl::StatusOr<std::vector<v1::ExchangeState>> StatesOf(
      const core::ExchangeId& exchange_id) const;

  // The leaves from begin to end, not among them, one after another into what next gives.
  absl::Status ReadLeaves(uint64_t begin, uint64_t end,
                          absl::FunctionRef<StoredLeaf*()> next) const;

  // Where the payload stored with a leaf is; nullopt if there is none.
  absl::StatusOr<std::optional<v1::StoredPayloads>> PayloadsOf(uint64_t index) const;
  // The parts of one direction of it, the consumer's signature among those of the request; parts
  // that were erased are unreadable.
  absl::StatusOr<std::vector<Part>> OpenStored(const StoredLeaf& leaf,
                                               const v1::StoredPayloads& payloads,
                                               Direction direction, const LeafKeys& keys) const;
  // The same with part keys from wherever they are, and erased elements as their lengths alone.
  absl::StatusOr<std::vector<Part>> OpenStored(const StoredLeaf& leaf,
                                               const v1::StoredPayloads& payloads,
                                               Direction direction, PartKeys keys) const;
  // The leaf with the request of the exchange: back along what each leaf continues.
  absl::StatusOr<StoredLeaf> RequestLeafOf(StoredLeaf leaf) const;

 private:
  absl::StatusOr<store::SegmentContent> StoredBytes(const v1::StoredDirection& direction) const;
  absl::Status OpenDirections(const StoredLeaf& leaf, OpenedPayload* out) const;
  absl::Status OpenDirectionsOf(const StoredLeaf& leaf, OpenedPayload* out) const;
  absl::Status RetentionOver(const StoredLeaf& leaf, uint64_t removed_by) const;
  absl::Status AddDirectionSalts(uint64_t payload_leaf, Direction direction, uint32_t parts,
                                 exchange::v1::ReceiptOpening* opening) const;
  absl::Status AddSalts(const StoredLeaf& leaf, exchange::v1::ReceiptOpening* opening) const;
  absl::StatusOr<uint64_t> FirstNotBefore(absl::Time time, uint64_t size) const;

  const store::Database& database_;
  const store::SegmentStore& segments_;
  const PayloadKeys& keys_;
  const HeadSource head_;
};

}  // namespace ndx::journal
