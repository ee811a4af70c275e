#include "store_reader.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "epoch_store.h"
#include "ndx/core/status_macros.h"
#include "ndx/journal/leaf_codec.h"
#include "ndx/journal/payload_parts.h"
#include "ndx/journal/receipt.h"
#include "ndx/journal/retention_expiry.h"
#include "ndx/journal/sealing.h"
#include "ndx/store/ascending_lookup.h"
#include "pruned_leaves.h"
#include "readable_parts.h"
#include "sealed_payload.h"
#include "segment_label.h"
#include "store_layout.h"

namespace ndx::journal {
namespace {

// Leaves of one group, written by several threads, may be out of order by this much, and a wall
// clock that is set by small steps as well.
constexpr absl::Duration kClockSlack = absl::Seconds(10);

absl::Time TimeOf(const v1::JournalLeaf& leaf) { return absl::FromUnixNanos(leaf.time_unix_ns()); }

absl::Status Decode(uint64_t index, absl::string_view bytes, StoredLeaf* leaf) {
  leaf->index = index;
  leaf->bytes.assign(bytes.data(), bytes.size());
  absl::Status decoded = DecodeLeafInto(bytes, &leaf->leaf);
  if (decoded.ok()) return decoded;
  return absl::DataLossError(absl::StrCat("leaf ", index, ": ", decoded.message()));
}

bool IsStored(const std::optional<v1::StoredPayloads>& payloads) {
  return payloads.has_value() && (payloads->has_request() || payloads->has_response());
}

}  // namespace

bool HasStoredPayload(const v1::JournalLeaf& leaf) {
  return !leaf.request().ciphertext_sha256().empty() ||
         !leaf.response().ciphertext_sha256().empty();
}

absl::StatusOr<StoredLeaf> StoreReader::Leaf(uint64_t index) const {
  if (index >= size()) return absl::NotFoundError(absl::StrCat("no leaf ", index));
  NDX_ASSIGN_OR_RETURN(const std::string bytes, database_.Get(kLeafFamily, LeafKey(index)));
  StoredLeaf leaf;
  NDX_RETURN_IF_ERROR(Decode(index, bytes, &leaf));
  return leaf;
}

absl::StatusOr<v1::ExchangeState> StoreReader::State(const core::ExchangeId& exchange_id,
                                                     const std::string& consumer) const {
  NDX_ASSIGN_OR_RETURN(const std::string bytes,
                       database_.Get(kExchangeFamily, ExchangeKey(exchange_id, consumer)));
  v1::ExchangeState state;
  if (!state.ParseFromString(bytes)) {
    return absl::DataLossError("the state kept of an exchange is unreadable");
  }
  return state;
}

absl::StatusOr<std::vector<v1::ExchangeState>> StoreReader::StatesOf(
    const core::ExchangeId& exchange_id) const {
  std::vector<v1::ExchangeState> states;
  const auto cursor = database_.NewCursor(kExchangeFamily);
  for (cursor->Seek(exchange_id.bytes());
       cursor->Valid() && absl::StartsWith(cursor->key(), exchange_id.bytes()); cursor->Next()) {
    v1::ExchangeState state;
    if (!state.ParseFromArray(cursor->value().data(), static_cast<int>(cursor->value().size()))) {
      return absl::DataLossError("the state kept of an exchange is unreadable");
    }
    states.push_back(std::move(state));
  }
  NDX_RETURN_IF_ERROR(cursor->status());
  return states;
}

absl::StatusOr<std::vector<StoredLeaf>> StoreReader::LeavesOf(core::ExchangeId exchange_id,
                                                              const std::string& consumer) const {
  NDX_ASSIGN_OR_RETURN(const auto states, StatesOf(exchange_id));
  std::vector<uint64_t> indices;
  const uint64_t end = size();
  for (const v1::ExchangeState& state : states) {
    if (!consumer.empty() && state.consumer() != consumer) continue;
    for (const uint64_t index : state.leaves()) {
      if (index < end) indices.push_back(index);
    }
  }
  if (indices.empty()) return absl::NotFoundError("no such exchange in the journal");
  std::sort(indices.begin(), indices.end());
  std::vector<StoredLeaf> leaves;
  for (const uint64_t index : indices) {
    NDX_ASSIGN_OR_RETURN(StoredLeaf leaf, Leaf(index));
    leaves.push_back(std::move(leaf));
  }
  return leaves;
}

absl::StatusOr<uint64_t> StoreReader::FirstNotBefore(absl::Time time, uint64_t size) const {
  uint64_t low = 0;
  uint64_t high = size;
  while (low < high) {
    const uint64_t middle = low + (high - low) / 2;
    NDX_ASSIGN_OR_RETURN(const StoredLeaf leaf, Leaf(middle));
    if (TimeOf(leaf.leaf) < time) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}

absl::Status StoreReader::Scan(const ScanRange& range,
                               absl::FunctionRef<bool(const StoredLeaf&)> see) const {
  const uint64_t end = size();
  if (end == 0) return absl::OkStatus();
  const bool forward = range.direction == ScanDirection::kForward;
  uint64_t first = 0;
  uint64_t last = end;  // one past
  if (range.not_before != absl::InfinitePast()) {
    NDX_ASSIGN_OR_RETURN(first, FirstNotBefore(range.not_before - kClockSlack, end));
  }
  if (range.not_after != absl::InfiniteFuture()) {
    NDX_ASSIGN_OR_RETURN(last, FirstNotBefore(range.not_after + kClockSlack, end));
  }
  if (forward) {
    first = std::max(first, range.from_index);
  } else if (range.from_index < last) {
    last = range.from_index + 1;
  }
  if (first >= last) return absl::OkStatus();
  const auto cursor = database_.NewCursor(kLeafFamily);
  cursor->Seek(LeafKey(forward ? first : last - 1));
  StoredLeaf leaf;  // one for all, so that its strings are allocated once
  for (uint64_t done = 0; done < last - first; ++done) {
    const uint64_t index = forward ? first + done : last - 1 - done;
    if (!cursor->Valid() || cursor->key() != LeafKey(index)) {
      NDX_RETURN_IF_ERROR(cursor->status());
      return absl::DataLossError(absl::StrCat("leaf ", index, " is missing"));
    }
    NDX_RETURN_IF_ERROR(Decode(index, cursor->value(), &leaf));
    const absl::Time time = TimeOf(leaf.leaf);
    if (time >= range.not_before && time <= range.not_after && !see(leaf)) break;
    forward ? cursor->Next() : cursor->Prev();
  }
  return absl::OkStatus();
}

absl::Status StoreReader::ReadLeaves(uint64_t begin, uint64_t end,
                                     absl::FunctionRef<StoredLeaf*()> next) const {
  store::AscendingLookup lookup(database_, kLeafFamily);
  for (uint64_t index = begin; index < end; ++index) {
    NDX_ASSIGN_OR_RETURN(const auto bytes, lookup.Find(LeafKey(index)));
    if (!bytes.has_value()) return absl::DataLossError(absl::StrCat("leaf ", index, " is missing"));
    NDX_RETURN_IF_ERROR(Decode(index, *bytes, next()));
  }
  return absl::OkStatus();
}

absl::StatusOr<std::map<v1::JournalEvent, uint64_t>> StoreReader::Count(
    const ScanRange& range) const {
  std::map<v1::JournalEvent, uint64_t> counts;
  NDX_RETURN_IF_ERROR(Scan(range, [&](const StoredLeaf& leaf) {
    ++counts[leaf.leaf.event()];
    return true;
  }));
  return counts;
}

absl::StatusOr<std::optional<v1::StoredPayloads>> StoreReader::PayloadsOf(uint64_t index) const {
  const auto bytes = database_.Get(kPayloadFamily, LeafKey(index));
  if (absl::IsNotFound(bytes.status())) return std::optional<v1::StoredPayloads>();
  if (!bytes.ok()) return bytes.status();
  v1::StoredPayloads payloads;
  if (!payloads.ParseFromString(*bytes)) {
    return absl::DataLossError(absl::StrCat("leaf ", index, ": its payload's place is unreadable"));
  }
  return std::optional<v1::StoredPayloads>(std::move(payloads));
}

absl::StatusOr<store::SegmentContent> StoreReader::StoredBytes(
    const v1::StoredDirection& direction) const {
  if (direction.pieces_size() == 1 && direction.inline_bytes().empty()) {
    return segments_.Read(PlaceOf(direction.pieces(0)));
  }
  store::SegmentContent all{.bytes = direction.inline_bytes()};
  for (const v1::SegmentPiece& piece : direction.pieces()) {
    NDX_ASSIGN_OR_RETURN(const store::SegmentContent content, segments_.Read(PlaceOf(piece)));
    all.bytes += content.bytes;
  }
  all.digest = crypto::Sha256Of({all.bytes});
  return all;
}

absl::StatusOr<std::vector<Part>> StoreReader::OpenStored(const StoredLeaf& leaf,
                                                          const v1::StoredPayloads& payloads,
                                                          Direction direction,
                                                          PartKeys keys) const {
  const bool of_request = direction == Direction::kRequest;
  if (of_request ? !payloads.has_request() : !payloads.has_response()) return std::vector<Part>();
  const v1::StoredDirection& stored = of_request ? payloads.request() : payloads.response();
  const v1::PayloadCommitment& commitment = of_request ? leaf.leaf.request() : leaf.leaf.response();
  NDX_ASSIGN_OR_RETURN(const auto id, core::ExchangeId::FromBytes(leaf.leaf.exchange_id()));
  NDX_ASSIGN_OR_RETURN(const store::SegmentContent content, StoredBytes(stored));
  if (commitment.ciphertext_sha256() != crypto::AsBytes(content.digest)) {
    return absl::DataLossError(
        absl::StrCat("leaf ", leaf.index, ": its stored payload was changed"));
  }
  const SealContext context{.exchange_id = id,
                            .direction = direction,
                            .attempt = static_cast<uint16_t>(stored.attempt())};
  return OpenParts(context, content.bytes, keys);
}

absl::StatusOr<std::vector<Part>> StoreReader::OpenStored(const StoredLeaf& leaf,
                                                          const v1::StoredPayloads& payloads,
                                                          Direction direction,
                                                          const LeafKeys& keys) const {
  NDX_ASSIGN_OR_RETURN(auto parts, OpenStored(leaf, payloads, direction, [&](uint32_t part) {
                         return part == kSignaturePart ? keys.Part(Direction::kSignature, 0)
                                                       : keys.Part(direction, part);
                       }));
  uint32_t number = 0;
  for (Part& part : parts) {
    if (part.kind == PartKind::kSignature) continue;
    const v1::MovedPartKey* moved = keys.MovedPart(direction, number++);
    if (part.unreadable && part.kind == PartKind::kElement && moved != nullptr) {
      part.plaintext = ErasedElement(moved->offset(), part.plaintext.size());
    }
  }
  return parts;
}

// The payload was removed because it had been kept long enough.
absl::Status StoreReader::RetentionOver(const StoredLeaf& leaf, uint64_t removed_by) const {
  NDX_ASSIGN_OR_RETURN(const auto id, core::ExchangeId::FromBytes(leaf.leaf.exchange_id()));
  NDX_ASSIGN_OR_RETURN(const auto state, State(id, leaf.leaf.consumer()));
  StoredLeaf closing = leaf;
  if (state.closing_leaf_plus_one() > leaf.index) {
    NDX_ASSIGN_OR_RETURN(closing, Leaf(state.closing_leaf_plus_one() - 1));
  }
  NDX_ASSIGN_OR_RETURN(const auto removal, PrunedListOf(database_, removed_by));
  uint32_t keep_days = 0;
  for (const v1::PrunedGroup& group : removal.list.groups()) {
    NDX_ASSIGN_OR_RETURN(const auto runs, RunsOf(group));
    for (const LeafRun& run : runs) {
      if (leaf.index >= run.begin && leaf.index < run.end) keep_days = group.keep_days();
    }
  }
  return RetentionExpired(TimeOf(closing.leaf) + keep_days * absl::Hours(24), removed_by);
}

// What the retention removes between the looking up of a place and the reading there is not lost.
absl::Status StoreReader::OpenDirectionsOf(const StoredLeaf& leaf, OpenedPayload* out) const {
  const absl::Status opened = OpenDirections(leaf, out);
  return absl::IsDataLoss(opened) ? OpenDirections(leaf, out) : opened;
}

absl::Status StoreReader::OpenDirections(const StoredLeaf& leaf, OpenedPayload* out) const {
  NDX_ASSIGN_OR_RETURN(const auto payloads, PayloadsOf(leaf.index));
  if (!IsStored(payloads)) {
    if (!HasStoredPayload(leaf.leaf)) return absl::OkStatus();
    NDX_ASSIGN_OR_RETURN(const LeafKeys removed, keys_.OfRemoved(leaf.index));
    return RetentionOver(leaf, *removed.pruned_by());
  }
  NDX_ASSIGN_OR_RETURN(const LeafKeys keys, keys_.Of(leaf.index, payloads->key_leaf()));
  if (keys.pruned_by().has_value()) return RetentionOver(leaf, *keys.pruned_by());
  if (payloads->has_request()) {
    NDX_ASSIGN_OR_RETURN(const auto parts, OpenStored(leaf, *payloads, Direction::kRequest, keys));
    NDX_ASSIGN_OR_RETURN(ReadableMessages joined, JoinReadable(parts));
    out->request = std::move(joined.messages);
    out->request_elements = std::move(joined.elements);
    out->request_parts_erased = joined.parts_erased;
    for (const Part& part : parts) {
      if (part.kind == PartKind::kSignature && !part.unreadable) {
        out->consumer_signature = part.plaintext;
      }
    }
  }
  if (payloads->has_response()) {
    NDX_ASSIGN_OR_RETURN(const auto parts, OpenStored(leaf, *payloads, Direction::kResponse, keys));
    NDX_ASSIGN_OR_RETURN(ReadableMessages joined, JoinReadable(parts));
    out->response = std::move(joined.messages);
    out->response_elements = std::move(joined.elements);
    out->response_parts_erased = joined.parts_erased;
  }
  return absl::OkStatus();
}

absl::StatusOr<StoredLeaf> StoreReader::RequestLeafOf(StoredLeaf leaf) const {
  while (leaf.leaf.caused_by_plus_one() != 0) {
    const uint64_t earlier = leaf.leaf.caused_by_plus_one() - 1;
    if (earlier >= leaf.index) return absl::DataLossError("a leaf continues one that follows it");
    NDX_ASSIGN_OR_RETURN(StoredLeaf before, Leaf(earlier));
    // What an operator asked to execute again was caused by a leaf of another exchange.
    if (before.leaf.exchange_id() != leaf.leaf.exchange_id()) return leaf;
    leaf = std::move(before);
  }
  return leaf;
}

absl::StatusOr<OpenedPayload> StoreReader::OpenPayload(uint64_t index) const {
  OpenedPayload out;
  NDX_ASSIGN_OR_RETURN(const StoredLeaf leaf, Leaf(index));
  NDX_ASSIGN_OR_RETURN(const StoredLeaf first, RequestLeafOf(leaf));
  NDX_RETURN_IF_ERROR(OpenDirectionsOf(first, &out));
  if (first.index != leaf.index) NDX_RETURN_IF_ERROR(OpenDirectionsOf(leaf, &out));
  return out;
}

absl::Status StoreReader::AddDirectionSalts(uint64_t payload_leaf, Direction direction,
                                            uint32_t parts,
                                            exchange::v1::ReceiptOpening* opening) const {
  NDX_ASSIGN_OR_RETURN(const auto payloads, PayloadsOf(payload_leaf));
  NDX_ASSIGN_OR_RETURN(const LeafKeys keys, IsStored(payloads)
                                                ? keys_.Of(payload_leaf, payloads->key_leaf())
                                                : keys_.OfRemoved(payload_leaf));
  if (direction == Direction::kSignature) {
    NDX_ASSIGN_OR_RETURN(*opening->mutable_signature_salt(), keys.Salt(direction, 0));
    return absl::OkStatus();
  }
  const bool of_response = direction == Direction::kResponse;
  for (uint32_t i = 0; i < parts; ++i) {
    NDX_ASSIGN_OR_RETURN(std::string salt, keys.Salt(direction, i));
    const v1::MovedPartKey* moved = keys.MovedPart(direction, i);
    if (salt.empty() && moved != nullptr && !moved->commitment().empty()) {
      exchange::v1::ErasedPart& erased = *opening->add_erased();
      erased.set_of_response(of_response);
      erased.set_part(i);
      erased.set_commitment(moved->commitment());
    }
    (of_response ? opening->add_response_salts() : opening->add_request_salts())->swap(salt);
  }
  return absl::OkStatus();
}

absl::Status StoreReader::AddSalts(const StoredLeaf& leaf,
                                   exchange::v1::ReceiptOpening* opening) const {
  const bool is_signed = !leaf.leaf.signature_commitment().empty();
  if (leaf.leaf.request().parts() > 0 || is_signed) {
    NDX_ASSIGN_OR_RETURN(const StoredLeaf first, RequestLeafOf(leaf));
    NDX_RETURN_IF_ERROR(
        AddDirectionSalts(first.index, Direction::kRequest, leaf.leaf.request().parts(), opening));
    if (is_signed) {
      NDX_RETURN_IF_ERROR(AddDirectionSalts(first.index, Direction::kSignature, 1, opening));
    }
  }
  if (leaf.leaf.response().parts() == 0) return absl::OkStatus();
  return AddDirectionSalts(leaf.index, Direction::kResponse, leaf.leaf.response().parts(), opening);
}

absl::StatusOr<std::string> StoreReader::Receipt(uint64_t index) const {
  const SignedHead head = head_();
  if (index >= head.size) return absl::NotFoundError(absl::StrCat("no leaf ", index));
  NDX_ASSIGN_OR_RETURN(const StoredLeaf leaf, Leaf(index));
  journal::Receipt receipt{.index = index, .checkpoint = head.note};
  receipt.opening.set_leaf(leaf.bytes);
  const absl::Status salts = AddSalts(leaf, &receipt.opening);
  // Where the keys are gone the receipt still proves the leaf; the openings are with whoever kept
  // an earlier receipt.
  if (!salts.ok() && !absl::IsNotFound(salts)) return salts;
  if (!leaf.leaf.relay_receipt_sha256().empty()) {
    NDX_ASSIGN_OR_RETURN(const auto beside, PayloadsOf(index));
    if (!beside.has_value()) return absl::DataLossError("the next node's receipt is missing");
    NDX_ASSIGN_OR_RETURN(*receipt.opening.mutable_next(), ToNextReceipt(beside->next_receipt()));
  }
  NDX_ASSIGN_OR_RETURN(const TileTree tree, TileTree::Load(head.size, TilesOf(database_)));
  NDX_ASSIGN_OR_RETURN(receipt.proof, InclusionProof(index, head.size, tree));
  return FormatReceipt(receipt);
}

absl::StatusOr<std::vector<TreeHash>> StoreReader::ConsistencyProof(uint64_t old_size,
                                                                    uint64_t new_size) const {
  const uint64_t size = this->size();
  if (old_size == 0 || old_size > new_size || new_size > size) {
    return absl::InvalidArgumentError("no consistency proof between these sizes");
  }
  NDX_ASSIGN_OR_RETURN(const TileTree tree, TileTree::Load(size, TilesOf(database_)));
  return journal::ConsistencyProof(old_size, new_size, tree);
}

}  // namespace ndx::journal
