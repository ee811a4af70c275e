#include "ndx/security/sign_in_token.h"

#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "ndx/tests/support/token_issuer.h"

namespace ndx::security {
namespace {

using Catch::Contains;
using tests::TokenIssuer;

const absl::Time kTokenNow = absl::FromUnixSeconds(1'780'000'000);

// One issuer for all cases: an RSA key takes a while to make.
const TokenIssuer& Issuer() {
  static const TokenIssuer issuer;
  return issuer;
}

SignInTokenRules Rules() {
  return {.issuer = tests::kTokenIssuer,
          .audience = tests::kTokenAudience,
          .algorithms = {"ES256", "RS256", "PS256"},
          .life_max = absl::Minutes(10)};
}

class Tokens {
 public:
  explicit Tokens(SignInTokenRules rules = Rules()) : tokens_(std::move(rules)) {
    tokens_.SetKeys(
        std::make_shared<const JsonWebKeySet>(JsonWebKeySet::Parse(Issuer().Jwks()).value()));
  }
  SignInTokens& operator*() { return tokens_; }

  // Whom the token signs in: sub; else the cause in English.
  std::string Whom(const std::string& token, absl::Time now = kTokenNow) const {
    const auto verified = tokens_.Verify(token, now);
    if (const auto* const claims = std::get_if<SignInClaims>(&verified)) {
      return absl::StrCat("sub ", claims->subject, " user ", claims->user);
    }
    const auto& refusal = std::get<core::Refusal>(verified);
    CHECK(refusal.reason == exchange::v1::ERROR_REASON_SIGN_IN_REFUSED);
    CHECK_FALSE(refusal.parameters.at("rule_vi").empty());
    return refusal.parameters.at("rule_en");
  }

 private:
  SignInTokens tokens_;
};

std::string Good() { return Issuer().Sign("ec", "ES256", kTokenNow, "lan-1"); }

std::string WithHeader(const std::string& header) {
  return Issuer().Sign("ec", header, TokenIssuer::Claims(kTokenNow, "lan-1"));
}

std::string WithClaim(const std::string& claim, const std::string& json) {
  return Issuer().Sign("ec", R"({"alg":"ES256","kid":"ec"})",
                       TokenIssuer::ClaimsBut(kTokenNow, claim, json));
}

// The same token with other parts, unsigned anew.
std::string Rejoined(const std::string& header, const std::string& claims,
                     const std::string& signature) {
  return absl::StrCat(TokenIssuer::Part(header), ".", TokenIssuer::Part(claims), ".",
                      TokenIssuer::Part(signature));
}

TEST_CASE("a token of the issuer says who it is, by each algorithm that is allowed") {
  const Tokens tokens;
  CHECK(tokens.Whom(Good()) == "sub lan-1 user lan-1");
  CHECK(tokens.Whom(Issuer().Sign("rsa", "RS256", kTokenNow, "lan-1")) == "sub lan-1 user lan-1");
  CHECK(tokens.Whom(Issuer().Sign("rsa", "PS256", kTokenNow, "lan-1")) == "sub lan-1 user lan-1");
  CHECK(tokens.Whom(WithClaim("aud", "\"ndx-node\"")) == "sub lan-1 user lan-1");
  CHECK(tokens.Whom(WithHeader(R"({"alg":"ES256","kid":"ec","typ":"at+JWT","x5t":"AA"})")) ==
        "sub lan-1 user lan-1");
  SignInTokenRules rules = Rules();
  rules.user_claim = "preferred_username";
  CHECK(Tokens(rules).Whom(WithClaim("preferred_username", "\"lan\"")) == "sub lan-1 user lan");
}

TEST_CASE("hostile headers are refused before anything is believed") {
  const Tokens tokens;
  const std::string claims = TokenIssuer::Claims(kTokenNow, "lan-1");
  struct Case {
    const char* name;
    std::string token;
    const char* cause;
  };
  const Case cases[] = {
      {"alg none", Rejoined(R"({"alg":"none","kid":"ec"})", claims, ""),
       "algorithm is not allowed"},
      {"alg NONE", Rejoined(R"({"alg":"NONE","kid":"ec"})", claims, "x"),
       "algorithm is not allowed"},
      {"HS256 with the public keys as the secret",
       TokenIssuer::SignWithSecret(Issuer().Jwks(), "rsa", claims), "algorithm is not allowed"},
      {"an algorithm that is not allowed", Issuer().Sign("ec384", "ES384", kTokenNow, "lan-1"),
       "algorithm is not allowed"},
      {"jku", WithHeader(R"({"alg":"ES256","kid":"ec","jku":"https://evil.example/keys"})"),
       "addresses"},
      {"x5u", WithHeader(R"({"alg":"ES256","kid":"ec","x5u":"https://evil.example/c"})"),
       "addresses"},
      {"jwk", WithHeader(R"({"alg":"ES256","kid":"ec","jwk":{"kty":"EC"}})"), "addresses"},
      {"x5c", WithHeader(R"({"alg":"ES256","kid":"ec","x5c":["AA"]})"), "addresses"},
      {"crit", WithHeader(R"({"alg":"ES256","kid":"ec","crit":["exp"]})"), "crit"},
      {"another parameter", WithHeader(R"({"alg":"ES256","kid":"ec","zip":"DEF"})"),
       "other parameters"},
      {"another type", WithHeader(R"({"alg":"ES256","kid":"ec","typ":"JOSE"})"), "typ"},
      {"unknown kid", WithHeader(R"({"alg":"ES256","kid":"ec2"})"), "no key of this kid"},
      {"no kid", WithHeader(R"({"alg":"ES256"})"), "no key of this kid"},
      {"another curve", Rejoined(R"({"alg":"ES256","kid":"ec384"})", claims, std::string(64, 'x')),
       "not of that algorithm"},
      {"another kind", Rejoined(R"({"alg":"RS256","kid":"ec"})", claims, std::string(256, 'x')),
       "not of that algorithm"},
      {"alg twice", Rejoined(R"({"alg":"none","kid":"ec","alg":"ES256"})", claims, "x"), "no JWT"},
      {"no header", Rejoined("", claims, "x"), "no JWT"},
      {"not an object", Rejoined("[]", claims, "x"), "no JWT"},
  };
  for (const Case& c : cases) {
    INFO(c.name);
    CHECK_THAT(tokens.Whom(c.token), Contains(c.cause));
  }
}

TEST_CASE("a token has one spelling") {
  const Tokens tokens;
  const std::string good = Good();
  const std::vector<std::string> parts = absl::StrSplit(good, '.');
  std::string signature;
  REQUIRE(absl::WebSafeBase64Unescape(parts[2], &signature));
  REQUIRE(signature.size() == 64);
  const std::string begin = absl::StrCat(parts[0], ".", parts[1], ".");
  // Both halves with a zero in front are the same numbers.
  const std::string longer = absl::StrCat(std::string(1, '\0'), signature.substr(0, 32),
                                          std::string(1, '\0'), signature.substr(32));
  // 64 bytes leave four bits of the last character unused.
  std::string stray = parts[2];
  stray.back() = static_cast<char>(stray.back() == 'A' ? 'B' : stray.back() + 1);
  CHECK_THAT(tokens.Whom(good + "="), Contains("no JWT"));
  CHECK_THAT(tokens.Whom(absl::StrCat(parts[0], "=.", parts[1], ".", parts[2])),
             Contains("no JWT"));
  CHECK_THAT(tokens.Whom(begin + stray), Contains("no JWT"));
  CHECK_THAT(tokens.Whom(good + ".AA"), Contains("no JWT"));
  CHECK_THAT(tokens.Whom(absl::StrCat(parts[0], ".", parts[1])), Contains("no JWT"));
  CHECK_THAT(tokens.Whom(" " + good), Contains("no JWT"));
  CHECK_THAT(tokens.Whom(good + "\n"), Contains("no JWT"));
  CHECK_THAT(tokens.Whom(""), Contains("no JWT"));
  CHECK_THAT(tokens.Whom(begin + TokenIssuer::Part(longer)), Contains("signature is wrong"));
  CHECK_THAT(tokens.Whom(begin), Contains("signature is wrong"));
  CHECK_THAT(tokens.Whom(std::string(kTokenBytesMax + 1, 'A')), Contains("no JWT"));
}

TEST_CASE("what was signed by others, or changed, is refused") {
  const Tokens tokens;
  const std::vector<std::string> parts = absl::StrSplit(Good(), '.');
  const std::string other = TokenIssuer::Part(TokenIssuer::Claims(kTokenNow, "minh-1"));
  CHECK_THAT(tokens.Whom(absl::StrCat(parts[0], ".", other, ".", parts[2])),
             Contains("signature is wrong"));
  const TokenIssuer stranger;
  CHECK_THAT(tokens.Whom(stranger.Sign("ec", "ES256", kTokenNow, "lan-1")),
             Contains("signature is wrong"));
  CHECK_THAT(tokens.Whom(stranger.Sign("rsa", "RS256", kTokenNow, "lan-1")),
             Contains("signature is wrong"));
}

TEST_CASE("claims that do not hold are refused") {
  const Tokens tokens;
  const int64_t now = absl::ToUnixSeconds(kTokenNow);
  struct Case {
    const char* claim;
    std::string json;
    const char* cause;
  };
  const Case cases[] = {
      {"iss", "\"https://evil.example\"", "iss"},
      {"iss", "", "iss"},
      {"aud", "\"other\"", "aud"},
      {"aud", "[]", "aud"},
      {"aud", "", "aud"},
      {"aud", "{\"ndx-node\": 1}", "aud"},
      {"exp", "", "exp or iat"},
      {"exp", "\"1780000300\"", "exp or iat"},
      {"exp", "1e300", "exp or iat"},
      {"exp", "-1", "exp or iat"},
      {"iat", "", "exp or iat"},
      {"iat", absl::StrCat(now + 90), "not valid yet"},
      {"nbf", absl::StrCat(now + 90), "not valid yet"},
      {"nbf", "\"soon\"", "exp or iat"},
      {"exp", absl::StrCat(now - 60), "expired"},
      {"exp", absl::StrCat(now + 601), "life"},
      {"sub", "", "sub"},
      {"sub", "\"\"", "sub"},
      {"sub", "7", "sub"},
      {"sub", absl::StrCat("\"", std::string(256, 'x'), "\""), "sub"},
  };
  for (const Case& c : cases) {
    INFO(c.claim << " = " << c.json);
    CHECK_THAT(tokens.Whom(WithClaim(c.claim, c.json)), Contains(c.cause));
  }
  CHECK_THAT(tokens.Whom(Issuer().Sign("ec", R"({"alg":"ES256","kid":"ec"})", "[]")),
             Contains("JSON object"));
  CHECK_THAT(
      tokens.Whom(Issuer().Sign("ec", R"({"alg":"ES256","kid":"ec"})", R"({"sub":"a","sub":"b"})")),
      Contains("JSON object"));
}

TEST_CASE("clocks may differ by a minute") {
  const Tokens tokens;
  const std::string token = Good();  // for five minutes
  CHECK(tokens.Whom(token, kTokenNow - absl::Seconds(60)) == "sub lan-1 user lan-1");
  CHECK_THAT(tokens.Whom(token, kTokenNow - absl::Seconds(61)), Contains("not valid yet"));
  CHECK(tokens.Whom(token, kTokenNow + absl::Seconds(359)) == "sub lan-1 user lan-1");
  CHECK_THAT(tokens.Whom(token, kTokenNow + absl::Seconds(360)), Contains("expired"));
}

TEST_CASE("no token counts without keys, and a key that was withdrawn does not any more") {
  Tokens tokens;
  (*tokens).SetKeys(nullptr);
  CHECK_THAT(tokens.Whom(Good()), Contains("no keys of the issuer"));
  const TokenIssuer next;
  (*tokens).SetKeys(
      std::make_shared<const JsonWebKeySet>(JsonWebKeySet::Parse(next.Jwks()).value()));
  CHECK_THAT(tokens.Whom(Good()), Contains("signature is wrong"));
  CHECK(tokens.Whom(next.Sign("ec", "ES256", kTokenNow, "lan-1")) == "sub lan-1 user lan-1");
}

TEST_CASE("algorithms that there are not cannot be allowed") {
  CHECK(SignInTokens::CheckAlgorithms({"ES256", "PS512"}).ok());
  CHECK(absl::IsInvalidArgument(SignInTokens::CheckAlgorithms({})));
  CHECK(absl::IsInvalidArgument(SignInTokens::CheckAlgorithms({"ES256", "none"})));
  CHECK(absl::IsInvalidArgument(SignInTokens::CheckAlgorithms({"HS256"})));
}

}  // namespace
}  // namespace ndx::security
