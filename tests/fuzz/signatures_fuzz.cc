// Signatures and signed tokens from outside, and the keys by which they are verified: headers,
// claims, base64url, SubjectPublicKeyInfo. The first byte chooses how the rest is read.
// Of what anybody can send, only what the key of these tests signed verifies: the three texts in
// the corpus, byte for byte.
#include <cstddef>
#include <cstdint>
#include <string>
#include <variant>

#include "absl/strings/escaping.h"
#include "fuzz_check.h"
#include "ndx/crypto/ed25519.h"
#include "ndx/crypto/exchange_signature.h"
#include "ndx/crypto/flat_json.h"
#include "ndx/crypto/officer_token.h"
#include "ndx/crypto/relay_assertion.h"

namespace {

using ndx::crypto::ExchangeSignature;
using ndx::crypto::FlatJson;
using ndx::crypto::OfficerToken;
using ndx::crypto::RelayAssertion;
using ndx::crypto::SignedAs;
using ndx::crypto::SigningPrivateKey;
using ndx::crypto::SigningPublicKey;

const SigningPrivateKey& Key() {
  static const auto* const kKey = new SigningPrivateKey(SigningPrivateKey::FromEd25519(
      *ndx::crypto::Ed25519PrivateKey::FromSeed(std::string(32, 'f'))));
  return *kKey;
}

const absl::Time kMade = absl::FromUnixSeconds(1'767'600'000);

ndx::crypto::SignedExchange Exchange() {
  return {.exchange_id = "0197a0c8-0000-7000-8000-000000000001",
          .method = "/ledger.v1.LedgerService/Read",
          .body_sha256 = ndx::crypto::BodyDigest::Of("body")};
}

void ReadSignature(absl::string_view text) {
  static const auto* const kSigned =
      new std::string(SignExchange(SignedAs::kRequest, Exchange(), Key(), kMade));
  const auto parsed = ExchangeSignature::Parse(text, SignedAs::kRequest);
  const auto* const signature = std::get_if<ExchangeSignature>(&parsed);
  if (signature == nullptr) return;
  FUZZ_CHECK(text.size() <= ndx::crypto::kJwsBytesMax);
  FUZZ_CHECK(signature->expires() > signature->issued());
  FUZZ_CHECK(signature->expires() - signature->issued() <= ndx::crypto::kSignatureLifeMax);
  const bool verifies = !signature->Verify(Exchange(), Key().public_key()).has_value();
  FUZZ_CHECK(verifies == (text == *kSigned));
}

void ReadToken(absl::string_view text) {
  static const auto* const kSigned =
      new std::string(SignOfficerToken({.officer = "CB-0001",
                                        .member = "H55",
                                        .audience = "VN:GOV:G00:ndx",
                                        .issued = kMade,
                                        .expires = kMade + absl::Hours(8)},
                                       Key()));
  const auto parsed = OfficerToken::Parse(text);
  const auto* const token = std::get_if<OfficerToken>(&parsed);
  if (token == nullptr) return;
  FUZZ_CHECK(!token->claims().officer.empty());
  FUZZ_CHECK(token->claims().expires - token->claims().issued <= ndx::crypto::kOfficerTokenLifeMax);
  const bool verifies = !token->Verify(Key().public_key()).has_value();
  FUZZ_CHECK(verifies == (text == *kSigned));
}

void ReadAssertion(absl::string_view text) {
  static const auto* const kSigned =
      new std::string(SignRelayAssertion({.exchange_id = "0197a0c8-0000-7000-8000-000000000001",
                                          .method = "/ledger.v1.LedgerService/Read",
                                          .origin = "VN:GOV:H55:mot-cua",
                                          .provider = "VN:GOV:G01:ledger",
                                          .path = {"VN:GOV:H55:lgsp"},
                                          .audience = "VN:GOV:G00:ndx",
                                          .issued = kMade,
                                          .expires = kMade + absl::Minutes(5)},
                                         Key()));
  const auto parsed = RelayAssertion::Parse(text);
  const auto* const assertion = std::get_if<RelayAssertion>(&parsed);
  if (assertion == nullptr) return;
  FUZZ_CHECK(!assertion->claims().path.empty());
  FUZZ_CHECK(assertion->claims().expires - assertion->claims().issued <=
             ndx::crypto::kSignatureLifeMax);
  const bool verifies = !assertion->Verify(Key().public_key()).has_value();
  FUZZ_CHECK(verifies == (text == *kSigned));
}

void ReadJson(absl::string_view text) {
  const auto json = FlatJson::Parse(text);
  if (!json.has_value()) return;
  const std::string again = json->ToString();
  const auto reparsed = FlatJson::Parse(again);
  FUZZ_CHECK(reparsed.has_value() && reparsed->ToString() == again);
  FUZZ_CHECK(reparsed->size() == json->size());
}

void ReadKey(absl::string_view bytes) {
  const auto key = SigningPublicKey::FromSpki(bytes);
  if (!key.ok()) return;
  FUZZ_CHECK(key->spki() == bytes);
  FUZZ_CHECK(!key->Verify("message", std::string(ndx::crypto::kSignatureBytes, '1')));
  const auto again = SigningPublicKey::FromBase64(absl::Base64Escape(bytes));
  FUZZ_CHECK(again.ok() && again->id() == key->id());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const absl::string_view rest(reinterpret_cast<const char*>(data) + 1, size - 1);
  switch (data[0] % 4) {
    case 0:
      ReadSignature(rest);
      break;
    case 1:
      ReadToken(rest);
      ReadAssertion(rest);
      break;
    case 2:
      ReadJson(rest);
      break;
    default:
      ReadKey(rest);
  }
  return 0;
}
