// AES-256-GCM with 96-bit nonces and 128-bit tags (NIST SP 800-38D).
//
// Thread-safety: an AesGcmKey belongs to one thread at a time.
// The caller must never use a nonce twice under one key: it would give away both plaintexts.
#pragma once

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace ndx::crypto {

inline constexpr size_t kAesKeyBytes = 32;
inline constexpr size_t kGcmNonceBytes = 12;
inline constexpr size_t kGcmTagBytes = 16;

class AesGcmKey {
 public:
  // key has kAesKeyBytes (NDX_CHECKed).
  explicit AesGcmKey(absl::string_view key);
  ~AesGcmKey();
  AesGcmKey(AesGcmKey&&) noexcept;
  AesGcmKey& operator=(AesGcmKey&&) noexcept;

  // Appends ciphertext and tag to *out. The nonce has kGcmNonceBytes (NDX_CHECKed).
  void Seal(absl::string_view nonce, absl::string_view additional, absl::string_view plaintext,
            std::string* out);

  // Checks the tag and appends the plaintext to *out. kDataLoss, and nothing appended, if the
  // sealed bytes are not those that Seal() made under this key, nonce and additional data.
  absl::Status Open(absl::string_view nonce, absl::string_view additional, absl::string_view sealed,
                    std::string* out);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace ndx::crypto
