// The public keys with which an OIDC provider signs tokens: a JWK set.
//
//   NDX_ASSIGN_OR_RETURN(auto keys, JsonWebKeySet::Parse(text));
//   const JsonWebKey* key = keys.Find("2026-1");  // null: no such key
//
// Keys that cannot verify a token are left out: of other kinds than EC and RSA, for another use
// than signatures, without a kid, on another curve than P-256, P-384 and P-521, RSA of less than
// 2048 bits.
//
// Thread-safety: immutable once parsed, thread-safe.
// Errors of Parse(): kInvalidArgument for what is no JWK set, has two usable keys of one kid, no
// usable key, a private key, or is over a limit. No error repeats the text.
// Source: RFC 7517, RFC 7518 section 6; keys are read by cjose.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace ndx::security {

struct JsonWebKey {
  std::string kind;       // "EC" or "RSA"
  std::string curve;      // "P-256" …; empty for RSA
  size_t bits = 0;        // of the curve, or of the modulus
  std::string algorithm;  // the only one that it is for; empty: any of its kind
  // cjose_jwk_t; shared so that a set can be copied.
  std::shared_ptr<void> handle;
};

class JsonWebKeySet {
 public:
  static constexpr size_t kBytesMax = size_t{64} << 10;
  static constexpr size_t kKeysMax = 64;

  static absl::StatusOr<JsonWebKeySet> Parse(absl::string_view text);

  const JsonWebKey* Find(const std::string& kid) const;
  size_t size() const { return keys_.size(); }

 private:
  std::map<std::string, JsonWebKey> keys_;
};

}  // namespace ndx::security
