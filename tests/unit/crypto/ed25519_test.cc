#include "ndx/crypto/ed25519.h"

#include <catch2/catch.hpp>
#include <string>

#include "absl/strings/escaping.h"
#include "ndx/tests/support/fake_random.h"
#include "ndx/tests/support/vectors.h"

namespace ndx::crypto {
namespace {

TEST_CASE("Ed25519 verification passes Wycheproof") {
  int valid = 0;
  int invalid = 0;
  for (const auto& c : tests::ReadWycheproof("ed25519_test.json")) {
    ++(c.valid ? valid : invalid);
    INFO("tcId " << tests::Number(c.test, "tcId"));
    const auto& key = c.group.fields().at("publicKey").struct_value();
    const auto verifier = Ed25519PublicKey::FromBytes(tests::Hex(key, "pk"));
    REQUIRE(verifier.ok());
    CHECK(verifier->Verify(tests::Hex(c.test, "msg"), tests::Hex(c.test, "sig")) == c.valid);
  }
  CHECK(valid == 88);
  CHECK(invalid == 63);
}

TEST_CASE("signing gives test 2 of RFC 8032 and survives PEM") {
  const auto key = Ed25519PrivateKey::FromSeed(
      absl::HexStringToBytes("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb"));
  REQUIRE(key.ok());
  CHECK(absl::BytesToHexString(key->public_key()) ==
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c");
  const std::string signature = key->Sign("\x72");
  CHECK(
      absl::BytesToHexString(signature) ==
      "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f1"
      "1d8c387b2eaeb4302aeeb00d291612bb0c00");
  const auto again = Ed25519PrivateKey::FromPem(key->ToPem().view());
  REQUIRE(again.ok());
  CHECK(again->Sign("\x72") == signature);
}

TEST_CASE("only 32-byte seeds and Ed25519 PEM keys are accepted") {
  CHECK_FALSE(Ed25519PrivateKey::FromSeed(std::string(31, 's')).ok());
  CHECK_FALSE(Ed25519PublicKey::FromBytes(std::string(33, 'p')).ok());
  CHECK_FALSE(Ed25519PrivateKey::FromPem("not PEM").ok());
  CHECK_FALSE(Ed25519PrivateKey::FromPem(tests::ReadVector("x509/ca.pem")).ok());
  tests::FakeRandom random(3);
  CHECK(Ed25519PrivateKey::Generate(random).public_key() !=
        Ed25519PrivateKey::Generate(random).public_key());
}

}  // namespace
}  // namespace ndx::crypto
