// What a KEY_ROTATED leaf says in its note: which key follows which, as lines of text, so that an
// auditor reads it without this program.
//
//   signing key
//   old NAME+KEYID+BASE64
//   new NAME+KEYID+BASE64
//   both sign until 2026-12-30T00:00:00Z
//
//   master key
//   old 1f0c99aa
//   new 8d27b3e0
//
// Thread-safety: thread-safe.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace ndx::journal {

struct KeyRotation {
  enum class Kind { kSigning, kMaster };
  Kind kind = Kind::kSigning;
  std::string old_key;  // as vkey text; of a master key its id (master_key.h)
  std::string new_key;
  absl::Time both_sign_until;  // of a signing key, whole seconds
};

std::string FormatKeyRotation(const KeyRotation& rotation);

// kInvalidArgument unless the text is just what FormatKeyRotation() writes.
absl::StatusOr<KeyRotation> ParseKeyRotation(absl::string_view note);

}  // namespace ndx::journal
