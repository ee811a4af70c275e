// An OIDC provider of the tests: keys of its own, and tokens signed with them, good and bad ones.
//
// Thread-safety: thread-compatible. The keys are made anew in each process.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace ndx::tests {

inline constexpr char kTokenIssuer[] = "https://sso.example.vn/realms/van-hanh";
inline constexpr char kTokenAudience[] = "ndx-node";

class TokenIssuer {
 public:
  // Keys "ec" (P-256), "ec384" (P-384) and "rsa" (2048 bits).
  TokenIssuer();
  ~TokenIssuer();

  // The public keys, as a JWK set.
  std::string Jwks() const;

  // A token of these claims (JSON) under this header (JSON), signed by the key for alg.
  std::string Sign(const std::string& key, const std::string& header,
                   const std::string& claims) const;
  // The same, with {"alg", "kid", "typ": "JWT"} as the header.
  std::string Sign(const std::string& key, const std::string& algorithm, absl::Time now,
                   const std::string& subject) const;

  // HS256 with these bytes as the shared secret.
  static std::string SignWithSecret(const std::string& secret, const std::string& kid,
                                    const std::string& claims);

  // Claims of a good token, JSON.
  static std::string Claims(absl::Time now, const std::string& subject);
  // The same with one claim replaced by this JSON, or taken out where that is empty.
  static std::string ClaimsBut(absl::Time now, const std::string& claim, const std::string& json);

  // Base64url of a part, unpadded.
  static std::string Part(absl::string_view bytes);

 private:
  struct Keys;
  const std::unique_ptr<Keys> keys_;
};

}  // namespace ndx::tests
