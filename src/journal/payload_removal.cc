#include "payload_removal.h"

#include <algorithm>
#include <map>
#include <utility>

#include "ndx/core/status_macros.h"
#include "store_layout.h"

namespace ndx::journal {
namespace {

// Leaves whose keys, and then payloads, go in one synced write.
constexpr size_t kLeavesRemovedAtOnce = 1024;

v1::MovedPartKey KeylessPart(const v1::MovedPartKey& part) {
  v1::MovedPartKey out;
  out.set_commitment(part.commitment());
  return out;
}

// Without keys and without whom they were of: the commitments alone, for receipts made later.
v1::MovedKeys Keyless(const v1::MovedKeys& keys, uint64_t leaf) {
  v1::MovedKeys out;
  for (const v1::MovedPartKey& part : keys.request()) *out.add_request() = KeylessPart(part);
  for (const v1::MovedPartKey& part : keys.response()) *out.add_response() = KeylessPart(part);
  if (keys.has_signature()) *out.mutable_signature() = KeylessPart(keys.signature());
  out.set_pruned_by_plus_one(leaf + 1);
  return out;
}

}  // namespace

absl::Status PayloadRemoval::Wrote(absl::Status status) const {
  if (!status.ok()) parts_.on_failed_write(status);
  return status;
}

absl::Status PayloadRemoval::RemoveKeys(uint64_t leaf, const std::vector<uint64_t>& leaves) const {
  store::Batch batch;
  for (const uint64_t index : leaves) {
    const auto keys = parts_.subjects.Moved(index);
    // Damaged ones can be read by nobody either; they go as well.
    if (!keys.ok() && !absl::IsNotFound(keys.status()) && !absl::IsDataLoss(keys.status())) {
      return keys.status();
    }
    batch.Put(kMovedKeyFamily, LeafKey(index),
              Keyless(keys.ok() ? *keys : v1::MovedKeys(), leaf).SerializeAsString());
  }
  return Wrote(parts_.subjects.database().WriteSynced(batch));
}

absl::Status PayloadRemoval::RemovePayloads(const std::vector<uint64_t>& leaves) const {
  store::Batch batch;
  std::map<uint64_t, uint64_t> freed;
  for (const uint64_t index : leaves) {
    NDX_ASSIGN_OR_RETURN(auto payloads, parts_.reader.PayloadsOf(index));
    if (!payloads.has_value()) continue;
    for (const auto* direction : {&payloads->request(), &payloads->response()}) {
      for (const v1::SegmentPiece& piece : direction->pieces()) {
        freed[piece.segment()] += store::kSegmentRecordHeaderBytes + piece.length();
      }
    }
    payloads->clear_request();
    payloads->clear_response();
    // The list of fields removed from the answer and the next node's receipt belong to the leaf.
    if (payloads->fields_removed().empty() && payloads->next_receipt().empty()) {
      batch.Delete(kPayloadFamily, LeafKey(index));
    } else {
      batch.Put(kPayloadFamily, LeafKey(index), payloads->SerializeAsString());
    }
    // Of what was damaged and could not be moved.
    if (parts_.database.Get(kKeyFamily, WrapKeyKey(index)).ok()) {
      batch.Delete(kKeyFamily, WrapKeyKey(index));
    }
  }
  if (batch.empty()) return absl::OkStatus();
  NDX_RETURN_IF_ERROR(parts_.reclaim.AddFreed(freed, &batch));
  return Wrote(parts_.database.WriteSynced(batch));
}

absl::StatusOr<LeafRun> PayloadRemoval::CarryOut(uint64_t leaf, const v1::PrunedLeaves& list,
                                                 const PruneSteps& step) const {
  LeafRun span{.begin = UINT64_MAX, .end = 0};
  for (const v1::PrunedGroup& group : list.groups()) {
    NDX_ASSIGN_OR_RETURN(const auto runs, RunsOf(group));
    std::vector<uint64_t> leaves;
    for (const LeafRun& run : runs) {
      if (run.end > leaf) return absl::DataLossError("a list of leaves goes beyond its own leaf");
      span = {.begin = std::min(span.begin, run.begin), .end = std::max(span.end, run.end)};
      for (uint64_t index = run.begin; index < run.end; ++index) leaves.push_back(index);
    }
    for (size_t at = 0; at < leaves.size(); at += kLeavesRemovedAtOnce) {
      const size_t to = std::min(leaves.size(), at + kLeavesRemovedAtOnce);
      const std::vector<uint64_t> some(leaves.begin() + static_cast<ptrdiff_t>(at),
                                       leaves.begin() + static_cast<ptrdiff_t>(to));
      NDX_RETURN_IF_ERROR(RemoveKeys(leaf, some));
      step("keys are removed");
      NDX_RETURN_IF_ERROR(RemovePayloads(some));
      step("payloads are removed");
    }
  }
  if (span.end == 0) return absl::DataLossError("a list of leaves is empty");
  return span;
}

}  // namespace ndx::journal
