#include "ndx/crypto/signing_key.h"

#include <catch2/catch.hpp>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "ndx/crypto/digest.h"
#include "ndx/tests/support/signing_keys.h"
#include "ndx/tests/support/vectors.h"

namespace ndx::crypto {
namespace {

std::string FromBase64Url(absl::string_view text) {
  std::string bytes;
  REQUIRE(absl::WebSafeBase64Unescape(text, &bytes));
  return bytes;
}

std::string P256Spki(absl::string_view x, absl::string_view y) {
  return absl::StrCat(
      absl::HexStringToBytes("3059301306072a8648ce3d020106082a8648ce3d03010703420004"), x, y);
}

// Key and signature of RFC 7515, appendix A.3.
const char kEcX[] = "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU";
const char kEcY[] = "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0";
const char kEcD[] = "jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI";
const char kEcInput[] =
    "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNv"
    "bS9pc19yb290Ijp0cnVlfQ";
const char kEcSignature[] =
    "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q";

TEST_CASE("ES256 verifies the example of RFC 7515, A.3, and nothing beside it") {
  const auto key = SigningPublicKey::FromSpki(P256Spki(FromBase64Url(kEcX), FromBase64Url(kEcY)));
  REQUIRE(key.ok());
  CHECK(key->algorithm() == SigningAlgorithm::kEs256);
  const std::string signature = FromBase64Url(kEcSignature);
  CHECK(key->Verify(kEcInput, signature));
  CHECK_FALSE(key->Verify(absl::StrCat(kEcInput, "x"), signature));
  for (size_t i = 0; i < signature.size(); ++i) {
    std::string other = signature;
    other[i] ^= 1;
    CHECK_FALSE(key->Verify(kEcInput, other));
  }
  // As ASN.1 has it, cut, or longer.
  CHECK_FALSE(key->Verify(kEcInput, signature.substr(1)));
  CHECK_FALSE(key->Verify(kEcInput, signature + '\0'));
  CHECK_FALSE(key->Verify(kEcInput, ""));
}

TEST_CASE("ES256 signs with the key of RFC 7515, A.3, so that its public key verifies it") {
  const SigningPrivateKey key = tests::Es256KeyOf(FromBase64Url(kEcD));
  CHECK(key.public_key().spki() == P256Spki(FromBase64Url(kEcX), FromBase64Url(kEcY)));
  for (int i = 0; i < 50; ++i) {  // r or s with leading zeros among them
    const std::string message = absl::StrCat("message ", i);
    const std::string signature = key.Sign(message);
    CHECK(signature.size() == kSignatureBytes);
    CHECK(key.public_key().Verify(message, signature));
  }
}

TEST_CASE("EdDSA gives the example of RFC 8037, A.4") {
  const auto seed =
      Ed25519PrivateKey::FromSeed(FromBase64Url("nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A"));
  REQUIRE(seed.ok());
  const SigningPrivateKey key = SigningPrivateKey::FromEd25519(*seed);
  const auto public_key =
      SigningPublicKey::FromEd25519(FromBase64Url("11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"));
  REQUIRE(public_key.ok());
  CHECK(public_key->id() == key.public_key().id());
  const char* const input = "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc";
  const std::string signature = FromBase64Url(
      "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg");
  CHECK(key.Sign(input) == signature);
  CHECK(public_key->Verify(input, signature));
  CHECK_FALSE(public_key->Verify("another", signature));
  CHECK(AlgorithmName(public_key->algorithm()) == "EdDSA");
}

TEST_CASE("an id is SHA-256 over the SubjectPublicKeyInfo") {
  const SigningPrivateKey key = tests::EdDsaKey('a');
  const Digest digest = Sha256Of({key.public_key().spki()});
  CHECK(key.public_key().id() == absl::BytesToHexString(AsBytes(digest)));
}

TEST_CASE("zero is no part of an ES256 signature") {
  const std::string zero(32, '\0');
  const std::string one(32, '1');
  CHECK_FALSE(IsSignature(SigningAlgorithm::kEs256, zero + one));
  CHECK_FALSE(IsSignature(SigningAlgorithm::kEs256, one + zero));
  CHECK(IsSignature(SigningAlgorithm::kEs256, one + one));
  CHECK_FALSE(IsSignature(SigningAlgorithm::kEs256, one + one + "1"));
  CHECK_FALSE(IsSignature(SigningAlgorithm::kEdDsa, one));
  // r or s of the order of the curve and more.
  const auto key = tests::Es256Key('k');
  CHECK_FALSE(key.public_key().Verify("message", std::string(64, '\xFF')));
}

TEST_CASE("a public key is read from base64 and from PEM as openssl writes it") {
  for (const SigningPrivateKey& key : {tests::Es256Key('x'), tests::EdDsaKey('x')}) {
    const std::string base64 = tests::RegisteredKey(key);
    const std::string lines = absl::StrCat(base64.substr(0, 40), "\n", base64.substr(40), "\n");
    CHECK(SigningPublicKey::FromBase64(base64)->id() == key.public_key().id());
    CHECK(SigningPublicKey::FromBase64(lines)->id() == key.public_key().id());
    const auto pem = SigningPublicKey::FromPem(
        absl::StrCat("-----BEGIN PUBLIC KEY-----\n", lines, "-----END PUBLIC KEY-----\n"));
    REQUIRE(pem.ok());
    CHECK(pem->id() == key.public_key().id());
  }
}

TEST_CASE(
    "other keys are refused: other curves, compressed or off the curve, with something behind") {
  const std::string ed = tests::EdDsaKey('a').public_key().spki();
  const std::string ec = tests::Es256Key('a').public_key().spki();
  std::string off_curve = ec;
  off_curve.back() ^= 1;
  const std::string compressed =
      absl::StrCat(absl::HexStringToBytes("3039301306072a8648ce3d020106082a8648ce3d030107032200"),
                   std::string("\x02"), ec.substr(27, 32));
  const std::string p384 = absl::StrCat(
      absl::HexStringToBytes("3076301006072a8648ce3d020106052b81040022036200"), std::string(97, 4));
  std::string x25519 = ed;
  x25519[8] = '\x6e';
  for (const std::string& der :
       {std::string(), ed + "x", ed.substr(1), ec.substr(0, ec.size() - 1), ec + '\0', off_curve,
        compressed, p384, x25519, std::string(91, '\0')}) {
    INFO(absl::BytesToHexString(der));
    CHECK(SigningPublicKey::FromSpki(der).status().code() == absl::StatusCode::kInvalidArgument);
  }
  const std::string base64 = absl::Base64Escape(ed);
  for (const std::string& text : {base64.substr(1), base64 + "=", "-" + base64, std::string("?")}) {
    CHECK_FALSE(SigningPublicKey::FromBase64(text).ok());
  }
  CHECK_FALSE(SigningPublicKey::FromPem(base64).ok());
  CHECK_FALSE(SigningPublicKey::FromPem("-----END PUBLIC KEY----------BEGIN PUBLIC KEY-----").ok());
  CHECK_FALSE(SigningPublicKey::FromPem(tests::ReadVector("x509/ca.pem")).ok());
  CHECK_FALSE(SigningPublicKey::FromEd25519("short").ok());
}

TEST_CASE("a private key of another kind, or none, is refused") {
  CHECK_FALSE(SigningPrivateKey::FromPem("").ok());
  CHECK_FALSE(SigningPrivateKey::FromPem(tests::ReadVector("x509/ca.pem")).ok());
}

TEST_CASE("what one key signed is not another's") {
  const SigningPrivateKey one = tests::EdDsaKey('1');
  const SigningPrivateKey other = tests::EdDsaKey('2');
  const SigningPrivateKey ec = tests::Es256Key('1');
  const std::string signature = one.Sign("message");
  CHECK(one.public_key().Verify("message", signature));
  CHECK_FALSE(other.public_key().Verify("message", signature));
  CHECK_FALSE(ec.public_key().Verify("message", signature));
}

}  // namespace
}  // namespace ndx::crypto
