// A private key of any kind that TLS takes, in this process or on a token: RSA, ECDSA, EdDSA.
//
// Thread-safety: thread-safe after construction.
// Errors name the file or token, never the content.
#pragma once

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "ndx/crypto/certificate.h"
#include "ndx/crypto/secret_bytes.h"

namespace ndx::crypto {

class PrivateKey {
 public:
  // From PEM, not encrypted. kInvalidArgument otherwise.
  static absl::StatusOr<PrivateKey> FromPem(absl::string_view pem);
  // From a PEM file, under the rules of key_file.h.
  static absl::StatusOr<PrivateKey> Read(const std::string& path);
  // An EVP_PKEY of OpenSSL's. key: not null.
  static PrivateKey FromHandle(std::shared_ptr<void> key);

  // True if it is the key of the certificate.
  bool Fits(const Certificate& certificate) const;

  // RSA-OAEP with SHA-1, which all tokens can: what was encrypted for this key. kInvalidArgument
  // if the key is none of RSA; kDataLoss if it was encrypted for another.
  absl::StatusOr<SecretBytes> Decrypt(absl::string_view encrypted) const;

  // For those who include OpenSSL themselves: an EVP_PKEY*.
  const std::shared_ptr<void>& handle() const { return key_; }

 private:
  explicit PrivateKey(std::shared_ptr<void> key) : key_(std::move(key)) {}

  std::shared_ptr<void> key_;
};

}  // namespace ndx::crypto
