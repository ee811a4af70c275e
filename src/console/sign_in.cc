#include "ndx/console/sign_in.h"

#include <variant>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "absl/time/civil_time.h"
#include "ndx/console/refusal_status.h"
#include "ndx/core/status_macros.h"
#include "ndx/registry/calendar.h"

namespace ndx::console {
namespace {

constexpr absl::string_view kScheme = "bearer ";

absl::Status TokenRefused(const char* vi, const char* en) {
  return RefusalStatus({.reason = exchange::v1::ERROR_REASON_SIGN_IN_REFUSED,
                        .parameters = {{"rule_vi", vi}, {"rule_en", en}}});
}

absl::Status CertificateRefused(exchange::v1::ErrorReason reason, absl::Time since) {
  return RefusalStatus(
      {.reason = reason,
       .parameters = {{"date", absl::FormatCivilTime(registry::VietnamDay(since))}}});
}

absl::Status NobodyListed(std::string what) {
  return RefusalStatus({.reason = exchange::v1::ERROR_REASON_OPERATOR_UNKNOWN,
                        .parameters = {{"user", std::move(what)}}});
}

// The bearer token; empty where none came.
absl::StatusOr<std::string> TokenOf(const http::HttpRequest& request) {
  std::optional<absl::string_view> found;
  for (const auto& [name, value] : request.headers) {
    if (name != "authorization") continue;
    if (found.has_value()) {
      return TokenRefused("có nhiều hơn một tiêu đề Authorization",
                          "there is more than one Authorization header");
    }
    found = value;
  }
  if (!found.has_value()) return "";
  if (!absl::StartsWithIgnoreCase(*found, kScheme)) {
    return TokenRefused("tiêu đề Authorization không phải Bearer",
                        "the Authorization header is not of the kind Bearer");
  }
  found->remove_prefix(kScheme.size());
  return std::string(absl::StripLeadingAsciiWhitespace(*found));
}

}  // namespace

absl::StatusOr<std::string> SignIn::KeyOf(const http::HttpPeer& peer) const {
  if (peer.certificate_der.empty()) return "";
  NDX_ASSIGN_OR_RETURN(const auto certificate, crypto::Certificate::FromDer(peer.certificate_der));
  const absl::Time now = parts_.clock.Now();
  if (now < certificate.not_before()) {
    return CertificateRefused(exchange::v1::ERROR_REASON_CERTIFICATE_NOT_YET_VALID,
                              certificate.not_before());
  }
  if (now > certificate.not_after()) {
    return CertificateRefused(exchange::v1::ERROR_REASON_CERTIFICATE_EXPIRED,
                              certificate.not_after());
  }
  const auto revocations = parts_.revocations ? parts_.revocations() : nullptr;
  if (const auto since =
          revocations == nullptr ? std::nullopt : revocations->RevokedAt(certificate);
      since.has_value()) {
    return CertificateRefused(exchange::v1::ERROR_REASON_CERTIFICATE_REVOKED, *since);
  }
  return absl::BytesToHexString(crypto::AsBytes(certificate.spki_sha256()));
}

absl::StatusOr<security::SignInClaims> SignIn::ClaimsOf(const std::string& token) const {
  if (parts_.tokens == nullptr) {
    return TokenRefused("nút trục này không nhận thẻ (operator_api.oidc chưa đặt)",
                        "this node takes no tokens (operator_api.oidc is not set)");
  }
  auto verified = parts_.tokens->Verify(token, parts_.clock.Now());
  if (const auto* const refusal = std::get_if<core::Refusal>(&verified)) {
    return RefusalStatus(*refusal);
  }
  return std::get<security::SignInClaims>(std::move(verified));
}

absl::StatusOr<OperatorIdentity> SignIn::Of(const http::HttpRequest& request) const {
  NDX_ASSIGN_OR_RETURN(const std::string key, KeyOf(request.peer));
  NDX_ASSIGN_OR_RETURN(const std::string token, TokenOf(request));
  const std::optional<OperatorIdentity> by_key =
      key.empty() ? std::nullopt : directory_.FindByKey(key);
  std::optional<OperatorIdentity> by_token;
  security::SignInClaims claims;
  if (!token.empty()) {
    NDX_ASSIGN_OR_RETURN(claims, ClaimsOf(token));
    by_token = directory_.FindByToken(claims.user);
    if (!by_token.has_value()) return NobodyListed("(token)");
    if (by_key.has_value() && by_key->name != by_token->name) {
      return TokenRefused("thẻ và chứng thư số là của hai người vận hành khác nhau",
                          "token and certificate are those of two operators");
    }
  }
  const std::optional<OperatorIdentity>& who = by_token.has_value() ? by_token : by_key;
  if (!who.has_value()) {
    if (!key.empty()) return NobodyListed(absl::StrCat("(certificate spki_sha256 ", key, ")"));
    return RefusalStatus({.reason = exchange::v1::ERROR_REASON_SIGN_IN_REQUIRED});
  }
  if (!key.empty()) parts_.persons.Note(who->name, absl::StrCat("key ", key));
  if (by_token.has_value()) {
    parts_.persons.Note(who->name,
                        absl::StrCat("token ", parts_.tokens->issuer(), " ", claims.subject));
  }
  return *who;
}

}  // namespace ndx::console
