#include "ndx/broker/stages/authenticate_stage.h"

#include <catch2/catch.hpp>

#include "absl/strings/escaping.h"
#include "ndx/tests/support/exchange_fixture.h"
#include "ndx/tests/support/test_certificates.h"

namespace ndx::broker {
namespace {

class AuthenticateStageFixture : public tests::ExchangeFixture {
 public:
  explicit AuthenticateStageFixture(const std::string& more_yaml = "")
      : registry(tests::BuildLedgerRegistry(more_yaml)) {}

  void Authenticate(const std::string& certificate,
                    transport::CertificateTime time = transport::CertificateTime::kValid,
                    const std::string& issuer = "") {
    auto peer = std::make_shared<transport::PeerIdentity>();
    peer->leaf_der = certificate;
    peer->issuer_der = issuer;
    peer->certificate_time = time;
    peer->connection_id = 7;
    x->peer = std::move(peer);
    Enter(Stage());
  }
  std::unique_ptr<AuthenticateStage> Stage() {
    return std::make_unique<AuthenticateStage>(loop.clock(), admission, registry, authenticator,
                                               tests::LedgerNode(), tests::kNodeContact);
  }

  registry::Registry registry;
  security::Authenticator authenticator{tests::kNodeContact};
  Admission admission{{.in_flight_per_consumer_max = 1}, watch};
};

TEST_CASE("a registered certificate is its system, with one of its consumer's places") {
  AuthenticateStageFixture f;
  f.Authenticate(tests::OneStopCertificate());
  REQUIRE(f.x->principal.has_value());
  CHECK(f.x->principal->system == tests::OneStop());
  CHECK(f.x->principal->spki_sha256.size() == 32);
  CHECK(f.x->registry == f.registry.Current());
  CHECK(f.x->holds_consumer_place);
  CHECK_FALSE(f.admission.TryEnterConsumer(tests::OneStop()));
}

TEST_CASE("who is refused, and why") {
  AuthenticateStageFixture f;
  std::string reason;
  SECTION("no certificate") {
    f.Authenticate("");
    reason = "CERTIFICATE_WITHOUT_SYSTEM";
  }
  SECTION("a certificate of nobody") {
    f.Authenticate(tests::NamelessCertificate());
    reason = "CERTIFICATE_WITHOUT_SYSTEM";
  }
  SECTION("expired, as the handshake found") {
    f.Authenticate(tests::OneStopCertificate(), transport::CertificateTime::kExpired);
    reason = "CERTIFICATE_EXPIRED";
  }
  SECTION("not valid yet, as the handshake found") {
    f.Authenticate(tests::OneStopCertificate(), transport::CertificateTime::kNotYetValid);
    reason = "CERTIFICATE_NOT_YET_VALID";
  }
  SECTION("a replay in the name of nobody") {
    f.x->replay = ReplayOrigin{};
    f.Enter(f.Stage());
    reason = "CERTIFICATE_NOT_REGISTERED";
  }
  CHECK(f.reason() == reason);
  CHECK_FALSE(f.x->principal.has_value());
  CHECK_FALSE(f.x->holds_consumer_place);
  CHECK(core::TextOf(*f.x->refusal, core::Language::kVietnamese).find('?') == std::string::npos);
}

TEST_CASE("whose certificate was refused is known by its key") {
  AuthenticateStageFixture f;
  f.Authenticate(tests::NamelessCertificate());
  CHECK(absl::BytesToHexString(f.x->refused_spki_sha256) == tests::NamelessSpki());
  AuthenticateStageFixture without;
  without.Authenticate("no certificate");
  CHECK(without.x->refused_spki_sha256.empty());
  AuthenticateStageFixture good;
  good.Authenticate(tests::OneStopCertificate());
  CHECK(good.x->refused_spki_sha256.empty());
}

TEST_CASE("the issuer that the handshake verified is held against the member's") {
  const auto reason = [](const std::string& pin, const std::string& issuer) {
    AuthenticateStageFixture f(
        "members: [{code: H56, name_vi: x, issuer_spki_sha256: [" + pin + "]}]\n" +
        "systems: [{id: \"VN:GOV:H56:mot-cua\", certificates: [{spki_sha256: " +
        tests::NamelessSpki() + ", without_uri: true}]}]");
    f.Authenticate(tests::NamelessCertificate(), transport::CertificateTime::kValid, issuer);
    return f.x->principal.has_value() ? f.x->principal->system.text() : f.reason();
  };
  CHECK(reason(tests::InsurerSpki(), tests::InsurerCertificate()) == "VN:GOV:H56:mot-cua");
  CHECK(reason(tests::InsurerSpki(), tests::OneStopCertificate()) ==
        "CERTIFICATE_ISSUER_NOT_REGISTERED");
  CHECK(reason(tests::InsurerSpki(), "") == "CERTIFICATE_ISSUER_NOT_REGISTERED");
  CHECK(reason(tests::InsurerSpki(), "no certificate") == "CERTIFICATE_ISSUER_NOT_REGISTERED");
}

TEST_CASE("a consumer's places: the last one, and not one more") {
  AuthenticateStageFixture f;
  CHECK(f.admission.TryEnterConsumer(tests::OneStop()));
  f.Authenticate(tests::OneStopCertificate());
  CHECK(f.reason() == "TOO_MANY_IN_FLIGHT");
  CHECK(f.x->refusal->retry_after.has_value());
  CHECK(f.x->principal.has_value());
  CHECK_FALSE(f.x->holds_consumer_place);
}

TEST_CASE("a replay is made in its consumer's name, as the registry of today has it") {
  AuthenticateStageFixture f;
  f.x->replay = ReplayOrigin{.consumer = tests::Insurer()};
  f.Enter(f.Stage());
  REQUIRE(f.x->principal.has_value());
  CHECK(f.x->principal->system == tests::Insurer());
  CHECK(f.x->principal->spki_sha256.empty());
}

TEST_CASE("a replay for a suspended system is refused") {
  AuthenticateStageFixture f("systems: [{id: \"VN:GOV:H55:tam-dung\", suspended: true}]");
  f.x->replay = ReplayOrigin{.consumer = core::SystemId::Parse("VN:GOV:H55:tam-dung").value()};
  f.Enter(f.Stage());
  CHECK(f.reason() == "SYSTEM_SUSPENDED");
}

}  // namespace
}  // namespace ndx::broker
