#include "payload_keys.h"

#include "ndx/core/status_macros.h"

namespace ndx::journal {

const v1::MovedPartKey* LeafKeys::MovedPart(Direction direction, uint32_t part) const {
  if (direction == Direction::kSignature) {
    return moved_.has_signature() ? &moved_.signature() : nullptr;
  }
  const auto& parts = direction == Direction::kRequest ? moved_.request() : moved_.response();
  return part < static_cast<uint32_t>(parts.size()) ? &parts.Get(static_cast<int>(part)) : nullptr;
}

absl::StatusOr<crypto::SecretBytes> LeafKeys::Part(Direction direction, uint32_t part) const {
  if (!exchange_key_.empty()) return PartKey(exchange_key_.view(), direction, part);
  const v1::MovedPartKey* moved = MovedPart(direction, part);
  if (moved == nullptr) return absl::DataLossError("a part's key was not moved with the others");
  return subjects_->PartKey(moved_, *moved);
}

absl::StatusOr<std::string> LeafKeys::Salt(Direction direction, uint32_t part) const {
  const auto key = Part(direction, part);
  if (absl::IsNotFound(key.status())) return std::string();
  NDX_RETURN_IF_ERROR(key.status());
  return CommitmentSalt(key->view());
}

absl::StatusOr<LeafKeys> PayloadKeys::Of(uint64_t leaf, uint64_t key_leaf) const {
  auto exchange_key = ring_.ExchangeKeyOf(key_leaf);
  if (exchange_key.ok()) return LeafKeys(*std::move(exchange_key));
  if (!absl::IsNotFound(exchange_key.status())) return exchange_key.status();
  // Written before the exchange key's wrap is deleted, so that one of the two is always there.
  NDX_ASSIGN_OR_RETURN(v1::MovedKeys moved, subjects_.Moved(leaf));
  return LeafKeys(subjects_, std::move(moved));
}

}  // namespace ndx::journal
