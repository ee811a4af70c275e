// The certificate service over the wire: who may, what is refused, what is shown.
#include <grpcpp/client_context.h>

#include <catch2/catch.hpp>
#include <memory>
#include <string>
#include <vector>

#include "ndx/console/v1/certificate_service.grpc.pb.h"
#include "ndx/tests/unit/console/console_fixture.h"

namespace ndx::console {
namespace {

using settings::v1::OPERATOR_ROLE_ADMINISTRATOR;
using settings::v1::OPERATOR_ROLE_APPROVER;
using settings::v1::OPERATOR_ROLE_POLICY_EDITOR;
using settings::v1::OPERATOR_ROLE_VIEWER;

const std::string kCertificateKey(64, 'd');

class Certificates {
 public:
  explicit Certificates(const std::vector<OperatorRole>& roles = tests::AllRoles())
      : fixture(roles), stub_(v1::CertificateService::NewStub(fixture.channel())) {}

  grpc::Status Deny(const std::string& key, const std::string& reason) {
    v1::DenyCertificateRequest request;
    request.set_spki_sha256(key);
    request.set_reason(reason);
    grpc::ClientContext context;
    return stub_->DenyCertificate(&context, request, &denied);
  }
  grpc::Status Allow(const std::string& key, const std::string& reason) {
    v1::AllowCertificateRequest request;
    request.set_spki_sha256(key);
    request.set_reason(reason);
    v1::AllowCertificateResponse response;
    grpc::ClientContext context;
    return stub_->AllowCertificate(&context, request, &response);
  }
  v1::ListDeniedCertificatesResponse List() {
    v1::ListDeniedCertificatesResponse response;
    grpc::ClientContext context;
    CHECK(stub_->ListDeniedCertificates(&context, {}, &response).ok());
    return response;
  }

  tests::ConsoleFixture fixture;
  v1::DenyCertificateResponse denied;

 private:
  const std::unique_ptr<v1::CertificateService::Stub> stub_;
};

TEST_CASE("denying is for an administrator or a policy editor, allowing for an approver") {
  for (const auto role : {OPERATOR_ROLE_ADMINISTRATOR, OPERATOR_ROLE_POLICY_EDITOR}) {
    Certificates certificates({role});
    CHECK(certificates.Deny(kCertificateKey, "SC 12").ok());
    CHECK(tests::ReasonOf(certificates.Allow(kCertificateKey, "BB 3")) == "OPERATOR_ROLE_MISSING");
    CHECK(certificates.List().certificates_size() == 1);
  }
  for (const auto role : {OPERATOR_ROLE_VIEWER, OPERATOR_ROLE_APPROVER}) {
    Certificates certificates({role});
    CHECK(tests::ReasonOf(certificates.Deny(kCertificateKey, "SC 12")) == "OPERATOR_ROLE_MISSING");
    CHECK(certificates.fixture.journal().size() == 0);
    CHECK(certificates.List().certificates().empty());
  }
}

TEST_CASE("what is denied is listed with whose key it is; the same person cannot allow it") {
  Certificates certificates;
  REQUIRE(certificates.Deny("DD:" + kCertificateKey.substr(2), "SC 12").ok());
  CHECK_FALSE(certificates.denied.was_denied());
  const auto listed = certificates.List();
  REQUIRE(listed.certificates_size() == 1);
  const auto& one = listed.certificates(0);
  CHECK(one.SerializeAsString() == certificates.denied.denied().SerializeAsString());
  CHECK(one.spki_sha256() == kCertificateKey);
  CHECK(one.system().empty());
  CHECK(one.operator_name() == tests::ConsoleFixture::OperatorName());
  CHECK(one.reason() == "SC 12");
  CHECK(tests::ReasonOf(certificates.Allow(kCertificateKey, "BB 3")) == "PROPOSAL_SAME_PERSON");
  CHECK(certificates.fixture.certificate_desk()
            .Allow("binh", certificates.fixture.certificate_desk().List().at(0).spki_sha256, "x")
            .ok());
  CHECK(tests::ReasonOf(certificates.Allow(kCertificateKey, "BB 3")) == "CERTIFICATE_NOT_DENIED");
}

TEST_CASE("a key that is none, and a reason that cannot stand in the journal, are refused") {
  Certificates certificates;
  CHECK(certificates.Deny("12", "SC 12").error_code() == grpc::StatusCode::INVALID_ARGUMENT);
  CHECK(certificates.Allow("12", "SC 12").error_code() == grpc::StatusCode::INVALID_ARGUMENT);
  for (const char* reason : {"", "số 999088000001", "hai\ndòng"}) {
    CHECK(tests::ReasonOf(certificates.Deny(kCertificateKey, reason)) == "OPERATOR_REASON_INVALID");
    CHECK(tests::ReasonOf(certificates.Allow(kCertificateKey, reason)) ==
          "OPERATOR_REASON_INVALID");
  }
  CHECK(certificates.fixture.journal().size() == 0);
  CHECK(certificates.fixture.connections_ended().empty());
}

}  // namespace
}  // namespace ndx::console
