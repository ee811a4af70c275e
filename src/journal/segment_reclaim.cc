#include "segment_reclaim.h"

#include <algorithm>
#include <optional>

#include "absl/strings/str_cat.h"
#include "ndx/core/big_endian.h"
#include "ndx/core/exchange_id.h"
#include "ndx/core/status_macros.h"
#include "segment_label.h"
#include "store_layout.h"

namespace ndx::journal {
namespace {

bool IsWorthIt(uint64_t freed, uint64_t size) {
  return freed > 0 && freed * 100 >= (size - std::min(size, store::kSegmentHeaderBytes)) *
                                         kSegmentFreedPercentMin;
}

void RedirectPiece(const v1::SegmentPiece& from, const v1::SegmentPiece& to,
                   v1::StoredDirection* direction) {
  for (v1::SegmentPiece& piece : *direction->mutable_pieces()) {
    if (piece.segment() == from.segment() && piece.offset() == from.offset()) piece = to;
  }
}

}  // namespace

SegmentReclaim::SegmentReclaim(Parts parts) : parts_(std::move(parts)) {}

absl::Status SegmentReclaim::Wrote(absl::Status status) const {
  if (!status.ok()) parts_.on_failed_write(status);
  return status;
}

absl::StatusOr<uint64_t> SegmentReclaim::FreedOf(uint64_t segment) const {
  const auto bytes = parts_.database.Get(kMetaFamily, NumberedKey(kSegmentFreedPrefix, segment));
  if (absl::IsNotFound(bytes.status())) return 0;
  NDX_RETURN_IF_ERROR(bytes.status());
  if (bytes->size() != sizeof(uint64_t)) {
    return absl::DataLossError(
        absl::StrCat("what is freed of segment ", segment, " is unreadable"));
  }
  return core::ReadBigEndian<uint64_t>(*bytes);
}

absl::Status SegmentReclaim::AddFreed(const std::map<uint64_t, uint64_t>& bytes,
                                      store::Batch* batch) const {
  for (const auto& [segment, freed] : bytes) {
    NDX_ASSIGN_OR_RETURN(const uint64_t before, FreedOf(segment));
    batch->Put(kMetaFamily, NumberedKey(kSegmentFreedPrefix, segment),
               core::BigEndian(before + freed));
  }
  return absl::OkStatus();
}

absl::StatusOr<uint64_t> SegmentReclaim::EndFile(
    const std::map<uint64_t, uint64_t>& about_to_be_freed) {
  const uint64_t written = parts_.segments.WrittenFrom();
  const auto found = about_to_be_freed.find(written);
  if (found != about_to_be_freed.end()) {
    NDX_ASSIGN_OR_RETURN(const uint64_t freed, FreedOf(written));
    NDX_ASSIGN_OR_RETURN(const uint64_t size, parts_.segments.SizeOf(written));
    if (IsWorthIt(freed + found->second, size)) parts_.segments.Roll();
  }
  return parts_.segments.WrittenFrom();
}

absl::StatusOr<std::vector<std::pair<uint64_t, uint64_t>>> SegmentReclaim::WorthIt(
    uint64_t complete_below) const {
  std::vector<std::pair<uint64_t, uint64_t>> found;
  const auto numbers = parts_.segments.Segments();
  // None was ever written.
  if (!numbers.ok() || numbers->empty()) return found;
  const auto cursor = parts_.database.NewCursor(kMetaFamily);
  for (cursor->Seek(NumberedKey(kSegmentFreedPrefix, 0));
       NumberAt(kSegmentFreedPrefix, *cursor).has_value(); cursor->Next()) {
    const uint64_t segment = *NumberAt(kSegmentFreedPrefix, *cursor);
    // The newest keeps its number from being given again.
    if (segment >= complete_below || segment >= numbers->back()) break;
    const bool skipped = left_.contains(segment) || damaged_.contains(segment);
    if (skipped || cursor->value().size() != sizeof(uint64_t)) continue;
    const auto size = parts_.segments.SizeOf(segment);
    // Removed, and the process ended before its record was.
    if (absl::IsNotFound(size.status())) {
      found.emplace_back(segment, 0);
      continue;
    }
    NDX_RETURN_IF_ERROR(size.status());
    if (IsWorthIt(core::ReadBigEndian<uint64_t>(cursor->value()), *size)) {
      found.emplace_back(segment, *size);
    }
  }
  NDX_RETURN_IF_ERROR(cursor->status());
  return found;
}

absl::Status SegmentReclaim::PlacesOf(const core::ExchangeId& exchange_id, uint64_t segment,
                                      std::map<uint64_t, uint64_t>* leaf_by_offset) const {
  NDX_ASSIGN_OR_RETURN(const auto states, parts_.reader.StatesOf(exchange_id));
  for (const v1::ExchangeState& state : states) {
    if (state.phase() == v1::EXCHANGE_PHASE_OPENED) {
      return absl::UnavailableError("an exchange that is open has written to the segment");
    }
    for (const uint64_t leaf : state.leaves()) {
      NDX_ASSIGN_OR_RETURN(const auto payloads, parts_.reader.PayloadsOf(leaf));
      if (!payloads.has_value()) continue;
      for (const auto* direction : {&payloads->request(), &payloads->response()}) {
        for (const v1::SegmentPiece& piece : direction->pieces()) {
          if (piece.segment() == segment) (*leaf_by_offset)[piece.offset()] = leaf;
        }
      }
    }
  }
  return absl::OkStatus();
}

absl::Status SegmentReclaim::FindNeeded(uint64_t segment, std::vector<Needed>* needed) const {
  absl::Status status;
  std::optional<core::ExchangeId> of;
  std::map<uint64_t, uint64_t> leaf_by_offset;
  const auto see = [&](const store::SegmentRecord& record) {
    if (!status.ok()) return;
    const auto id = core::ExchangeId::FromBytes(
        absl::string_view(record.label).substr(0, core::ExchangeId::kBytes));
    status = id.status();
    if (!status.ok()) return;
    if (of != *id) {
      of = *id;
      leaf_by_offset.clear();
      status = PlacesOf(*id, segment, &leaf_by_offset);
    }
    const auto found = leaf_by_offset.find(record.place.offset);
    if (found != leaf_by_offset.end()) needed->push_back({found->second, record});
  };
  const absl::Status walked = parts_.segments.WalkHeaders(segment, see);
  // A crash cut off its end, to which nothing refers.
  if (!walked.ok() && !absl::IsOutOfRange(walked)) return walked;
  return status;
}

absl::Status SegmentReclaim::Redirect(const CopiedPieces& copied) {
  NDX_RETURN_IF_ERROR(Wrote(parts_.segments.Sync()));
  store::Batch batch;
  for (const auto& [leaf, pieces] : copied) {
    NDX_ASSIGN_OR_RETURN(auto payloads, parts_.reader.PayloadsOf(leaf));
    if (!payloads.has_value()) return absl::InternalError("a payload went while it was copied");
    for (const auto& [from, to] : pieces) {
      if (payloads->has_request()) RedirectPiece(from, to, payloads->mutable_request());
      if (payloads->has_response()) RedirectPiece(from, to, payloads->mutable_response());
    }
    batch.Put(kPayloadFamily, LeafKey(leaf), payloads->SerializeAsString());
  }
  return Wrote(parts_.database.WriteSynced(batch));
}

absl::Status SegmentReclaim::Copy(const std::vector<Needed>& needed) {
  CopiedPieces copied;
  uint64_t bytes = 0;
  for (const Needed& piece : needed) {
    NDX_ASSIGN_OR_RETURN(const store::SegmentContent content,
                         parts_.segments.Read(piece.record.place));
    const auto to = parts_.segments.Append(piece.record.label, content.bytes, content.digest);
    NDX_RETURN_IF_ERROR(Wrote(to.status()));
    copied[piece.leaf].push_back({.from = PieceOf(piece.record.place), .to = PieceOf(*to)});
    bytes += content.bytes.size();
    if (bytes < kSegmentCopyBytesMax) continue;
    NDX_RETURN_IF_ERROR(Redirect(copied));
    copied.clear();
    bytes = 0;
  }
  return copied.empty() ? absl::OkStatus() : Redirect(copied);
}

absl::Status SegmentReclaim::Remove(uint64_t segment) {
  NDX_RETURN_IF_ERROR(parts_.segments.Remove(segment));
  store::Batch batch;
  batch.Delete(kMetaFamily, NumberedKey(kSegmentFreedPrefix, segment));
  return Wrote(parts_.database.WriteSynced(batch));
}

absl::StatusOr<uint64_t> SegmentReclaim::ReclaimOne(uint64_t complete_below, bool may_copy,
                                                    const PruneSteps& step) {
  NDX_ASSIGN_OR_RETURN(const auto worth_it, WorthIt(complete_below));
  absl::Status trouble;
  for (const auto& [segment, size] : worth_it) {
    std::vector<Needed> needed;
    uint64_t kept = 0;
    absl::Status status = size == 0 ? absl::OkStatus() : FindNeeded(segment, &needed);
    for (const Needed& piece : needed) {
      kept += store::kSegmentRecordHeaderBytes + piece.record.place.length;
    }
    if (status.ok() && !needed.empty() && !may_copy) continue;
    if (status.ok()) status = Copy(needed);
    if (status.ok()) step("what is needed of the segment is copied");
    if (status.ok()) status = Remove(segment);
    if (status.ok()) {
      step("the segment is removed");
      return size - std::min(size, kept);
    }
    // An exchange that is open has written to it; or it is damaged and stays as it is, because each
    // attempt would leave copies behind.
    (absl::IsUnavailable(status) ? left_ : damaged_).insert(segment);
    if (!absl::IsUnavailable(status)) trouble.Update(status);
  }
  NDX_RETURN_IF_ERROR(trouble);
  return 0;
}

}  // namespace ndx::journal
