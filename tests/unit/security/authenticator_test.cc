#include "ndx/security/authenticator.h"

#include <catch2/catch.hpp>
#include <string>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "ndx/crypto/digest.h"
#include "ndx/tests/support/certificate_authority.h"
#include "ndx/tests/support/registry_fixture.h"
#include "ndx/tests/support/temp_dir.h"

namespace ndx::security {
namespace {

using core::Refusal;
using tests::CertificateAuthority;

CertificateAuthority& Authority() {
  static auto* const kAuthority = new CertificateAuthority();
  return *kAuthority;
}

absl::Time At(const std::string& rfc3339) {
  absl::Time at;
  REQUIRE(absl::ParseTime(absl::RFC3339_full, rfc3339, &at, nullptr));
  return at;
}

const absl::Time kNow = absl::FromUnixSeconds(1'779'948'000);  // 2026-05-28 13:00 +07:00

// A registry in which the certificate is registered for the system `name` of H55, and lines for its
// member and system.
std::shared_ptr<const registry::RegistrySnapshot> RegistryWith(
    const crypto::Certificate& certificate, const std::string& system_lines = "",
    const std::string& certificate_lines = "", const std::string& member_lines = "") {
  const std::string digest = absl::BytesToHexString(crypto::AsBytes(certificate.spki_sha256()));
  const auto built = tests::BuildProbeRegistry(
      absl::StrCat("members: [{code: H20.14, name_vi: Sở", member_lines, "}]\n",
                   "systems: [{id: \"VN:GOV:H20.14:a\"", system_lines,
                   ", certificates: [{spki_sha256: ", digest, certificate_lines, "}]}]"));
  INFO(built.status());
  REQUIRE(built.ok());
  return *built;
}

// One list of the authority, as old as it may be.
std::shared_ptr<const Revocations> Lists(const std::string& crl_file, absl::Duration max_age) {
  const auto issuer = crypto::Certificate::Load(Authority().ca_file());
  auto list = crypto::RevocationList::Load(crl_file, {*issuer});
  REQUIRE(list.ok());
  return std::make_shared<const Revocations>(
      std::vector<Revocations::List>{
          std::make_shared<const crypto::RevocationList>(*std::move(list))},
      max_age);
}

// The system's name, or the reason and its text.
std::string Told(const std::variant<Principal, Refusal>& result) {
  if (const Principal* principal = std::get_if<Principal>(&result)) return principal->system.text();
  const auto& refusal = std::get<Refusal>(result);
  return core::ReasonName(refusal.reason) + ": " + core::TextOf(refusal, core::Language::kEnglish);
}

TEST_CASE("a registered certificate is the system it names") {
  const auto certificate = Authority().Issue("URI:ndx://VN/GOV/H20.14/a");
  const auto snapshot = RegistryWith(certificate);
  const Authenticator authenticator("trực ban NDXP");
  const auto result = authenticator.Authenticate(certificate, {}, *snapshot, kNow);
  REQUIRE(Told(result) == "VN:GOV:H20.14:a");
  const auto& principal = std::get<Principal>(result);
  CHECK(principal.entry == snapshot->FindSystem("VN:GOV:H20.14:a"));
  CHECK(principal.spki_sha256 == crypto::AsBytes(certificate.spki_sha256()));
}

TEST_CASE("the legacy spelling in a certificate is the same system") {
  const auto certificate =
      Authority().Issue("DNS:a.example,URI:https://a.example/,URI:ndx://VN/GOV/000.00.14.H20/a");
  CHECK(Told(Authenticator("").Authenticate(certificate, {}, *RegistryWith(certificate), kNow)) ==
        "VN:GOV:H20.14:a");
}

TEST_CASE("a certificate is looked at for every exchange, first at its dates") {
  const auto certificate = Authority().Issue("URI:ndx://VN/GOV/H20.14/a");
  const auto snapshot = RegistryWith(certificate);
  const Authenticator authenticator("");
  const auto at = [&](const std::string& when, VerificationFacts facts = {}) {
    return Told(authenticator.Authenticate(certificate, facts, *snapshot, At(when)));
  };
  CHECK(at("2026-01-01T00:00:00Z") == "VN:GOV:H20.14:a");
  CHECK(at("2025-12-31T23:59:59Z") ==
        "CERTIFICATE_NOT_YET_VALID: The certificate is valid only from 2026-01-01; check the clock "
        "or use another certificate.");
  CHECK(at("2026-12-31T00:00:00Z") == "VN:GOV:H20.14:a");
  CHECK(at("2026-12-31T00:00:01Z") ==
        "CERTIFICATE_EXPIRED: The certificate expired on 2026-12-31; renew it.");
  CHECK_THAT(at("2026-06-01T00:00:00Z", {.expired = true}),
             Catch::StartsWith("CERTIFICATE_EXPIRED"));
  CHECK_THAT(at("2026-06-01T00:00:00Z", {.not_yet_valid = true}),
             Catch::StartsWith("CERTIFICATE_NOT_YET_VALID"));
}

TEST_CASE("a certificate that names no one system is nobody's") {
  for (const char* names :
       {"", "DNS:a.example", "URI:https://VN/GOV/H20.14/a", "URI:ndx://VN/GOV/H20.14",
        "URI:ndx://VN/GOV/H20.14/a/b", "URI:ndx://VN/GOV/H20.14/A", "URI:NDX://VN/GOV/H20.14/a",
        "URI:ndx://VN:GOV:H20.14:a", "URI:ndx://VN/GOV/H20.14/a?x",
        "URI:ndx://VN/GOV/H20.14/a,URI:ndx://VN/GOV/H55/mot-cua",
        "URI:ndx://VN/GOV/H20.14/a,URI:ndx://VN/GOV/H20.14/a",
        "URI:ndx://VN/GOV/H20.14/a,URI:ndx://broken"}) {
    INFO(names);
    const auto certificate = Authority().Issue(names);
    CHECK_THAT(
        Told(Authenticator("").Authenticate(certificate, {}, *RegistryWith(certificate), kNow)),
        Catch::StartsWith("CERTIFICATE_WITHOUT_SYSTEM"));
  }
}

TEST_CASE("the key has to be registered for the very system, today") {
  const auto certificate = Authority().Issue("URI:ndx://VN/GOV/H20.14/a");
  const Authenticator authenticator("trực ban NDXP");
  const auto told = [&](const registry::RegistrySnapshot& snapshot) {
    return Told(authenticator.Authenticate(certificate, {}, snapshot, kNow));
  };
  const std::string unregistered =
      "CERTIFICATE_NOT_REGISTERED: The certificate is not registered; contact trực ban NDXP.";
  // Another key of the same system, as after a renewal that nobody registered.
  CHECK(told(*RegistryWith(Authority().Issue("URI:ndx://VN/GOV/H20.14/a"))) == unregistered);
  // A system that nobody registered.
  CHECK(told(**tests::BuildProbeRegistry("")) == unregistered);
  CHECK(told(*RegistryWith(certificate, "", ", valid_from: 2026-05-29")) == unregistered);
  CHECK(told(*RegistryWith(certificate, "", ", valid_to: 2026-05-27")) == unregistered);
  CHECK(told(*RegistryWith(certificate, "", ", valid_from: 2026-05-29, valid_to: 2026-05-29")) ==
        unregistered);
  CHECK(told(*RegistryWith(certificate, "", ", valid_from: 2026-05-28, valid_to: 2026-05-29")) ==
        "VN:GOV:H20.14:a");

  // A registered key whose certificate names another system.
  const auto other = Authority().Issue("URI:ndx://VN/GOV/H55/mot-cua");
  CHECK(Told(authenticator.Authenticate(other, {}, *RegistryWith(other), kNow)) == unregistered);
}

TEST_CASE("a suspended system, or one of a member that is suspended or gone, is refused") {
  const auto certificate = Authority().Issue("URI:ndx://VN/GOV/H20.14/a");
  const auto told = [&](const std::string& system, const std::string& member) {
    return Told(Authenticator("X").Authenticate(
        certificate, {}, *RegistryWith(certificate, system, "", member), kNow));
  };
  const std::string suspended = "SYSTEM_SUSPENDED: System VN:GOV:H20.14:a is suspended; contact X.";
  CHECK(told(", suspended: true", "") == suspended);
  CHECK(told("", ", suspended: true") == suspended);
  CHECK(told("", ", valid_to: 2026-05-27") == suspended);
  CHECK(told("", ", valid_to: 2026-05-29, valid_from: 2026-05-28") == "VN:GOV:H20.14:a");
}

TEST_CASE("a revocation takes effect on certificates already known") {
  const auto certificate = Authority().Issue("URI:ndx://VN/GOV/H20.14/a");
  const auto snapshot = RegistryWith(certificate);
  Authenticator authenticator("");
  CHECK(Told(authenticator.Authenticate(certificate, {}, *snapshot, kNow)) == "VN:GOV:H20.14:a");
  Authority().Revoke(certificate);
  authenticator.SetRevocations(Lists(Authority().WriteCrl(), absl::InfiniteDuration()));
  CHECK_THAT(Told(authenticator.Authenticate(certificate, {}, *snapshot, kNow)),
             Catch::StartsWith("CERTIFICATE_REVOKED: The certificate was revoked on 20"));
  // Expiry is told first: renewing is the owner's move either way.
  CHECK_THAT(Told(authenticator.Authenticate(certificate, {.expired = true}, *snapshot, kNow)),
             Catch::StartsWith("CERTIFICATE_EXPIRED"));
}

TEST_CASE("a certificate without an ndx:// URI is the system that its key is bound to") {
  const Authenticator authenticator("X");
  const auto told = [&](const crypto::Certificate& certificate, const std::string& lines) {
    return Told(
        authenticator.Authenticate(certificate, {}, *RegistryWith(certificate, "", lines), kNow));
  };
  const std::string bound = ", without_uri: true";
  for (const char* names : {"", "DNS:a.example", "URI:https://VN/GOV/H20.14/a", "email:a@b.vn"}) {
    INFO(names);
    const auto certificate = Authority().Issue(names);
    CHECK(told(certificate, bound) == "VN:GOV:H20.14:a");
    CHECK_THAT(told(certificate, ""), Catch::StartsWith("CERTIFICATE_WITHOUT_SYSTEM"));
    CHECK(told(certificate, bound + ", valid_to: 2026-05-27") ==
          "CERTIFICATE_NOT_REGISTERED: The certificate is not registered; contact X.");
    CHECK(told(certificate, bound + ", valid_from: 2026-05-28") == "VN:GOV:H20.14:a");
    // Another key.
    CHECK_THAT(Told(authenticator.Authenticate(
                   certificate, {}, *RegistryWith(Authority().Issue(names), "", bound), kNow)),
               Catch::StartsWith("CERTIFICATE_WITHOUT_SYSTEM"));
  }
}

TEST_CASE("a certificate with an ndx:// URI is never a system by its key alone") {
  const Authenticator authenticator("X");
  const auto told = [&](const std::string& names) {
    const auto certificate = Authority().Issue(names);
    return Told(authenticator.Authenticate(
        certificate, {}, *RegistryWith(certificate, "", ", without_uri: true"), kNow));
  };
  CHECK_THAT(told("URI:ndx://VN/GOV/H55/mot-cua"), Catch::StartsWith("CERTIFICATE_NOT_REGISTERED"));
  for (const char* names :
       {"URI:ndx://VN/GOV/H20.14/a,URI:ndx://VN/GOV/H20.14/b", "URI:ndx://broken",
        "URI:NDX://VN/GOV/H20.14/a", "URI:ndx://VN/GOV/H20.14/a.",
        "URI:ndx://broken,URI:ndx://VN/GOV/H20.14/a"}) {
    INFO(names);
    CHECK_THAT(told(names), Catch::StartsWith("CERTIFICATE_WITHOUT_SYSTEM"));
  }
  // Name and key fit.
  CHECK(told("URI:ndx://VN/GOV/H20.14/a") == "VN:GOV:H20.14:a");
}

TEST_CASE("the issuer has to be one of the member's, where the registry names any") {
  const auto certificate = Authority().Issue("URI:ndx://VN/GOV/H20.14/a");
  const auto issuer = crypto::Certificate::Load(Authority().ca_file());
  REQUIRE(issuer.ok());
  const std::string own = absl::BytesToHexString(crypto::AsBytes(issuer->spki_sha256()));
  const std::string other(64, 'e');
  const Authenticator authenticator("X");
  const auto told = [&](const std::string& pins, const VerificationFacts& facts) {
    return Told(authenticator.Authenticate(
        certificate, facts, *RegistryWith(certificate, "", "", ", issuer_spki_sha256: " + pins),
        kNow));
  };
  const VerificationFacts verified{.issuer_spki_sha256 = issuer->spki_sha256()};
  const std::string refused =
      "CERTIFICATE_ISSUER_NOT_REGISTERED: The certificate is not of an authority registered for "
      "member H20.14; use one that is, or contact X.";
  CHECK(told("[]", verified) == "VN:GOV:H20.14:a");
  CHECK(told("[]", {}) == "VN:GOV:H20.14:a");
  CHECK(told("[" + own + "]", verified) == "VN:GOV:H20.14:a");
  CHECK(told("[" + other + ", " + own + "]", verified) == "VN:GOV:H20.14:a");
  CHECK(told("[" + other + "]", verified) == refused);
  // The leaf's own key is not its issuer's.
  CHECK(told("[" + own + "]", {.issuer_spki_sha256 = certificate.spki_sha256()}) == refused);
  CHECK(told("[" + own + "]", {}) == refused);
}

TEST_CASE("a system outside its days is refused, and told which they are") {
  const auto certificate = Authority().Issue("URI:ndx://VN/GOV/H20.14/a");
  const auto told = [&](const std::string& days) {
    return Told(
        Authenticator("X").Authenticate(certificate, {}, *RegistryWith(certificate, days), kNow));
  };
  CHECK(told(", valid_from: 2026-05-28, valid_to: 2026-05-28") == "VN:GOV:H20.14:a");
  CHECK(told(", valid_from: 2026-05-29, valid_to: 2026-06-30") ==
        "SYSTEM_NOT_IN_USE: System VN:GOV:H20.14:a is in use only from 2026-05-29 to 2026-06-30; "
        "contact X.");
  CHECK_THAT(told(", valid_to: 2026-05-27"), Catch::StartsWith("SYSTEM_NOT_IN_USE"));
}

TEST_CASE("who is denied is told so first, until he is allowed again") {
  const tests::TempDir directory;
  const auto denied = DeniedCertificates::Open(directory.File("denied.yaml")).value();
  const auto certificate = Authority().Issue("URI:ndx://VN/GOV/H20.14/a");
  const auto other = Authority().Issue("URI:ndx://VN/GOV/H20.14/a");
  const auto snapshot = RegistryWith(certificate);
  Authenticator authenticator("X");
  authenticator.SetDenied(*denied);
  const auto told = [&](const VerificationFacts& facts = {}) {
    return Told(authenticator.Authenticate(certificate, facts, *snapshot, kNow));
  };
  CHECK(told() == "VN:GOV:H20.14:a");
  REQUIRE(denied->Deny({.spki_sha256 = other.spki_sha256(), .since = kNow}).ok());
  CHECK(told() == "VN:GOV:H20.14:a");
  REQUIRE(denied->Deny({.spki_sha256 = certificate.spki_sha256(), .since = kNow}).ok());
  const std::string refused =
      "CERTIFICATE_DENIED: This node denies the certificate since 2026-05-28 13:00; contact X.";
  CHECK(told() == refused);
  CHECK(told({.expired = true}) == refused);
  REQUIRE(denied->Allow(certificate.spki_sha256()).ok());
  CHECK(told() == "VN:GOV:H20.14:a");
}

TEST_CASE("where the list is too old to tell, nobody of its authority is let in") {
  const auto certificate = Authority().Issue("URI:ndx://VN/GOV/H20.14/a");
  const auto snapshot = RegistryWith(certificate);
  const std::string file = Authority().WriteCrl("", "20260501000000Z", "20260527000000Z");
  Authenticator authenticator("X");
  const auto told = [&](absl::Duration max_age) {
    authenticator.SetRevocations(Lists(file, max_age));
    return Told(authenticator.Authenticate(certificate, {}, *snapshot, kNow));
  };
  CHECK(told(absl::InfiniteDuration()) == "VN:GOV:H20.14:a");
  CHECK(told(absl::Hours(48)) == "VN:GOV:H20.14:a");
  CHECK(told(absl::Hours(24)) ==
        "REVOCATION_UNKNOWN: Whether the certificate was revoked cannot be told (newest word of "
        "2026-05-01); contact X.");
}

}  // namespace
}  // namespace ndx::security
