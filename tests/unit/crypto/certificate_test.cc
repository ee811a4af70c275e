#include "ndx/crypto/certificate.h"

#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "absl/strings/escaping.h"
#include "ndx/tests/support/vectors.h"

namespace ndx::crypto {
namespace {

Certificate Read(const std::string& name) {
  return Certificate::FromPem(tests::ReadVector("x509/" + name)).value();
}

TEST_CASE("what the node needs of a certificate is what OpenSSL's program shows") {
  const Certificate leaf = Read("leaf_p256.pem");
  CHECK(leaf.uri_names() ==
        std::vector<std::string>{"ndx://VN/GOV/H55/mot-cua", "ndx://VN/GOV/H55/other"});
  CHECK(leaf.dns_names() == std::vector<std::string>{"mot-cua.example"});
  CHECK(leaf.serial_hex() == "3283a5468fb8b4b9efe52ce89a7e83fd6f767256");
  CHECK(absl::BytesToHexString(AsBytes(leaf.spki_sha256())) ==
        "6af232ce693b6e9ff9aa6fc505b47f42bad75303a78d88cccd884de335370e0e");
  CHECK(leaf.issuer() == "CN=NDX test CA,O=Thử nghiệm NDX");
  CHECK(leaf.subject() == "O=Test,CN=leaf_p256");
  CHECK(leaf.not_before() == absl::FromUnixSeconds(1577836800));  // 2020-01-01
  CHECK(leaf.not_after() == absl::FromUnixSeconds(4733510400));   // 2120-01-01
  CHECK_FALSE(leaf.is_ca());
  const Certificate authority = Read("ca.pem");
  CHECK(authority.is_ca());
  CHECK(authority.serial_hex() == "01");
  CHECK(leaf.issuer_der() == authority.subject_der());
  CHECK(leaf.IsSignedBy(authority));
  CHECK_FALSE(leaf.IsSignedBy(Read("other_ca.pem")));
}

TEST_CASE("signatures of certificate keys are verified, short RSA keys are not accepted") {
  const std::string message = tests::ReadVector("x509/message.txt");
  struct Case {
    const char* name;
    bool good;
  };
  for (const Case& c : {Case{"leaf_ed25519", true}, Case{"leaf_p256", true},
                        Case{"leaf_rsa2048", true}, Case{"leaf_rsa1024", false}}) {
    INFO(c.name);
    const Certificate certificate = Read(std::string(c.name) + ".pem");
    const std::string signature = tests::ReadVector("x509/" + std::string(c.name) + ".sig");
    CHECK(certificate.VerifySignature(message, signature) == c.good);
    CHECK_FALSE(certificate.VerifySignature(message + "!", signature));
    CHECK_FALSE(certificate.VerifySignature(message, signature.substr(1)));
    CHECK_FALSE(certificate.VerifySignature(message, ""));
  }
}

TEST_CASE("a certificate's file is read, and an error names it") {
  const std::string path = tests::VectorPath("x509/ca.pem");
  CHECK(Certificate::Load(path)->der() ==
        Certificate::FromPem(tests::ReadVector("x509/ca.pem"))->der());
  const auto missing = Certificate::Load(path + ".none");
  CHECK(absl::IsNotFound(missing.status()));
  const std::string other = tests::VectorPath("README.md");
  const auto no_certificate = Certificate::Load(other);
  CHECK(absl::IsInvalidArgument(no_certificate.status()));
  CHECK_THAT(std::string(no_certificate.status().message()), Catch::StartsWith(other));
}

TEST_CASE("lists of certificates are read in order, anything else is refused") {
  const std::string two = tests::ReadVector("x509/ca.pem") + tests::ReadVector("x509/other_ca.pem");
  const auto list = Certificate::ListFromPem(two);
  REQUIRE(list.ok());
  REQUIRE(list->size() == 2);
  CHECK((*list)[1].subject() == "CN=Other CA");
  CHECK_FALSE(Certificate::ListFromPem("").ok());
  CHECK_FALSE(
      Certificate::ListFromPem("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")
          .ok());
  CHECK_FALSE(Certificate::ListFromPem(two.substr(0, two.size() - 60)).ok());
  const std::string der = (*list)[0].der();
  CHECK(Certificate::FromDer(der)->subject() == (*list)[0].subject());
  CHECK_FALSE(Certificate::FromDer(der + "x").ok());
  CHECK_FALSE(Certificate::FromDer(der.substr(0, der.size() - 1)).ok());
  CHECK_FALSE(Certificate::FromDer("").ok());
}

}  // namespace
}  // namespace ndx::crypto
