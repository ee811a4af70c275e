// Ed25519 signatures (RFC 8032).
//
// Thread-safety: thread-safe after construction.
#pragma once

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "ndx/core/random.h"
#include "ndx/crypto/secret_bytes.h"

namespace ndx::crypto {

inline constexpr size_t kEd25519KeyBytes = 32;
inline constexpr size_t kEd25519SignatureBytes = 64;

class Ed25519PublicKey {
 public:
  // From the 32 bytes of RFC 8032. kInvalidArgument for another size.
  static absl::StatusOr<Ed25519PublicKey> FromBytes(absl::string_view bytes);

  // True if signature (64 bytes) is the key owner's over message.
  bool Verify(absl::string_view message, absl::string_view signature) const;

  // The 32 bytes.
  const std::string& bytes() const { return bytes_; }

 private:
  Ed25519PublicKey() = default;

  std::string bytes_;
  std::shared_ptr<void> key_;
};

class Ed25519PrivateKey {
 public:
  static Ed25519PrivateKey Generate(core::Random& random);

  // From the 32-byte seed of RFC 8032. kInvalidArgument for another size.
  static absl::StatusOr<Ed25519PrivateKey> FromSeed(absl::string_view seed);

  // From PKCS#8 PEM, as `openssl genpkey -algorithm ed25519` writes it.
  static absl::StatusOr<Ed25519PrivateKey> FromPem(absl::string_view pem);

  // PKCS#8 PEM, not encrypted.
  SecretBytes ToPem() const;

  // 64 bytes.
  std::string Sign(absl::string_view message) const;

  // The public key's 32 bytes.
  const std::string& public_key() const { return public_key_; }

 private:
  Ed25519PrivateKey() = default;
  static absl::StatusOr<Ed25519PrivateKey> FromHandle(std::shared_ptr<void> key);

  std::shared_ptr<void> key_;
  std::string public_key_;
};

}  // namespace ndx::crypto
