// Keys that sign, made from a character: the same character is the same key.
//
// Thread-safety: thread-safe functions.
#pragma once

#include <string>

#include "absl/strings/string_view.h"
#include "ndx/crypto/signing_key.h"

namespace ndx::tests {

// ECDSA on P-256 from its scalar (32 bytes).
crypto::SigningPrivateKey Es256KeyOf(absl::string_view scalar);

crypto::SigningPrivateKey Es256Key(char seed);
crypto::SigningPrivateKey EdDsaKey(char seed);

// As the registry has it (SigningKey.public_key).
std::string RegisteredKey(const crypto::SigningPrivateKey& key);

}  // namespace ndx::tests
