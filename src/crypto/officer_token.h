// An officer's own token (thẻ ký số của cán bộ), metadata ndx-officer-token: a compact JWS (jws.h)
// of typ "ndx-officer+jwt" that the officer's member signs when the officer signs in there. It
// proves to the node which officer asks, where ndx-officer alone is what the calling system says.
//
//   sub   the officer's code (mã cán bộ), as in ndx-officer
//   iss   the member's code, in either spelling
//   aud   the node, VN:GOV:<member>:<system>
//   iat, exp   whole seconds since 1970, at most kOfficerTokenLifeMax apart
//   jti   a number of the issuer's own; may be absent, and is not looked at
//
// All of them and no others. Whoever of the member's systems holds it may send it until it ends: it
// stays with the officer's session, and goes to the node it is made out for. Whether issuer,
// audience and officer are the right ones is for the caller to see.
//
// Thread-safety: value types; thread-safe functions.
#pragma once

#include <optional>
#include <string>
#include <variant>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "ndx/crypto/jws.h"

namespace ndx::crypto {

inline constexpr absl::Duration kOfficerTokenLifeMax = absl::Hours(12);

struct OfficerClaims {
  std::string officer;
  std::string member;
  std::string audience;
  absl::Time issued;
  absl::Time expires;
};

class OfficerToken {
 public:
  // Form, header, type, claims and life; nothing is verified.
  static std::variant<OfficerToken, SignatureFault> Parse(absl::string_view text);

  const std::string& key_id() const { return jws_.header().key_id; }
  // Not to be believed before Verify().
  const OfficerClaims& claims() const { return claims_; }

  // Nothing while it counts, give or take kSignatureClockSkew; else kNotYet or kExpired.
  std::optional<SignatureFault> CheckTimes(absl::Time now) const;

  // Nothing when it is the key's; else kAlgorithm or kMismatch.
  std::optional<SignatureFault> Verify(const SigningPublicKey& key) const;

 private:
  explicit OfficerToken(Jws jws) : jws_(std::move(jws)) {}

  Jws jws_;
  OfficerClaims claims_;
};

// Texts of the claims are printable ASCII without quotation mark and backslash.
std::string SignOfficerToken(const OfficerClaims& claims, const SigningPrivateKey& key);

}  // namespace ndx::crypto
