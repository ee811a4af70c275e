// The signing keys of an epoch, as configured and as recorded: signs checkpoints with the current
// one and, while the overlap after a rotation lasts, with the one before it too. Private to this
// folder.
//
// Every checkpoint that covers the KEY_ROTATED leaf carries the new key's signature: what covers it
// without is not this node's.
//
// Thread-safety: thread-safe. Ownership: the clock outlives it.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "ndx/core/clock.h"
#include "ndx/core/mutex.h"
#include "ndx/journal/checkpoint.h"
#include "ndx/journal/journal_key.h"
#include "ndx/journal/key_rotation.h"
#include "ndx/journal/signed_note.h"
#include "ndx/journal/v1/journal_store.pb.h"

namespace ndx::journal {

// As the settings have them.
struct SigningKeyPair {
  crypto::Ed25519PrivateKey signing;
  std::optional<crypto::Ed25519PrivateKey> next;
};

class CheckpointSigner {
 public:
  // kInvalidArgument for a bad origin, or where both keys are one.
  static absl::StatusOr<std::unique_ptr<CheckpointSigner>> Create(const std::string& origin,
                                                                  const SigningKeyPair& keys,
                                                                  const core::Clock& clock);

  // The configured keys, by one of which the newest checkpoint must be signed.
  std::vector<NoteVerifier> verifiers() const;

  // What is recorded of an epoch that is new, or older than this record. A new epoch begins with
  // the next key where there is one: nobody knows either for its origin.
  v1::SigningKeys FirstRecord(bool epoch_is_new) const;

  // Takes the record of the epoch. kInvalidArgument, with what to do, unless the key that signs by
  // the record is configured; kDataLoss for an unreadable record.
  absl::Status Adopt(const v1::SigningKeys& record);

  // kPermissionDenied unless a checkpoint of this size is signed by the key that signs by the
  // record, where it covers the leaf that brought it in.
  absl::Status CheckNewest(absl::string_view note, uint64_t size) const;

  // The signed note. NDX_CHECKs that the checkpoint is of the origin, and that Adopt() came before.
  std::string Sign(const Checkpoint& checkpoint) const;

  struct Rotation {
    KeyRotation words;
    v1::SigningKeys record;  // the leaf of its last key is for the writer to fill in
  };
  // The rotation to the next key, which then must be ended with Take() or Abandon().
  // kFailedPrecondition if no key is there to follow, or one is under way.
  absl::StatusOr<Rotation> Begin(absl::Duration overlap);
  // The rotation is durable: the new key signs from now on.
  void Take(const v1::SigningKeys& record);
  void Abandon();

  // The leaf for which a handover receipt can and should be kept.
  std::optional<uint64_t> HandoverDue() const;
  // Keeps the receipt and returns the record to write. kPermissionDenied if it does not verify by
  // the key before.
  absl::StatusOr<v1::SigningKeys> AddHandover(absl::string_view receipt);

  // What the operator is to change in the settings, a sentence; empty for nothing.
  std::string Remark() const;

  const std::string& origin() const { return origin_; }
  // The key that signs, as vkey text.
  std::string vkey() const;
  // Newest first, with the one that is to follow.
  std::vector<JournalKey> keys() const;

 private:
  CheckpointSigner(std::string origin, NoteSigner signing, std::optional<NoteSigner> next,
                   const core::Clock& clock)
      : origin_(std::move(origin)),
        signing_(std::move(signing)),
        next_(std::move(next)),
        clock_(clock) {}
  const NoteSigner* Configured(absl::string_view vkey) const;
  // The key before the current one, if it is configured and the overlap lasts.
  const NoteSigner* Former() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // Configured to follow: null if it has followed already.
  const NoteSigner* Next() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Use(const v1::SigningKeys& record) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const std::string origin_;
  const NoteSigner signing_;
  const std::optional<NoteSigner> next_;
  const core::Clock& clock_;
  mutable core::Mutex mutex_;
  v1::SigningKeys record_ ABSL_GUARDED_BY(mutex_);
  const NoteSigner* current_ ABSL_GUARDED_BY(mutex_) = nullptr;
  bool rotating_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace ndx::journal
