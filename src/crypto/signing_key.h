// Keys with which systems, providers and nodes sign: Ed25519 (EdDSA) and ECDSA on P-256 with
// SHA-256 (ES256), and no others. Which of the two is the key's, never the signature's.
//
// Thread-safety: thread-safe after construction. Copies share the key.
// Source: RFC 8037, RFC 7518 section 3.4 (r and s, 32 bytes each, big-endian), RFC 8410, RFC 5480.
#pragma once

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "ndx/crypto/ed25519.h"

namespace ndx::crypto {

enum class SigningAlgorithm { kEs256, kEdDsa };

// "ES256" or "EdDSA".
absl::string_view AlgorithmName(SigningAlgorithm algorithm);

inline constexpr size_t kSignatureBytes = 64;

// Whether the bytes can be a signature: their length, and for ES256 that neither r nor s is zero.
bool IsSignature(SigningAlgorithm algorithm, absl::string_view bytes);

class SigningPublicKey {
 public:
  // From a SubjectPublicKeyInfo in DER, in the one form that RFC 8410 and RFC 5480 have for it (a
  // point not compressed, on the curve). kInvalidArgument for everything else.
  static absl::StatusOr<SigningPublicKey> FromSpki(absl::string_view der);
  // The same in base64, line ends in it allowed, or in PEM ("PUBLIC KEY").
  static absl::StatusOr<SigningPublicKey> FromBase64(absl::string_view text);
  static absl::StatusOr<SigningPublicKey> FromPem(absl::string_view pem);
  // The 32 bytes of RFC 8032. kInvalidArgument for another size.
  static absl::StatusOr<SigningPublicKey> FromEd25519(absl::string_view bytes);

  bool Verify(absl::string_view message, absl::string_view signature) const;

  SigningAlgorithm algorithm() const { return algorithm_; }
  // SHA-256 of the SubjectPublicKeyInfo, 64 lower-case hexadecimal digits: the `kid` of what it
  // signs.
  const std::string& id() const { return id_; }
  const std::string& spki() const { return spki_; }

 private:
  friend class SigningPrivateKey;
  SigningPublicKey() = default;

  SigningAlgorithm algorithm_ = SigningAlgorithm::kEdDsa;
  std::string id_;
  std::string spki_;
  std::shared_ptr<void> key_;
};

class SigningPrivateKey {
 public:
  // From PKCS#8 PEM, as `openssl genpkey` writes it, or SEC 1 ("EC PRIVATE KEY").
  static absl::StatusOr<SigningPrivateKey> FromPem(absl::string_view pem);
  // Such a PEM in a file of its own (key_file.h, whose errors these are). Errors name the path.
  static absl::StatusOr<SigningPrivateKey> Load(const std::string& path);
  static SigningPrivateKey FromEd25519(const Ed25519PrivateKey& key);

  // 64 bytes.
  std::string Sign(absl::string_view message) const;

  const SigningPublicKey& public_key() const { return public_key_; }

 private:
  explicit SigningPrivateKey(SigningPublicKey public_key) : public_key_(std::move(public_key)) {}

  SigningPublicKey public_key_;
  std::shared_ptr<void> key_;
};

}  // namespace ndx::crypto
