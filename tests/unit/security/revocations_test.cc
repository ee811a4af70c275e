#include "ndx/security/revocations.h"

#include <catch2/catch.hpp>
#include <fstream>
#include <string>

#include "certificate_authority.h"

namespace ndx::security {
namespace {

using tests::CertificateAuthority;

TEST_CASE("what is on a list is revoked, and nothing else") {
  CertificateAuthority authority;
  const auto revoked = authority.Issue("URI:ndx://VN/GOV/H55/a");
  const auto good = authority.Issue("URI:ndx://VN/GOV/H55/a");
  const std::string before = authority.WriteCrl();
  authority.Revoke(revoked);
  const std::string after = authority.WriteCrl();

  const auto none = Revocations::Read({before}, authority.ca_file());
  REQUIRE(none.ok());
  CHECK(none->size() == 0);
  CHECK_FALSE(none->RevokedAt(revoked).has_value());
  CHECK(none->next_update() < absl::InfiniteFuture());

  const auto one = Revocations::Read({before, after}, authority.ca_file());
  INFO(one.status());
  REQUIRE(one.ok());
  CHECK(one->size() == 1);
  CHECK(one->RevokedAt(revoked).has_value());
  CHECK_FALSE(one->RevokedAt(good).has_value());
}

TEST_CASE("a list of another authority, no list, or no file is refused by name") {
  CertificateAuthority ours;
  CertificateAuthority theirs;
  const auto foreign = Revocations::Read({theirs.WriteCrl()}, ours.ca_file());
  CHECK(foreign.status().code() == absl::StatusCode::kPermissionDenied);
  const std::string broken = ours.File("broken.crl");
  std::ofstream(broken) << "not a list";
  CHECK_THAT(std::string(Revocations::Read({broken}, ours.ca_file()).status().message()),
             Catch::StartsWith(broken));
  CHECK(Revocations::Read({ours.File("gone.crl")}, ours.ca_file()).status().code() ==
        absl::StatusCode::kNotFound);
  CHECK(Revocations::Read({ours.WriteCrl()}, ours.File("gone.pem")).status().code() ==
        absl::StatusCode::kNotFound);
  CHECK_THAT(std::string(Revocations::Read({ours.WriteCrl()}, broken).status().message()),
             Catch::StartsWith(broken));
}

TEST_CASE("without lists nothing is read and nothing is revoked") {
  const auto none = Revocations::Read({}, "/nowhere/ca.pem");
  REQUIRE(none.ok());
  CHECK(none->size() == 0);
  CHECK(none->next_update() == absl::InfiniteFuture());
}

}  // namespace
}  // namespace ndx::security
