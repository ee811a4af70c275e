#include "segment_spill.h"

#include "ndx/core/status_macros.h"
#include "segment_label.h"

namespace ndx::journal {

SegmentSpill::SegmentSpill(store::SegmentStore& segments, std::shared_ptr<OpenExchange> exchange,
                           uint16_t attempt, std::shared_ptr<const CutPlan> plan,
                           std::shared_ptr<const void> descriptor_owner)
    : segments_(segments),
      exchange_(std::move(exchange)),
      context_{.exchange_id = exchange_->exchange_id,
               .direction = Direction::kResponse,
               .attempt = attempt},
      plan_(std::move(plan)),
      descriptor_owner_(std::move(descriptor_owner)),
      part_keys_(exchange_->exchange_key.view()),
      sealer_(context_, part_keys_) {}

absl::Status SegmentSpill::Add(absl::string_view message) {
  std::string stored;
  const auto first_part = static_cast<uint32_t>(sealer_.salts().size());
  NDX_RETURN_IF_ERROR(sealer_.Add(*plan_, message, &stored));
  digest_.Add(stored);
  NDX_ASSIGN_OR_RETURN(
      const store::SegmentPlace place,
      segments_.Append(SegmentLabel(context_.exchange_id, static_cast<uint8_t>(context_.direction),
                                    context_.attempt),
                       stored, crypto::Sha256Of({stored})));
  places_.push_back({.piece = PieceOf(place), .first_part = first_part});
  return absl::OkStatus();
}

absl::StatusOr<std::string> SegmentSpill::Read(size_t index) const {
  if (index >= places_.size()) return absl::OutOfRangeError("no such message");
  const MessagePlace& place = places_[index];
  NDX_ASSIGN_OR_RETURN(const store::SegmentContent stored, segments_.Read(PlaceOf(place.piece)));
  // The piece begins in the middle of the direction, so its parts are numbered from there.
  NDX_ASSIGN_OR_RETURN(const std::vector<Part> parts,
                       OpenPartsFrom(context_, place.first_part, stored.bytes, part_keys_));
  NDX_ASSIGN_OR_RETURN(std::vector<std::string> messages, JoinParts(parts));
  if (messages.size() != 1) return absl::DataLossError("the stored message is damaged");
  return std::move(messages.front());
}

SpilledAnswer SegmentSpill::Take() {
  SpilledAnswer answer{.commitment = sealer_.Commitment(), .salts = sealer_.salts()};
  if (places_.empty()) return answer;
  answer.sealed.digest = digest_.Finish();
  answer.sealed.attempt = context_.attempt;
  for (const MessagePlace& place : places_) answer.sealed.pieces.push_back(place.piece);
  answer.commitment.set_ciphertext_sha256(answer.sealed.digest.data(), answer.sealed.digest.size());
  return answer;
}

}  // namespace ndx::journal
