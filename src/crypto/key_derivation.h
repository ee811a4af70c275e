// HKDF with SHA-256 (RFC 5869).
//
// Thread-safety: thread-safe.
#pragma once

#include "absl/strings/string_view.h"
#include "ndx/crypto/secret_bytes.h"

namespace ndx::crypto {

// The longest output that HKDF-SHA-256 gives: 255 digests.
inline constexpr size_t kHkdfBytesMax = 255 * 32;

struct HkdfInputs {
  absl::string_view key;   // input keying material
  absl::string_view salt;  // may be empty
  absl::string_view info;  // context
};

// Derives size bytes; size is 1 to kHkdfBytesMax (NDX_CHECKed).
SecretBytes HkdfSha256(const HkdfInputs& inputs, size_t size);

}  // namespace ndx::crypto
