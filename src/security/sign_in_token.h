// Tokens by which operators sign in (thẻ đăng nhập OIDC): a JWT that an OIDC provider signed.
//
// Read before anything is believed: three parts in base64url without padding, a header with alg,
// kid and perhaps typ, x5t or x5t#S256, and nothing else, so that neither crit nor keys or
// addresses of keys in a token mean anything. The key is the one of that kid in the set given, and
// it has to be of the algorithm's kind and curve; the algorithm has to be allowed. Nothing is ever
// fetched here.
//
//   iss = issuer · aud = audience or contains it · exp, iat there · iat ≤ now < exp, nbf ≤ now,
//   with a minute's allowance · exp − iat ≤ life_max · sub and the user's claim are texts of 1 to
//   255 bytes
//
// Thread-safety: thread-safe.
// Errors: Refusals of SIGN_IN_REFUSED with the cause; nothing of the token stands in them.
// Source: RFC 7515, RFC 7519, RFC 8725; OpenID Connect Core section 3.1.3.7. Signatures are
// verified by cjose.
#pragma once

#include <memory>
#include <set>
#include <string>
#include <variant>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "ndx/core/mutex.h"
#include "ndx/core/refusal.h"
#include "ndx/security/json_web_key_set.h"

namespace ndx::security {

// What clocks may differ by.
inline constexpr absl::Duration kTokenClockAllowance = absl::Minutes(1);
inline constexpr size_t kTokenBytesMax = size_t{8} << 10;

struct SignInTokenRules {
  std::string issuer;
  std::string audience;
  // Of ES256, ES384, ES512, RS256, RS384, RS512, PS256, PS384, PS512.
  std::set<std::string> algorithms = {"ES256", "RS256"};
  // The claim that says which operator it is.
  std::string user_claim = "sub";
  absl::Duration life_max = absl::Hours(12);
};

// A token that counts.
struct SignInClaims {
  std::string user;     // value of the user's claim
  std::string subject;  // sub: the issuer's own name of the person, which never changes
};

class SignInTokens {
 public:
  // kInvalidArgument for an algorithm that there is not, or none.
  static absl::Status CheckAlgorithms(const std::set<std::string>& algorithms);

  // Until keys are set, no token counts.
  explicit SignInTokens(SignInTokenRules rules) : rules_(std::move(rules)) {}

  // Puts other keys in force; null: none.
  void SetKeys(std::shared_ptr<const JsonWebKeySet> keys);

  std::variant<SignInClaims, core::Refusal> Verify(absl::string_view token, absl::Time now) const;

  const std::string& issuer() const { return rules_.issuer; }

 private:
  const SignInTokenRules rules_;
  mutable core::Mutex mutex_;
  std::shared_ptr<const JsonWebKeySet> keys_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace ndx::security
