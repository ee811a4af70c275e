#include "ndx/crypto/officer_token.h"

#include <utility>

#include "ndx/crypto/exchange_signature.h"
#include "ndx/crypto/flat_json.h"

namespace ndx::crypto {
namespace {

constexpr absl::string_view kType = "ndx-officer+jwt";

std::variant<OfficerClaims, SignatureFault> ReadClaims(absl::string_view payload) {
  const auto json = FlatJson::Parse(payload);
  if (!json.has_value()) return SignatureFault::kClaims;
  const std::string* const officer = json->Text("sub");
  const std::string* const member = json->Text("iss");
  const std::string* const audience = json->Text("aud");
  const int64_t* const issued = json->Number("iat");
  const int64_t* const expires = json->Number("exp");
  if (officer == nullptr || officer->empty() || member == nullptr || audience == nullptr ||
      issued == nullptr || expires == nullptr) {
    return SignatureFault::kClaims;
  }
  const size_t members = json->Text("jti") == nullptr ? 5 : 6;
  if (json->size() != members) return SignatureFault::kClaims;
  return OfficerClaims{.officer = *officer,
                       .member = *member,
                       .audience = *audience,
                       .issued = absl::FromUnixSeconds(*issued),
                       .expires = absl::FromUnixSeconds(*expires)};
}

}  // namespace

std::variant<OfficerToken, SignatureFault> OfficerToken::Parse(absl::string_view text) {
  auto parsed = Jws::Parse(text, JwsForm::kCompact);
  if (const auto* const fault = std::get_if<SignatureFault>(&parsed)) return *fault;
  OfficerToken token(std::get<Jws>(std::move(parsed)));
  if (token.jws_.header().type != kType) return SignatureFault::kType;
  auto claims = ReadClaims(token.jws_.payload());
  if (const auto* const fault = std::get_if<SignatureFault>(&claims)) return *fault;
  token.claims_ = std::get<OfficerClaims>(std::move(claims));
  const absl::Duration life = token.claims_.expires - token.claims_.issued;
  if (life <= absl::ZeroDuration() || life > kOfficerTokenLifeMax) return SignatureFault::kLife;
  return token;
}

std::optional<SignatureFault> OfficerToken::CheckTimes(absl::Time now) const {
  if (now + kSignatureClockSkew < claims_.issued) return SignatureFault::kNotYet;
  if (now - kSignatureClockSkew >= claims_.expires) return SignatureFault::kExpired;
  return std::nullopt;
}

std::optional<SignatureFault> OfficerToken::Verify(const SigningPublicKey& key) const {
  return jws_.Verify(jws_.payload(), key);
}

std::string SignOfficerToken(const OfficerClaims& claims, const SigningPrivateKey& key) {
  FlatJson json;
  json.Add("sub", claims.officer)
      .Add("iss", claims.member)
      .Add("aud", claims.audience)
      .Add("iat", absl::ToUnixSeconds(claims.issued))
      .Add("exp", absl::ToUnixSeconds(claims.expires));
  return SignJws(JwsForm::kCompact, {.type = std::string(kType)}, json.ToString(), key);
}

}  // namespace ndx::crypto
