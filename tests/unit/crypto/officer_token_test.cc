#include "ndx/crypto/officer_token.h"

#include <catch2/catch.hpp>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "ndx/tests/support/signing_keys.h"

namespace ndx::crypto {
namespace {

const absl::Time kSignedIn = absl::FromUnixSeconds(1'767'600'000);
constexpr char kGoodClaims[] =
    R"({"sub":"CB-0001","iss":"H55","aud":"VN:GOV:G00:ndx","iat":1767600000,"exp":1767628800})";

OfficerClaims Claims() {
  return {.officer = "CB-0001",
          .member = "H55",
          .audience = "VN:GOV:G00:ndx",
          .issued = kSignedIn,
          .expires = kSignedIn + absl::Hours(8)};
}

std::optional<SignatureFault> ParseFaultOf(absl::string_view claims,
                                           const std::string& type = "ndx-officer+jwt") {
  const auto parsed =
      OfficerToken::Parse(SignJws(JwsForm::kCompact, {.type = type}, claims, tests::EdDsaKey('m')));
  const auto* const fault = std::get_if<SignatureFault>(&parsed);
  return fault == nullptr ? std::nullopt : std::optional(*fault);
}

TEST_CASE("a token says who the officer is, where, for which node and until when") {
  for (const SigningPrivateKey& key : {tests::Es256Key('m'), tests::EdDsaKey('m')}) {
    const auto parsed = OfficerToken::Parse(SignOfficerToken(Claims(), key));
    REQUIRE(std::holds_alternative<OfficerToken>(parsed));
    const auto& token = std::get<OfficerToken>(parsed);
    CHECK(token.key_id() == key.public_key().id());
    CHECK(token.claims().officer == "CB-0001");
    CHECK(token.claims().member == "H55");
    CHECK(token.claims().audience == "VN:GOV:G00:ndx");
    CHECK(token.claims().issued == kSignedIn);
    CHECK(token.claims().expires == kSignedIn + absl::Hours(8));
    CHECK(token.Verify(key.public_key()) == std::nullopt);
    CHECK(token.Verify(tests::EdDsaKey('x').public_key()).has_value());
    CHECK(token.CheckTimes(kSignedIn - absl::Seconds(60)) == std::nullopt);
    CHECK(token.CheckTimes(kSignedIn - absl::Seconds(61)) == SignatureFault::kNotYet);
    CHECK(token.CheckTimes(kSignedIn + absl::Hours(8) + absl::Seconds(59)) == std::nullopt);
    CHECK(token.CheckTimes(kSignedIn + absl::Hours(8) + absl::Seconds(60)) ==
          SignatureFault::kExpired);
  }
}

TEST_CASE("claims are those named and no others") {
  CHECK(ParseFaultOf(kGoodClaims) == std::nullopt);
  const auto with = [](absl::string_view claim) {
    std::string claims = kGoodClaims;
    claims.insert(claims.size() - 1, absl::StrCat(",", claim));
    return claims;
  };
  const auto changed = [](absl::string_view from, absl::string_view to) {
    return absl::StrReplaceAll(kGoodClaims, {{from, to}});
  };
  CHECK(ParseFaultOf(with(R"("jti":"7")")) == std::nullopt);
  for (const std::string& claims :
       {with(R"("nbf":1)"), with(R"("admin":"yes")"), with(R"("jti":7)"),
        with(R"("sub":"CB-0002")"), changed(R"("sub":"CB-0001",)", ""), changed("CB-0001", ""),
        changed("\"CB-0001\"", "1"), changed(R"("iss":"H55",)", ""),
        changed(R"("aud":"VN:GOV:G00:ndx",)", ""),
        changed("\"VN:GOV:G00:ndx\"", R"(["VN:GOV:G00:ndx"])"), changed(R"("iat":1767600000,)", ""),
        changed(R"(,"exp":1767628800)", ""), changed("1767628800", "\"1767628800\""),
        std::string("{}"), std::string("claims")}) {
    INFO(claims);
    CHECK(ParseFaultOf(claims) == SignatureFault::kClaims);
  }
}

TEST_CASE("twelve hours at most") {
  const auto until = [](int64_t end) {
    return absl::StrReplaceAll(kGoodClaims, {{"1767628800", absl::StrCat(end)}});
  };
  CHECK(ParseFaultOf(until(1'767'600'000 + 12 * 3600)) == std::nullopt);
  CHECK(ParseFaultOf(until(1'767'600'000 + 12 * 3600 + 1)) == SignatureFault::kLife);
  CHECK(ParseFaultOf(until(1'767'600'000)) == SignatureFault::kLife);
}

TEST_CASE("a token of another type is none of an officer's") {
  for (const char* type : {"JWT", "ndx-request+jws", "at+jwt", "ndx-officer+JWT", ""}) {
    CHECK(ParseFaultOf(kGoodClaims, type) == SignatureFault::kType);
  }
  CHECK(std::get<SignatureFault>(OfficerToken::Parse("a.b")) == SignatureFault::kForm);
}

}  // namespace
}  // namespace ndx::crypto
