#include "sealed_payload.h"

#include "ndx/core/big_endian.h"
#include "ndx/core/status_macros.h"
#include "ndx/journal/payload_subjects.h"

namespace ndx::journal {

std::shared_ptr<const CutPlan> CutPlans::Get(const google::protobuf::Descriptor* descriptor,
                                             const std::shared_ptr<const void>& owner) {
  {
    core::MutexLock lock(mutex_);
    const auto found = plans_.find(descriptor);
    // A descriptor freed with its registry may have left its address to another.
    if (found != plans_.end() &&
        (found->second.is_static ? owner == nullptr : found->second.owner.lock() == owner)) {
      return found->second.plan;
    }
  }
  auto plan = std::make_shared<const CutPlan>(descriptor);
  core::MutexLock lock(mutex_);
  if (plans_.size() >= kPlansMax) plans_.clear();
  plans_[descriptor] = {.plan = plan, .owner = owner, .is_static = owner == nullptr};
  return plan;
}

absl::Status PayloadSealer::Add(const CutPlan& plan, absl::string_view message,
                                std::string* stored) {
  std::vector<Part> parts;
  NDX_RETURN_IF_ERROR(plan.Cut(message, &parts));
  if (salts_.size() + parts.size() > kPayloadPartsMax) {
    return absl::ResourceExhaustedError("the payload has too many parts");
  }
  std::vector<std::vector<std::string>> subjects;
  if (unmoved_ != nullptr) subjects = SubjectsOfMessage(type_, message, parts);
  for (size_t i = 0; i < parts.size(); ++i) {
    const Part& part = parts[i];
    const auto number = static_cast<uint32_t>(salts_.size());
    crypto::SecretBytes key = keys_.Of(context_.direction, number);
    SealPart(context_, number, key.view(), part, stored);
    salts_.push_back(CommitmentSalt(key.view()));
    commitments_.push_back(PartCommitment(salts_.back(), part.plaintext));
    if (unmoved_ == nullptr) continue;
    unmoved_->push_back({.key = std::move(key),
                         .subjects = std::move(subjects[i]),
                         .commitment = std::string(crypto::AsBytes(commitments_.back())),
                         .offset = OffsetOf(part)});
  }
  ++messages_;
  bytes_ += message.size();
  return absl::OkStatus();
}

v1::PayloadCommitment PayloadSealer::Commitment() const {
  v1::PayloadCommitment commitment;
  if (commitments_.empty()) return commitment;
  const TreeHash root = RootOf(commitments_);
  commitment.set_root(root.data(), root.size());
  commitment.set_parts(static_cast<uint32_t>(commitments_.size()));
  commitment.set_messages(messages_);
  commitment.set_bytes(bytes_);
  return commitment;
}

absl::StatusOr<SealedPayload> SealPayload(const SealContext& context, const ExchangePartKeys& keys,
                                          const CutPlan& plan, const Payload& payload,
                                          std::vector<UnmovedPart>* unmoved) {
  PayloadSealer sealer(context, keys);
  if (unmoved != nullptr) sealer.Collect(payload.descriptor, unmoved);
  SealedPayload sealed;
  for (const auto& message : payload.messages) {
    NDX_RETURN_IF_ERROR(sealer.Add(plan, *message, &sealed.stored));
  }
  sealed.commitment = sealer.Commitment();
  sealed.salts = sealer.TakeSalts();
  return sealed;
}

std::string RecallMac(absl::string_view key,
                      const std::vector<std::shared_ptr<const std::string>>& messages) {
  // Over the digest, so that the body is hashed once and in pieces.
  crypto::Sha256 body;
  for (const auto& message : messages) {
    body.Add(core::BigEndian(static_cast<uint32_t>(message->size()))).Add(*message);
  }
  const crypto::Digest digest = body.Finish();
  const crypto::Digest mac = crypto::HmacSha256(key, {crypto::AsBytes(digest)});
  return std::string(crypto::AsBytes(mac));
}

}  // namespace ndx::journal
