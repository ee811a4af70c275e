#include "ndx/crypto/relay_assertion.h"

#include <catch2/catch.hpp>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "ndx/tests/support/signing_keys.h"

namespace ndx::crypto {
namespace {

const absl::Time kMade = absl::FromUnixSeconds(1'767'600'000);

RelayClaims RelayedClaims() {
  return {.exchange_id = "0197a0c8-0000-7000-8000-000000000001",
          .method = "/ndx.population.v1.PopulationService/VerifyCitizen",
          .origin = "VN:GOV:H55.242:mot-cua",
          .origin_certificate = Sha256Of({"certificate"}),
          .origin_signature = Sha256Of({"signature"}),
          .ground = RelayGround{.purpose = "tthc"}.Sha256(),
          .provider = "VN:GOV:G01:population",
          .body_sha256 = Sha256Of({"body"}),
          .path = {"VN:GOV:H55.242:nut", "VN:GOV:H55:lgsp"},
          .audience = "VN:GOV:G01:ndxp",
          .issued = kMade,
          .expires = kMade + absl::Minutes(5)};
}

std::string PayloadOf(const std::string& assertion) {
  const size_t begin = assertion.find('.') + 1;
  std::string payload;
  REQUIRE(absl::WebSafeBase64Unescape(
      absl::string_view(assertion).substr(begin, assertion.rfind('.') - begin), &payload));
  return payload;
}

std::optional<SignatureFault> FaultOf(absl::string_view payload,
                                      const std::string& type = "ndx-relay+jws") {
  const auto parsed = RelayAssertion::Parse(
      SignJws(JwsForm::kCompact, {.type = type}, payload, tests::EdDsaKey('r')));
  const auto* const fault = std::get_if<SignatureFault>(&parsed);
  return fault == nullptr ? std::nullopt : std::optional(*fault);
}

TEST_CASE("an assertion says all that it was made from") {
  const auto key = tests::EdDsaKey('r');
  for (const bool is_signed : {true, false}) {
    RelayClaims made = RelayedClaims();
    if (!is_signed) made.origin_signature.reset();
    const auto parsed = RelayAssertion::Parse(SignRelayAssertion(made, key));
    REQUIRE(std::holds_alternative<RelayAssertion>(parsed));
    const auto& assertion = std::get<RelayAssertion>(parsed);
    const RelayClaims& read = assertion.claims();
    CHECK(assertion.key_id() == key.public_key().id());
    CHECK(read.exchange_id == made.exchange_id);
    CHECK(read.method == made.method);
    CHECK(read.origin == made.origin);
    CHECK(read.origin_certificate == made.origin_certificate);
    CHECK(read.origin_signature == made.origin_signature);
    CHECK(read.ground == made.ground);
    CHECK(read.provider == made.provider);
    CHECK(read.body_sha256 == made.body_sha256);
    CHECK(read.path == made.path);
    CHECK(read.audience == made.audience);
    CHECK(read.issued == made.issued);
    CHECK(read.expires == made.expires);
    CHECK(assertion.Verify(key.public_key()) == std::nullopt);
    CHECK(assertion.Verify(tests::EdDsaKey('x').public_key()).has_value());
  }
}

TEST_CASE("it counts from when it was made to its end, give or take a minute") {
  const auto parsed =
      RelayAssertion::Parse(SignRelayAssertion(RelayedClaims(), tests::EdDsaKey('r')));
  const auto& assertion = std::get<RelayAssertion>(parsed);
  CHECK(assertion.CheckTimes(kMade - absl::Seconds(60)) == std::nullopt);
  CHECK(assertion.CheckTimes(kMade - absl::Seconds(61)) == SignatureFault::kNotYet);
  CHECK(assertion.CheckTimes(kMade + absl::Seconds(359)) == std::nullopt);
  CHECK(assertion.CheckTimes(kMade + absl::Seconds(360)) == SignatureFault::kExpired);
}

TEST_CASE("what is not an assertion is none") {
  const std::string good = PayloadOf(SignRelayAssertion(RelayedClaims(), tests::EdDsaKey('r')));
  const auto changed = [&good](absl::string_view from, absl::string_view to) {
    REQUIRE(absl::StrContains(good, from));
    return absl::StrReplaceAll(good, {{from, to}});
  };
  CHECK(FaultOf(good) == std::nullopt);
  CHECK(FaultOf(good, "ndx-officer+jwt") == SignatureFault::kType);
  CHECK(FaultOf("[]") == SignatureFault::kClaims);
  for (const auto name :
       {"jti", "mth", "sub", "cert", "sig", "ctx", "prv", "body", "path", "aud"}) {
    CAPTURE(name);
    CHECK(FaultOf(changed(absl::StrCat("\"", name, "\":"), "\"other\":")) ==
          SignatureFault::kClaims);
  }
  CHECK(FaultOf(changed("\"iat\":", "\"other\":")) == SignatureFault::kClaims);
  CHECK(FaultOf(changed("VN:GOV:G01:ndxp", "")) == SignatureFault::kClaims);
  CHECK(FaultOf(changed("{", "{\"more\":1,")) == SignatureFault::kClaims);
  // A digest has one spelling.
  const std::string digest = absl::BytesToHexString(AsBytes(RelayedClaims().body_sha256));
  CHECK(FaultOf(changed(digest, absl::AsciiStrToUpper(digest))) == SignatureFault::kClaims);
  CHECK(FaultOf(changed(digest, digest.substr(1))) == SignatureFault::kClaims);
  CHECK(FaultOf(changed("1767600300", "1767600301")) == SignatureFault::kLife);
  CHECK(FaultOf(changed("1767600300", "1767600000")) == SignatureFault::kLife);
}

TEST_CASE("a ground is told from every other by what stands where") {
  const RelayGround ground{.purpose = "a", .dossier = "b", .procedure = "c", .officer = "d"};
  CHECK(ground.Sha256() == RelayGround(ground).Sha256());
  CHECK(ground.Sha256() != RelayGround{.purpose = "ab", .procedure = "c", .officer = "d"}.Sha256());
  CHECK(ground.Sha256() !=
        RelayGround{.purpose = "b", .dossier = "a", .procedure = "c", .officer = "d"}.Sha256());
  CHECK(RelayGround{.officer = "x"}.Sha256() != RelayGround{.officer_token = "x"}.Sha256());
}

}  // namespace
}  // namespace ndx::crypto
