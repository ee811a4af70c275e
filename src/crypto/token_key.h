// Private keys that never leave a token (mô-đun an toàn phần cứng, HSM), through OpenSSL's PKCS#11
// engine (Debian: libengine-pkcs11-openssl).
//
// Thread-safety: thread-safe; one module (library of a token) for a process, the first one asked
// for.
// Source: RFC 7512, the pkcs11 URI; libp11 0.4.12 for what its engine makes of it.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "ndx/crypto/private_key.h"

namespace ndx::crypto {

// A pkcs11 URI, taken apart: "pkcs11:token=ndx;object=tls?module-path=/usr/lib/…&pin-source=…".
struct TokenUri {
  std::string key;          // "pkcs11:token=ndx;object=tls"
  std::string module_path;  // empty: what p11-kit knows
  std::string pin_source;   // where the PIN is, not what it is; may be empty
  std::string wrapped;      // our own attribute: what is encrypted for the key; may be empty
};

// kInvalidArgument for another scheme, an attribute that is not known here, or a PIN in the text
// (pin-value): it would stand where everybody reads.
absl::StatusOr<TokenUri> ParseTokenUri(absl::string_view uri);

// Logs in with the PIN (empty: none) and finds the key. kUnavailable, with the engine's own words,
// when engine, module, token or key cannot be had; kFailedPrecondition for a second module. An
// Ed25519 key cannot be had, and where a token holds one the engine finds none of its other keys
// either ("object not found").
absl::StatusOr<PrivateKey> OpenTokenKey(const TokenUri& uri, absl::string_view pin);

}  // namespace ndx::crypto
