#include "ndx/journal/newest_checkpoint.h"

#include "ndx/core/status_macros.h"
#include "ndx/store/slot_file.h"
#include "store_layout.h"

namespace ndx::journal {

absl::StatusOr<SignedCheckpoint> NewestCheckpointIn(const std::string& slot_file,
                                                    const std::vector<std::string>& vkeys) {
  NDX_ASSIGN_OR_RETURN(const auto slots, store::ReadSlots(slot_file));
  std::optional<SignedCheckpoint> newest;
  absl::Status why = absl::PermissionDeniedError("no slot holds a checkpoint");
  for (const store::Slot& slot : slots) {
    if (slot.state != store::SlotState::kValid) continue;
    for (const std::string& vkey : vkeys) {
      NDX_ASSIGN_OR_RETURN(const NoteVerifier verifier, NoteVerifier::FromVkey(vkey));
      auto checkpoint = OpenCheckpoint(slot.content, {&verifier, 1});
      if (!checkpoint.ok()) {
        why = checkpoint.status();
      } else if (!newest.has_value() || checkpoint->head.size > newest->checkpoint.head.size) {
        newest = {slot.content, *std::move(checkpoint), vkey};
      }
    }
  }
  if (!newest.has_value()) return why;
  return *std::move(newest);
}

absl::StatusOr<std::optional<SignedCheckpoint>> NewestOwnCheckpoint(
    const std::string& directory, const std::string& node,
    absl::Span<const crypto::Ed25519PrivateKey> signing) {
  const auto epoch = NewestEpoch(directory);
  if (absl::IsNotFound(epoch.status()) || (epoch.ok() && *epoch == 0)) {
    return std::optional<SignedCheckpoint>();
  }
  NDX_RETURN_IF_ERROR(epoch.status());
  const std::string path = CheckpointPath(EpochDirectory(directory, *epoch));
  std::vector<std::string> vkeys;
  for (const auto& key : signing) {
    NDX_ASSIGN_OR_RETURN(const NoteVerifier verifier,
                         NoteVerifier::FromPublicKey(OriginOf(node, *epoch), key.public_key()));
    vkeys.push_back(verifier.vkey());
  }
  auto newest = NewestCheckpointIn(path, vkeys);
  if (absl::IsNotFound(newest.status())) return std::optional<SignedCheckpoint>();
  NDX_RETURN_IF_ERROR(newest.status());
  return std::optional<SignedCheckpoint>(*std::move(newest));
}

}  // namespace ndx::journal
