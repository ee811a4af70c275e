#include "ndx/crypto/exchange_signature.h"

#include <catch2/catch.hpp>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "ndx/tests/support/signing_keys.h"

namespace ndx::crypto {
namespace {

const absl::Time kMade = absl::FromUnixSeconds(1'767'600'000);

SignedExchange Asked() {
  return {.exchange_id = "0197a0c8-0000-7000-8000-000000000001",
          .method = "/ledger.v1.LedgerService/Read",
          .body_sha256 = BodyDigest::Of("body")};
}

ExchangeSignature ReadSignature(absl::string_view text, SignedAs signed_as = SignedAs::kRequest) {
  auto parsed = ExchangeSignature::Parse(text, signed_as);
  REQUIRE(std::holds_alternative<ExchangeSignature>(parsed));
  return std::get<ExchangeSignature>(std::move(parsed));
}

SignatureFault ParseFault(absl::string_view text, SignedAs signed_as = SignedAs::kRequest) {
  const auto parsed = ExchangeSignature::Parse(text, signed_as);
  REQUIRE(std::holds_alternative<SignatureFault>(parsed));
  return std::get<SignatureFault>(parsed);
}

TEST_CASE("what is signed is the text of the header, line by line") {
  const SigningPrivateKey key = tests::EdDsaKey('a');
  const std::string text = SignExchange(SignedAs::kRequest, Asked(), key, kMade);
  const JwsHeader header{
      .type = "ndx-request+jws", .issued = 1'767'600'000, .expires = 1'767'600'300};
  // "body" by sha256sum.
  CHECK(text == SignJws(JwsForm::kDetached, header,
                        "ndx-request-v1\n"
                        "0197a0c8-0000-7000-8000-000000000001\n"
                        "/ledger.v1.LedgerService/Read\n"
                        "1767600000\n"
                        "1767600300\n"
                        "230d8358dc8e8890b4c58deeb62912ee2f20357ae92a5cc861b98e68fe31acb5\n",
                        key));
}

TEST_CASE("a signature verifies for what it was made for, and for nothing else") {
  for (const SigningPrivateKey& key : {tests::Es256Key('a'), tests::EdDsaKey('a')}) {
    const ExchangeSignature signature =
        ReadSignature(SignExchange(SignedAs::kRequest, Asked(), key, kMade));
    CHECK(signature.key_id() == key.public_key().id());
    CHECK(signature.issued() == kMade);
    CHECK(signature.expires() == kMade + kSignatureLifeMax);
    CHECK(signature.Verify(Asked(), key.public_key()) == std::nullopt);
    SignedExchange another_id = Asked();
    another_id.exchange_id.back() = '2';
    SignedExchange another_method = Asked();
    another_method.method += "x";
    SignedExchange another_body = Asked();
    another_body.body_sha256 = BodyDigest::Of("bodz");
    SignedExchange moved_line = Asked();
    moved_line.exchange_id += "\n/ledger.v1.LedgerService/Read";
    moved_line.method = "";
    for (const SignedExchange& other : {another_id, another_method, another_body, moved_line}) {
      CHECK(signature.Verify(other, key.public_key()) == SignatureFault::kMismatch);
    }
  }
}

TEST_CASE("a signature of one kind is none of another kind") {
  const SigningPrivateKey key = tests::EdDsaKey('a');
  for (const auto made : {SignedAs::kRequest, SignedAs::kAnswer, SignedAs::kDelivery}) {
    const std::string text = SignExchange(made, Asked(), key, kMade);
    for (const auto read : {SignedAs::kRequest, SignedAs::kAnswer, SignedAs::kDelivery}) {
      if (made == read) {
        CHECK(ReadSignature(text, read).Verify(Asked(), key.public_key()) == std::nullopt);
      } else {
        CHECK(ParseFault(text, read) == SignatureFault::kType);
      }
    }
  }
}

TEST_CASE("it counts from its making to its end, give or take what clocks differ") {
  const SigningPrivateKey key = tests::EdDsaKey('a');
  const ExchangeSignature signature =
      ReadSignature(SignExchange(SignedAs::kRequest, Asked(), key, kMade));
  const absl::Time end = kMade + absl::Minutes(5);
  const absl::Duration second = absl::Seconds(1);
  CHECK(signature.CheckTimes(kMade) == std::nullopt);
  CHECK(signature.CheckTimes(kMade - absl::Seconds(60)) == std::nullopt);
  CHECK(signature.CheckTimes(kMade - absl::Seconds(60) - second) == SignatureFault::kNotYet);
  CHECK(signature.CheckTimes(end + absl::Seconds(60) - second) == std::nullopt);
  CHECK(signature.CheckTimes(end + absl::Seconds(60)) == SignatureFault::kExpired);
}

TEST_CASE("a life of five minutes at most, and one at all") {
  const SigningPrivateKey key = tests::EdDsaKey('a');
  const auto living = [&](int64_t seconds) {
    const JwsHeader header{
        .type = "ndx-request+jws", .issued = 1'767'600'000, .expires = 1'767'600'000 + seconds};
    return SignJws(JwsForm::kDetached, header, "", key);
  };
  CHECK(ReadSignature(living(300)).expires() == kMade + absl::Minutes(5));
  CHECK(ReadSignature(living(1)).expires() == kMade + absl::Seconds(1));
  CHECK(ParseFault(living(301)) == SignatureFault::kLife);
  CHECK(ParseFault(living(0)) == SignatureFault::kLife);
  CHECK(ParseFault(living(-1)) == SignatureFault::kLife);
  CHECK(ParseFault("no JWS") == SignatureFault::kForm);
}

TEST_CASE("a stream is framed, so that where its messages end counts") {
  using Kind = BodyDigest::Kind;
  const Digest whole = BodyDigest(Kind::kStream).Add("ab").Add("c").Finish();
  CHECK(whole != BodyDigest(Kind::kStream).Add("a").Add("bc").Finish());
  CHECK(whole != BodyDigest(Kind::kStream).Add("abc").Finish());
  CHECK(whole == Sha256Of({absl::string_view("\0\0\0\2ab\0\0\0\1c", 11)}));
  CHECK(BodyDigest(Kind::kMessage).Add("abc").Finish() == BodyDigest::Of("abc"));
  CHECK(BodyDigest::Of("abc") == Sha256Of({"abc"}));
}

}  // namespace
}  // namespace ndx::crypto
