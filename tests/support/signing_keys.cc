#include "ndx/tests/support/signing_keys.h"

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "ndx/core/status_macros.h"

namespace ndx::tests {

// By way of the PEM of RFC 5915 without public key.
crypto::SigningPrivateKey Es256KeyOf(absl::string_view scalar) {
  const std::string der = absl::StrCat(absl::HexStringToBytes("30310201010420"), scalar,
                                       absl::HexStringToBytes("a00a06082a8648ce3d030107"));
  auto key = crypto::SigningPrivateKey::FromPem(absl::StrCat("-----BEGIN EC PRIVATE KEY-----\n",
                                                             absl::Base64Escape(der),
                                                             "\n-----END EC PRIVATE KEY-----\n"));
  NDX_CHECK(key.ok());
  return *std::move(key);
}

crypto::SigningPrivateKey Es256Key(char seed) { return Es256KeyOf(std::string(32, seed)); }

crypto::SigningPrivateKey EdDsaKey(char seed) {
  auto key = crypto::Ed25519PrivateKey::FromSeed(std::string(crypto::kEd25519KeyBytes, seed));
  NDX_CHECK(key.ok());
  return crypto::SigningPrivateKey::FromEd25519(*key);
}

std::string RegisteredKey(const crypto::SigningPrivateKey& key) {
  return absl::Base64Escape(key.public_key().spki());
}

}  // namespace ndx::tests
