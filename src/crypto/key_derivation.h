// HKDF with SHA-256 (RFC 5869).
//
// Thread-safety: thread-safe.
#pragma once

#include "absl/strings/string_view.h"
#include "ndx/crypto/digest.h"
#include "ndx/crypto/secret_bytes.h"

namespace ndx::crypto {

// The longest output that HKDF-SHA-256 gives: 255 digests.
inline constexpr size_t kHkdfBytesMax = 255 * 32;

struct HkdfInputs {
  absl::string_view key;   // input keying material
  absl::string_view salt;  // may be empty
  absl::string_view info;  // context
};

// The first step of HKDF done once, for several keys from one. Wiped when it goes.
// Thread-safety: thread-compatible.
class HkdfKey {
 public:
  // salt may be empty.
  explicit HkdfKey(absl::string_view key, absl::string_view salt = {});
  ~HkdfKey();
  HkdfKey(HkdfKey&& other) noexcept;
  HkdfKey& operator=(HkdfKey&& other) noexcept;

  // Derives size bytes; size is 1 to kHkdfBytesMax (NDX_CHECKed).
  SecretBytes Derive(absl::string_view info, size_t size) const;

 private:
  void Wipe();

  Digest pseudorandom_;
};

// Derives size bytes; size is 1 to kHkdfBytesMax (NDX_CHECKed).
SecretBytes HkdfSha256(const HkdfInputs& inputs, size_t size);

}  // namespace ndx::crypto
