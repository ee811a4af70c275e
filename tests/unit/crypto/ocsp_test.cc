#include "ndx/crypto/ocsp.h"

#include <catch2/catch.hpp>
#include <filesystem>
#include <string>

#include "ndx/core/system_clock.h"
#include "ndx/tests/support/certificate_authority.h"

namespace ndx::crypto {
namespace {

using tests::CertificateAuthority;

// Answers are of now: openssl's responder has no other clock.
absl::Time OcspNow() { return core::SystemClock().Now(); }

Certificate IssuerOf(const CertificateAuthority& authority) {
  return Certificate::Load(authority.ca_file()).value();
}

TEST_CASE("a responder's answer says good, revoked or unknown, by the issuer's own signature") {
  CertificateAuthority authority;
  const Certificate issuer = IssuerOf(authority);
  const Certificate good = authority.Issue("URI:ndx://VN/GOV/H55/a");
  const Certificate revoked = authority.Issue("URI:ndx://VN/GOV/H55/b");
  authority.Revoke(revoked);
  const auto state_of = [&](const Certificate& certificate) {
    const auto answer = VerifyOcspAnswer(authority.AnswerOcsp(OcspRequest(certificate, issuer)),
                                         certificate, issuer, OcspNow());
    INFO(answer.status());
    REQUIRE(answer.ok());
    CHECK(answer->this_update <= OcspNow());
    CHECK(answer->next_update - answer->this_update == absl::Hours(24));
    return *answer;
  };
  CHECK(state_of(good).state == OcspAnswer::State::kGood);
  CHECK(state_of(good).revoked_at == absl::InfiniteFuture());
  CHECK(state_of(revoked).state == OcspAnswer::State::kRevoked);
  CHECK(state_of(revoked).revoked_at <= OcspNow());
  // The authority itself is not in its database.
  CHECK(state_of(issuer).state == OcspAnswer::State::kUnknown);
}

TEST_CASE("whoever the issuer has named may sign, and nobody else") {
  CertificateAuthority authority;
  const Certificate issuer = IssuerOf(authority);
  const Certificate leaf = authority.Issue("");
  const std::string request = OcspRequest(leaf, issuer);
  const auto signed_with = [&](CertificateAuthority& by, const std::string& extensions) {
    by.Issue("DNS:ocsp.example.vn", extensions,
             "20991231000000Z");  // openssl looks at the real clock
    const std::string answer =
        authority.AnswerOcsp(request, by.File("leaf.pem"), by.File("leaf.key"));
    return VerifyOcspAnswer(answer, leaf, issuer, OcspNow()).status();
  };
  const std::string for_ocsp = "extendedKeyUsage=OCSPSigning\n";
  CHECK(signed_with(authority, for_ocsp).ok());
  CHECK(signed_with(authority, "").code() == absl::StatusCode::kPermissionDenied);
  CHECK(signed_with(authority, "extendedKeyUsage=clientAuth\n").code() ==
        absl::StatusCode::kPermissionDenied);
  CertificateAuthority stranger("stranger");
  CHECK(signed_with(stranger, for_ocsp).code() == absl::StatusCode::kPermissionDenied);
  CertificateAuthority same_name;
  CHECK(signed_with(same_name, for_ocsp).code() == absl::StatusCode::kPermissionDenied);
}

TEST_CASE("an answer counts for its certificate, whole, and in its time") {
  CertificateAuthority authority;
  const Certificate issuer = IssuerOf(authority);
  const Certificate leaf = authority.Issue("");
  const Certificate other = authority.Issue("");
  const std::string answer = authority.AnswerOcsp(OcspRequest(leaf, issuer));
  const auto judged = [&](const std::string& bytes, const Certificate& of, absl::Time now) {
    return VerifyOcspAnswer(bytes, of, issuer, now).status().code();
  };
  const absl::Time now = OcspNow();
  CHECK(judged(answer, leaf, now) == absl::StatusCode::kOk);
  CHECK(judged(answer, other, now) == absl::StatusCode::kInvalidArgument);
  CHECK(judged(answer, leaf, now + absl::Hours(25)) == absl::StatusCode::kFailedPrecondition);
  CHECK(judged(answer, leaf, now - absl::Hours(1)) == absl::StatusCode::kFailedPrecondition);
  CHECK(judged(answer + "x", leaf, now) == absl::StatusCode::kInvalidArgument);
  CHECK(judged("", leaf, now) == absl::StatusCode::kInvalidArgument);
  CHECK(judged("not an answer", leaf, now) == absl::StatusCode::kInvalidArgument);
  CHECK(judged(std::string(kOcspAnswerBytesMax + 1, '0'), leaf, now) ==
        absl::StatusCode::kInvalidArgument);
  // OCSPResponse { tryLater }.
  CHECK(judged(std::string("\x30\x03\x0a\x01\x03", 5), leaf, now) ==
        absl::StatusCode::kUnavailable);
  for (size_t at = 0; at < answer.size(); ++at) {
    std::string changed = answer;
    changed[at] = static_cast<char>(changed[at] ^ 1);
    const auto verdict = VerifyOcspAnswer(changed, leaf, issuer, now);
    CAPTURE(at);
    // What is not signed, the embedded certificate of the signer, may change without harm.
    CHECK((!verdict.ok() || verdict->state == OcspAnswer::State::kGood));
  }
}

TEST_CASE("a certificate names its responder, over HTTP") {
  CertificateAuthority authority;
  CHECK(OcspResponderOf(authority.Issue("")).empty());
  CHECK(OcspResponderOf(authority.Issue(
            "", "authorityInfoAccess=OCSP;URI:ldap://a.vn/x,OCSP;URI:http://ocsp.a.vn/x\n")) ==
        "http://ocsp.a.vn/x");
  CHECK(OcspResponderOf(authority.Issue("", "authorityInfoAccess=OCSP;URI:file:///etc/passwd\n"))
            .empty());
}

}  // namespace
}  // namespace ndx::crypto
