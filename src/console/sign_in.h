// Who asks on the operators' HTTP port: the client's certificate, or the OIDC token in
// "Authorization: Bearer", tells which operator of the settings it is.
//
//   certificate   its dates, its issuer's revocation lists, then its key's SHA-256 in the settings
//   token         security::SignInTokens, then the user's claim in the settings
//   both          have to be those of one operator; a certificate that nobody lists says nothing
//                 beside a token, but is remembered (persons.h)
//
// Thread-safety: thread-safe. Ownership: what Parts refer to outlives it.
// Errors: RefusalStatus() of SIGN_IN_REQUIRED, SIGN_IN_REFUSED, OPERATOR_UNKNOWN, and
// CERTIFICATE_EXPIRED, _NOT_YET_VALID, _REVOKED. None of them repeats the token.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "ndx/console/operator_directory.h"
#include "ndx/console/persons.h"
#include "ndx/core/clock.h"
#include "ndx/crypto/certificate.h"
#include "ndx/http/http_site.h"
#include "ndx/security/revocations.h"
#include "ndx/security/sign_in_token.h"

namespace ndx::console {

class SignIn {
 public:
  struct Parts {
    const core::Clock& clock;
    Persons& persons;
    // Null: no token counts.
    const security::SignInTokens* tokens = nullptr;
    // Lists of the operators' authorities; null: nothing is revoked.
    std::function<std::shared_ptr<const security::Revocations>()> revocations;
  };
  SignIn(Parts parts, OperatorDirectory directory)
      : parts_(std::move(parts)), directory_(std::move(directory)) {}

  absl::StatusOr<OperatorIdentity> Of(const http::HttpRequest& request) const;

 private:
  // The hexadecimal SHA-256 of the certificate's key, where it may be used now; empty: none came.
  absl::StatusOr<std::string> KeyOf(const http::HttpPeer& peer) const;
  absl::StatusOr<security::SignInClaims> ClaimsOf(const std::string& token) const;

  const Parts parts_;
  const OperatorDirectory directory_;
};

}  // namespace ndx::console
