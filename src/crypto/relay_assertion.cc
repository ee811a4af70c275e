#include "ndx/crypto/relay_assertion.h"

#include <algorithm>
#include <cstdint>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "ndx/core/big_endian.h"
#include "ndx/crypto/exchange_signature.h"
#include "ndx/crypto/flat_json.h"

namespace ndx::crypto {
namespace {

constexpr absl::string_view kRelayType = "ndx-relay+jws";
constexpr absl::string_view kGroundLabel = "ndx-relay-ground-v1";
constexpr size_t kRelayMembers = 12;

std::string HexOf(const Digest& digest) { return absl::BytesToHexString(AsBytes(digest)); }

// Nothing where the text is not in the one form of a digest.
std::optional<Digest> DigestOfHex(const std::string* text) {
  if (text == nullptr || text->size() != 2 * kDigestBytes ||
      !std::all_of(text->begin(), text->end(),
                   [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); })) {
    return std::nullopt;
  }
  return DigestFromBytes(absl::HexStringToBytes(*text));
}

// Reads members one after another; one that is missing or empty spoils all.
class ClaimReader {
 public:
  explicit ClaimReader(const FlatJson& json) : json_(json), good_(json.size() == kRelayMembers) {}

  std::string Text(absl::string_view name) {
    const std::string* const text = json_.Text(name);
    good_ = good_ && text != nullptr && !text->empty();
    return good_ ? *text : "";
  }
  Digest Sha256(absl::string_view name) {
    const auto digest = DigestOfHex(json_.Text(name));
    good_ = good_ && digest.has_value();
    return good_ ? *digest : Digest{};
  }
  std::optional<Digest> Sha256OrNone(absl::string_view name) {
    const std::string* const text = json_.Text(name);
    if (text != nullptr && text->empty()) return std::nullopt;
    return Sha256(name);
  }
  absl::Time Seconds(absl::string_view name) {
    const int64_t* const number = json_.Number(name);
    good_ = good_ && number != nullptr;
    return absl::FromUnixSeconds(good_ ? *number : 0);
  }
  bool good() const { return good_; }

 private:
  const FlatJson& json_;
  bool good_;
};

std::variant<RelayClaims, SignatureFault> ReadRelayClaims(absl::string_view payload) {
  const auto json = FlatJson::Parse(payload);
  if (!json.has_value()) return SignatureFault::kClaims;
  ClaimReader reader(*json);
  RelayClaims claims{.exchange_id = reader.Text("jti"),
                     .method = reader.Text("mth"),
                     .origin = reader.Text("sub"),
                     .origin_certificate = reader.Sha256("cert"),
                     .origin_signature = reader.Sha256OrNone("sig"),
                     .ground = reader.Sha256("ctx"),
                     .provider = reader.Text("prv"),
                     .body_sha256 = reader.Sha256("body"),
                     .path = absl::StrSplit(reader.Text("path"), ' '),
                     .audience = reader.Text("aud"),
                     .issued = reader.Seconds("iat"),
                     .expires = reader.Seconds("exp")};
  if (!reader.good()) return SignatureFault::kClaims;
  return claims;
}

}  // namespace

Digest RelayGround::Sha256() const {
  crypto::Sha256 hash;
  hash.Add(kGroundLabel);
  for (const absl::string_view text : {purpose, dossier, procedure, officer, officer_token}) {
    std::string length;
    core::AppendBigEndian(static_cast<uint32_t>(text.size()), &length);
    hash.Add(length).Add(text);
  }
  return hash.Finish();
}

std::variant<RelayAssertion, SignatureFault> RelayAssertion::Parse(absl::string_view text) {
  auto parsed = Jws::Parse(text, JwsForm::kCompact);
  if (const auto* const fault = std::get_if<SignatureFault>(&parsed)) return *fault;
  RelayAssertion assertion(std::get<Jws>(std::move(parsed)));
  if (assertion.jws_.header().type != kRelayType) return SignatureFault::kType;
  auto claims = ReadRelayClaims(assertion.jws_.payload());
  if (const auto* const fault = std::get_if<SignatureFault>(&claims)) return *fault;
  assertion.claims_ = std::get<RelayClaims>(std::move(claims));
  const absl::Duration life = assertion.claims_.expires - assertion.claims_.issued;
  if (life <= absl::ZeroDuration() || life > kSignatureLifeMax) return SignatureFault::kLife;
  return assertion;
}

std::optional<SignatureFault> RelayAssertion::CheckTimes(absl::Time now) const {
  if (now + kSignatureClockSkew < claims_.issued) return SignatureFault::kNotYet;
  if (now - kSignatureClockSkew >= claims_.expires) return SignatureFault::kExpired;
  return std::nullopt;
}

std::optional<SignatureFault> RelayAssertion::Verify(const SigningPublicKey& key) const {
  return jws_.Verify(jws_.payload(), key);
}

std::string SignRelayAssertion(const RelayClaims& claims, const SigningPrivateKey& key) {
  FlatJson json;
  json.Add("jti", claims.exchange_id)
      .Add("mth", claims.method)
      .Add("sub", claims.origin)
      .Add("cert", HexOf(claims.origin_certificate))
      .Add("sig", claims.origin_signature.has_value() ? HexOf(*claims.origin_signature) : "")
      .Add("ctx", HexOf(claims.ground))
      .Add("prv", claims.provider)
      .Add("body", HexOf(claims.body_sha256))
      .Add("path", absl::StrJoin(claims.path, " "))
      .Add("aud", claims.audience)
      .Add("iat", absl::ToUnixSeconds(claims.issued))
      .Add("exp", absl::ToUnixSeconds(claims.expires));
  return SignJws(JwsForm::kCompact, {.type = std::string(kRelayType)}, json.ToString(), key);
}

}  // namespace ndx::crypto
