// The keys of a journal: by which its checkpoints and receipts are verified, and their rotation.
//
// Thread-safety: JournalKeys is thread-safe; the rest are plain values.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "ndx/journal/journal.h"

namespace ndx::journal {

enum class JournalKeyState {
  kNext,     // configured to follow; signs nothing yet
  kCurrent,  // signs every checkpoint
  kOverlap,  // another has followed it, and both sign
  kFormer,   // signs no more; what it signed stays valid
};

struct JournalKey {
  std::string vkey;
  JournalKeyState state = JournalKeyState::kCurrent;
  // The KEY_ROTATED leaf that brought it in; absent for the epoch's first key and for kNext.
  std::optional<uint64_t> leaf;
  // Until when it signs, or signed, beside the key that has followed it.
  std::optional<absl::Time> signs_until;
  // Receipt of that leaf under a checkpoint that the key before signed too; may be empty.
  std::string handover;
};

// Who changes a key, for the leaf. Within the limits of leaf_codec.h.
struct KeyChange {
  std::string operator_name;
  std::string operator_action;
  std::string operator_reason;
};

class JournalKeys {
 public:
  virtual ~JournalKeys() = default;

  // The public key that signs now, as vkey text: by it receipts and checkpoints are verified.
  virtual std::string vkey() const = 0;

  // All of the epoch's, newest first; in front the one configured to follow.
  virtual std::vector<JournalKey> keys() const = 0;

  // What people call the master key in use by (master_key.h).
  virtual std::string master_key_id() const = 0;

  // Records the rotation to the key configured to follow. From its leaf on that key signs, and for
  // the overlap the one before it as well. kFailedPrecondition if none is there to follow.
  virtual void RotateSigningKey(const KeyChange& change, AppendCallback done) = 0;
};

}  // namespace ndx::journal
