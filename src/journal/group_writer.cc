#include "group_writer.h"

#include "absl/strings/str_cat.h"
#include "exchange_transition.h"
#include "ndx/core/big_endian.h"
#include "ndx/core/status_macros.h"
#include "ndx/journal/sealing.h"
#include "segment_label.h"
#include "store_layout.h"

namespace ndx::journal {

absl::Status GroupWriter::Place(const PendingRecord& record, const SealedDirection& sealed,
                                uint8_t direction, v1::StoredDirection* out) {
  out->set_attempt(sealed.attempt);
  if (!sealed.pieces.empty()) {
    for (const v1::SegmentPiece& piece : sealed.pieces) *out->add_pieces() = piece;
    segments_touched_ = true;
    return absl::OkStatus();
  }
  if (sealed.stored.size() < segment_threshold_bytes_) {
    out->set_inline_bytes(sealed.stored);
    return absl::OkStatus();
  }
  NDX_ASSIGN_OR_RETURN(
      const store::SegmentPlace place,
      store_.segments->Append(SegmentLabel(record.exchange_id, direction, sealed.attempt),
                              sealed.stored, sealed.digest));
  *out->add_pieces() = PieceOf(place);
  segments_touched_ = true;
  return absl::OkStatus();
}

absl::Status GroupWriter::AddPayloads(const PendingRecord& record, store::Batch* batch) {
  v1::StoredPayloads payloads;
  payloads.set_fields_removed(record.fields_removed);
  payloads.set_next_receipt(record.next_receipt);
  if (record.request.has_value()) {
    NDX_RETURN_IF_ERROR(Place(record, *record.request, static_cast<uint8_t>(Direction::kRequest),
                              payloads.mutable_request()));
  }
  if (record.response.has_value()) {
    NDX_RETURN_IF_ERROR(Place(record, *record.response, static_cast<uint8_t>(Direction::kResponse),
                              payloads.mutable_response()));
  }
  if (record.wrapped_key.has_value()) {
    payloads.set_key_leaf(record.index);
    batch->Put(kKeyFamily, WrapKeyKey(record.index), record.wrapped_key->SerializeAsString());
  } else if (record.open != nullptr) {
    payloads.set_key_leaf(record.open->key_leaf);
  }
  if (record.request.has_value() || record.response.has_value() || !record.fields_removed.empty() ||
      !record.next_receipt.empty()) {
    batch->Put(kPayloadFamily, LeafKey(record.index), payloads.SerializeAsString());
  }
  return absl::OkStatus();
}

absl::Status GroupWriter::AddState(const PendingRecord& record, States* states) {
  if (record.exchange_key_in_store.empty()) return absl::OkStatus();
  const auto [at, fresh] = states->try_emplace(record.exchange_key_in_store);
  if (fresh && NeedsEarlierState(record)) NDX_RETURN_IF_ERROR(LoadState(record, &at->second));
  ApplyRecord(record, record.index, &at->second);
  if (at->second.phase() == v1::EXCHANGE_PHASE_OPENED) {
    open_states_[record.exchange_key_in_store] = at->second;
  } else {
    open_states_.erase(record.exchange_key_in_store);
  }
  return absl::OkStatus();
}

absl::Status GroupWriter::LoadState(const PendingRecord& record, v1::ExchangeState* state) const {
  if (const auto open = open_states_.find(record.exchange_key_in_store);
      open != open_states_.end()) {
    *state = open->second;
    return absl::OkStatus();
  }
  const auto earlier = store_.database->Get(kExchangeFamily, record.exchange_key_in_store);
  if (absl::IsNotFound(earlier.status())) return absl::OkStatus();
  NDX_RETURN_IF_ERROR(earlier.status());
  if (state->ParseFromString(*earlier)) return absl::OkStatus();
  return absl::DataLossError("the state kept of an exchange is unreadable");
}

void GroupWriter::AddTree(store::Batch* batch) {
  for (const TileTree::TileWrite& write : store_.tree.TakeWrites()) {
    batch->Put(kTileFamily, TileKey(write.tile), write.hashes);
  }
  batch->Put(kMetaFamily, kEdgeKey, EncodeEdge(store_.tree));
}

void GroupWriter::Settle(const PendingRecord& record) {
  if (record.open == nullptr) return;
  if (record.event == v1::JOURNAL_EVENT_REQUEST_OPENED) {
    open_.Opened(record.open->key, record.index);
  } else {
    open_.Remove(record.open->key);
  }
}

absl::Status GroupWriter::Write(PendingRecords& records) {
  store::Batch batch;
  States states;
  segments_touched_ = false;
  for (const auto& record : records) {
    if (!record->refused.ok()) continue;
    record->index = store_.tree.size();
    store_.tree.Append(record->leaf_hash);
    batch.Put(kLeafFamily, LeafKey(record->index), record->leaf);
    NDX_RETURN_IF_ERROR(AddPayloads(*record, &batch));
    if (!record->pruned_list.empty()) {
      batch.Put(kMetaFamily, NumberedKey(kPrunedListPrefix, record->index), record->pruned_list);
    }
    NDX_RETURN_IF_ERROR(AddState(*record, &states));
    if (record->records_key_change) batch.Delete(kMetaFamily, kUnrecordedKeyChangeKey);
    if (record->signing_keys.has_value()) {
      record->signing_keys->mutable_keys()->rbegin()->set_leaf(record->index);
      batch.Put(kMetaFamily, kSigningKeysKey, record->signing_keys->SerializeAsString());
    }
    if (record->open == nullptr) continue;
    if (record->event == v1::JOURNAL_EVENT_REQUEST_OPENED) {
      batch.Put(kOpenFamily, LeafKey(record->index), record->open->key);
    } else {
      batch.Delete(kOpenFamily, LeafKey(record->open->key_leaf));
    }
  }
  if (batch.empty()) return absl::OkStatus();
  for (const auto& [key, state] : states) {
    batch.Put(kExchangeFamily, key, state.SerializeAsString());
  }
  AddTree(&batch);
  for (const auto& record : records) {
    if (record->refused.ok() && record->unmoved != nullptr) {
      unmoved_.Put(record->index, std::move(record->unmoved));
    }
  }
  // Payloads first: a durable leaf never points at bytes that are not.
  if (segments_touched_) NDX_RETURN_IF_ERROR(store_.segments->Sync());
  NDX_RETURN_IF_ERROR(store_.database->WriteSynced(batch));
  for (const auto& record : records) {
    if (!record->refused.ok()) continue;
    NDX_ASSIGN_OR_RETURN(record->proof,
                         InclusionProof(record->index, store_.tree.size(), store_.tree));
    Settle(*record);
  }
  return absl::OkStatus();
}

}  // namespace ndx::journal
