#include "payload_keys.h"

#include "absl/strings/str_cat.h"
#include "ndx/core/status_macros.h"
#include "ndx/crypto/aes_gcm.h"

namespace ndx::journal {

LeafKeys::LeafKeys(const SubjectKeys& subjects, v1::MovedKeys moved)
    : subjects_(&subjects), moved_(std::move(moved)) {
  std::map<uint32_t, uint32_t> keys_before;
  const auto add = [&](Direction direction, const v1::MovedPartKey& part) {
    places_[static_cast<size_t>(direction)].push_back(keys_before[part.group_plus_one()]++);
  };
  for (const v1::MovedPartKey& part : moved_.request()) add(Direction::kRequest, part);
  for (const v1::MovedPartKey& part : moved_.response()) add(Direction::kResponse, part);
  if (moved_.has_signature()) add(Direction::kSignature, moved_.signature());
}

const v1::MovedPartKey* LeafKeys::MovedPart(Direction direction, uint32_t part) const {
  if (direction == Direction::kSignature) {
    return moved_.has_signature() ? &moved_.signature() : nullptr;
  }
  const auto& parts = direction == Direction::kRequest ? moved_.request() : moved_.response();
  return part < static_cast<uint32_t>(parts.size()) ? &parts.Get(static_cast<int>(part)) : nullptr;
}

absl::StatusOr<crypto::SecretBytes> LeafKeys::Part(Direction direction, uint32_t part) const {
  if (part_keys_.has_value()) return part_keys_->Of(direction, part);
  const v1::MovedPartKey* moved = MovedPart(direction, part);
  if (moved == nullptr) return absl::DataLossError("a part's key was not moved with the others");
  if (moved->group_plus_one() == 0) return subjects_->PartKey(moved_, *moved);
  return GroupedPart(moved->group_plus_one() - 1, places_[static_cast<size_t>(direction)][part]);
}

absl::StatusOr<crypto::SecretBytes> LeafKeys::GroupedPart(uint32_t group, uint32_t place) const {
  if (group >= static_cast<uint32_t>(moved_.groups_size())) {
    return absl::DataLossError("a moved key is in a group that is not there");
  }
  auto opened = opened_.find(group);
  if (opened == opened_.end()) {
    auto keys = subjects_->GroupKeys(moved_, moved_.groups(static_cast<int>(group)));
    opened = opened_.emplace(group, std::move(keys)).first;
  }
  NDX_RETURN_IF_ERROR(opened->second.status());
  const absl::string_view keys = opened->second->view();
  const size_t at = place * crypto::kAesKeyBytes;
  if (keys.size() < at + crypto::kAesKeyBytes) {
    return absl::DataLossError("a moved key is not in its group");
  }
  return crypto::SecretBytes(keys.substr(at, crypto::kAesKeyBytes));
}

absl::StatusOr<std::string> LeafKeys::Salt(Direction direction, uint32_t part) const {
  const auto key = Part(direction, part);
  if (absl::IsNotFound(key.status())) return std::string();
  NDX_RETURN_IF_ERROR(key.status());
  return CommitmentSalt(key->view());
}

std::optional<uint64_t> LeafKeys::pruned_by() const {
  if (moved_.pruned_by_plus_one() == 0) return std::nullopt;
  return moved_.pruned_by_plus_one() - 1;
}

absl::StatusOr<LeafKeys> PayloadKeys::OfRemoved(uint64_t leaf) const {
  auto moved = subjects_.Moved(leaf);
  if (absl::IsNotFound(moved.status()) || (moved.ok() && moved->pruned_by_plus_one() == 0)) {
    return absl::DataLossError(absl::StrCat("leaf ", leaf, ": its payload is missing"));
  }
  NDX_RETURN_IF_ERROR(moved.status());
  return LeafKeys(subjects_, *std::move(moved));
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
