#include "checkpoint_signer.h"

#include "absl/strings/str_cat.h"
#include "ndx/core/status_macros.h"
#include "ndx/journal/receipt.h"

namespace ndx::journal {
namespace {

absl::Time SignsUntil(const v1::SigningKey& key) {
  return absl::FromUnixNanos(key.signs_until_unix_ns());
}

}  // namespace

absl::StatusOr<std::unique_ptr<CheckpointSigner>> CheckpointSigner::Create(
    const std::string& origin, const SigningKeyPair& keys, const core::Clock& clock) {
  NDX_ASSIGN_OR_RETURN(NoteSigner signing, NoteSigner::Create(origin, keys.signing));
  std::optional<NoteSigner> next;
  if (keys.next.has_value()) {
    NDX_ASSIGN_OR_RETURN(next, NoteSigner::Create(origin, *keys.next));
    if (next->verifier().public_key() == signing.verifier().public_key()) {
      return absl::InvalidArgumentError(
          "the next signing key is the present one; leave it out, or make another");
    }
  }
  return std::unique_ptr<CheckpointSigner>(
      new CheckpointSigner(origin, std::move(signing), std::move(next), clock));
}

std::vector<NoteVerifier> CheckpointSigner::verifiers() const {
  std::vector<NoteVerifier> verifiers = {signing_.verifier()};
  if (next_.has_value()) verifiers.push_back(next_->verifier());
  return verifiers;
}

v1::SigningKeys CheckpointSigner::FirstRecord(bool epoch_is_new) const {
  v1::SigningKeys record;
  const NoteSigner& first = epoch_is_new && next_.has_value() ? *next_ : signing_;
  record.add_keys()->set_vkey(first.verifier().vkey());
  return record;
}

const NoteSigner* CheckpointSigner::Configured(absl::string_view vkey) const {
  if (signing_.verifier().vkey() == vkey) return &signing_;
  if (next_.has_value() && next_->verifier().vkey() == vkey) return &*next_;
  return nullptr;
}

absl::Status CheckpointSigner::Adopt(const v1::SigningKeys& record) {
  if (record.keys().empty()) {
    return absl::DataLossError("the record of the journal's signing keys is unreadable");
  }
  const std::string& vkey = record.keys().rbegin()->vkey();
  if (Configured(vkey) == nullptr) {
    return absl::InvalidArgumentError(absl::StrCat(
        "the journal is signed by the key ", vkey, " since record ", record.keys().rbegin()->leaf(),
        ", and that key is not configured; the signing key configured is ",
        signing_.verifier().vkey(), ". Configure the key that follows as well (next_signing_key)"));
  }
  core::MutexLock lock(mutex_);
  Use(record);
  return absl::OkStatus();
}

void CheckpointSigner::Use(const v1::SigningKeys& record) {
  record_ = record;
  current_ = Configured(record.keys().rbegin()->vkey());
}

absl::Status CheckpointSigner::CheckNewest(absl::string_view note, uint64_t size) const {
  core::MutexLock lock(mutex_);
  if (size <= record_.keys().rbegin()->leaf()) return absl::OkStatus();
  return OpenCheckpoint(note, {&current_->verifier(), 1}).status();
}

const NoteSigner* CheckpointSigner::Former() const {
  if (record_.keys_size() < 2) return nullptr;
  const v1::SigningKey& before = record_.keys(record_.keys_size() - 2);
  return clock_.Now() < SignsUntil(before) ? Configured(before.vkey()) : nullptr;
}

const NoteSigner* CheckpointSigner::Next() const {
  return next_.has_value() && &*next_ != current_ ? &*next_ : nullptr;
}

std::string CheckpointSigner::Sign(const Checkpoint& checkpoint) const {
  core::MutexLock lock(mutex_);
  std::string note = SignCheckpoint(checkpoint, *current_);
  if (const NoteSigner* former = Former(); former != nullptr) {
    note += FormatSignatureLine(former->Sign(FormatCheckpoint(checkpoint)));
  }
  return note;
}

absl::StatusOr<CheckpointSigner::Rotation> CheckpointSigner::Begin(absl::Duration overlap) {
  core::MutexLock lock(mutex_);
  const NoteSigner* next = Next();
  if (next == nullptr) {
    return absl::FailedPreconditionError(
        "no key is there to follow: set journal.next_signing_key and start the node again");
  }
  if (rotating_) return absl::FailedPreconditionError("a rotation is under way");
  rotating_ = true;
  // Whole seconds, as the leaf says it.
  const absl::Time until = absl::FromUnixSeconds(absl::ToUnixSeconds(clock_.Now())) +
                           absl::Trunc(overlap, absl::Seconds(1));
  Rotation rotation{.words = {.kind = KeyRotation::Kind::kSigning,
                              .old_key = current_->verifier().vkey(),
                              .new_key = next->verifier().vkey(),
                              .both_sign_until = until},
                    .record = record_};
  rotation.record.mutable_keys()->rbegin()->set_signs_until_unix_ns(absl::ToUnixNanos(until));
  rotation.record.add_keys()->set_vkey(rotation.words.new_key);
  return rotation;
}

void CheckpointSigner::Take(const v1::SigningKeys& record) {
  core::MutexLock lock(mutex_);
  rotating_ = false;
  Use(record);
}

void CheckpointSigner::Abandon() {
  core::MutexLock lock(mutex_);
  rotating_ = false;
}

std::optional<uint64_t> CheckpointSigner::HandoverDue() const {
  core::MutexLock lock(mutex_);
  if (Former() == nullptr || !record_.keys().rbegin()->handover().empty()) return std::nullopt;
  return record_.keys().rbegin()->leaf();
}

absl::StatusOr<v1::SigningKeys> CheckpointSigner::AddHandover(absl::string_view receipt) {
  core::MutexLock lock(mutex_);
  NDX_CHECK(record_.keys_size() > 1);
  NDX_RETURN_IF_ERROR(
      VerifyReceipt(receipt, {.vkey = record_.keys(record_.keys_size() - 2).vkey()}).status());
  record_.mutable_keys()->rbegin()->set_handover(std::string(receipt));
  return record_;
}

std::string CheckpointSigner::Remark() const {
  core::MutexLock lock(mutex_);
  if (!next_.has_value() || &*next_ != current_ || Former() != nullptr) return "";
  return "journal.next_signing_key is the one key that signs: make it journal.signing_key";
}

std::string CheckpointSigner::vkey() const {
  core::MutexLock lock(mutex_);
  return current_->verifier().vkey();
}

std::vector<JournalKey> CheckpointSigner::keys() const {
  core::MutexLock lock(mutex_);
  std::vector<JournalKey> keys;
  if (const NoteSigner* next = Next(); next != nullptr) {
    keys.push_back({.vkey = next->verifier().vkey(), .state = JournalKeyState::kNext});
  }
  const NoteSigner* former = Former();
  for (int i = record_.keys_size() - 1; i >= 0; --i) {
    const v1::SigningKey& recorded = record_.keys(i);
    JournalKey key{.vkey = recorded.vkey(), .handover = recorded.handover()};
    if (i > 0) key.leaf = recorded.leaf();
    if (i + 1 < record_.keys_size()) {
      const bool signs = former != nullptr && former->verifier().vkey() == key.vkey;
      key.state = signs ? JournalKeyState::kOverlap : JournalKeyState::kFormer;
      key.signs_until = SignsUntil(recorded);
    }
    keys.push_back(std::move(key));
  }
  return keys;
}

}  // namespace ndx::journal
