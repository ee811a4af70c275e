// Verifier keys as text, NAME+KEYID+BASE64 (C2SP signed-note). Private to this folder.
//
// Thread-safety: thread-safe.
#pragma once

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace ndx::journal {

struct VerifierKey {
  std::string name;
  std::string public_key;
};

// First four bytes of SHA-256(name ‖ 0x0A ‖ type ‖ public key).
uint32_t NoteKeyId(absl::string_view name, uint8_t type, absl::string_view public_key);

std::string FormatVkey(const VerifierKey& key, uint8_t type);

// kInvalidArgument unless it is a well-formed one of this type whose key id is right.
absl::StatusOr<VerifierKey> ParseVkey(absl::string_view vkey, uint8_t type);

}  // namespace ndx::journal
