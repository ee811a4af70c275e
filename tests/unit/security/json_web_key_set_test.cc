#include "ndx/security/json_web_key_set.h"

#include <catch2/catch.hpp>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "ndx/tests/support/token_issuer.h"

namespace ndx::security {
namespace {

using Catch::Contains;

std::string FaultOfSet(const std::string& text) {
  const auto keys = JsonWebKeySet::Parse(text);
  CHECK(absl::IsInvalidArgument(keys.status()));
  return std::string(keys.status().message());
}

TEST_CASE("a set's keys are found by their kid, with what they are for") {
  const tests::TokenIssuer issuer;
  const auto keys = JsonWebKeySet::Parse(issuer.Jwks());
  INFO(keys.status());
  REQUIRE(keys.ok());
  CHECK(keys->size() == 3);
  REQUIRE(keys->Find("ec") != nullptr);
  CHECK(keys->Find("ec")->kind == "EC");
  CHECK(keys->Find("ec")->curve == "P-256");
  CHECK(keys->Find("ec")->bits == 256);
  CHECK(keys->Find("ec384")->curve == "P-384");
  CHECK(keys->Find("rsa")->kind == "RSA");
  CHECK(keys->Find("rsa")->bits == 2048);
  CHECK(keys->Find("other") == nullptr);
}

TEST_CASE("keys that cannot verify a token are left out") {
  const tests::TokenIssuer issuer;
  for (const std::string other :
       {R"({"kty":"OKP","crv":"Ed25519","x":"AA","kid":"a"})", R"({"kty":"XYZ","kid":"b"})",
        R"({"kty":"EC","crv":"secp256k1","x":"AA","y":"AA","kid":"c"})", R"({"kid":"d"})"}) {
    INFO(other);
    const auto keys = JsonWebKeySet::Parse(absl::StrReplaceAll(
        issuer.Jwks(), {{"{\"keys\":[", absl::StrCat("{\"keys\":[", other, ",")}}));
    INFO(keys.status());
    REQUIRE(keys.ok());
    CHECK(keys->size() == 3);
  }
  const auto encrypting = JsonWebKeySet::Parse(absl::StrReplaceAll(
      issuer.Jwks(), {{"\"kid\":\"ec\"", "\"kid\":\"ec\",\"use\":\"enc\""},
                      {"\"kid\":\"rsa\"", "\"kid\":\"rsa\",\"key_ops\":[\"encrypt\"]"}}));
  REQUIRE(encrypting.ok());
  CHECK(encrypting->size() == 1);
  CHECK(encrypting->Find("ec384") != nullptr);
}

TEST_CASE("what is no set of usable public keys is refused") {
  const tests::TokenIssuer issuer;
  const std::string good = issuer.Jwks();
  CHECK_THAT(FaultOfSet(""), Contains("no JWK set"));
  CHECK_THAT(FaultOfSet("[]"), Contains("no JWK set"));
  CHECK_THAT(FaultOfSet(good + " {}"), Contains("no JWK set"));
  CHECK_THAT(FaultOfSet(R"({"keys":{}})"), Contains("no JWK set"));
  CHECK_THAT(FaultOfSet(R"({"keys":[]})"), Contains("no key of the set can verify"));
  CHECK_THAT(FaultOfSet(R"({"keys":[],"keys":[]})"), Contains("no JWK set"));
  CHECK_THAT(FaultOfSet(R"({"keys":[{"kty":"RSA","n":"AQAB","e":"AQAB","d":"AA","kid":"a"}]})"),
             Contains("private"));
  CHECK_THAT(FaultOfSet(R"({"keys":[{"kty":"oct","k":"c2VjcmV0","kid":"a"}]})"),
             Contains("private"));
  CHECK_THAT(FaultOfSet(absl::StrReplaceAll(good, {{"\"kid\":\"ec384\"", "\"kid\":\"ec\""}})),
             Contains("same kid"));
  CHECK_THAT(FaultOfSet(std::string(JsonWebKeySet::kBytesMax + 1, ' ')), Contains("bytes"));
  std::string many = R"({"kty":"XYZ"})";
  for (size_t i = 0; i < JsonWebKeySet::kKeysMax; ++i) many += R"(,{"kty":"XYZ"})";
  CHECK_THAT(FaultOfSet(absl::StrCat("{\"keys\":[", many, "]}")), Contains("keys"));
}

}  // namespace
}  // namespace ndx::security
