#include "ndx/security/revocations.h"

#include <catch2/catch.hpp>
#include <string>

#include "ndx/tests/support/certificate_authority.h"

namespace ndx::security {
namespace {

using tests::CertificateAuthority;

Revocations::List ListIn(const std::string& file, const CertificateAuthority& authority) {
  const auto issuer = crypto::Certificate::Load(authority.ca_file());
  REQUIRE(issuer.ok());
  auto list = crypto::RevocationList::Load(file, {*issuer});
  INFO(list.status());
  REQUIRE(list.ok());
  return std::make_shared<const crypto::RevocationList>(*std::move(list));
}

TEST_CASE("what is on a list is revoked, and nothing else") {
  CertificateAuthority authority;
  const auto revoked = authority.Issue("URI:ndx://VN/GOV/H55/a");
  const auto good = authority.Issue("URI:ndx://VN/GOV/H55/a");
  const auto before = ListIn(authority.WriteCrl(), authority);
  authority.Revoke(revoked);
  const auto after = ListIn(authority.WriteCrl(), authority);

  const Revocations none({before});
  CHECK(none.size() == 0);
  CHECK_FALSE(none.RevokedAt(revoked).has_value());
  CHECK(none.next_update() < absl::InfiniteFuture());

  const Revocations one({before, after});
  CHECK(one.size() == 1);
  CHECK(one.RevokedAt(revoked).has_value());
  CHECK_FALSE(one.RevokedAt(good).has_value());
}

TEST_CASE("without lists nothing is revoked, and nothing is outdated") {
  CertificateAuthority authority;
  const auto certificate = authority.Issue("");
  const Revocations none({}, absl::ZeroDuration());
  CHECK(none.size() == 0);
  CHECK(none.next_update() == absl::InfiniteFuture());
  CHECK_FALSE(none.OutdatedSince(certificate, absl::InfiniteFuture()).has_value());
}

TEST_CASE("how old a list may be is for the newest of its issuer, and for its certificates alone") {
  CertificateAuthority ours;
  CertificateAuthority theirs("another");
  const auto certificate = ours.Issue("URI:ndx://VN/GOV/H55/a");
  const auto old = ListIn(ours.WriteCrl("", "20260101000000Z", "20260102000000Z"), ours);
  const auto newer = ListIn(ours.WriteCrl("", "20260103000000Z", "20260104000000Z"), ours);
  const absl::Time next = newer->next_update();
  const Revocations within({newer, old}, absl::Hours(1));
  CHECK_FALSE(within.OutdatedSince(certificate, next).has_value());
  CHECK_FALSE(within.OutdatedSince(certificate, next + absl::Hours(1)).has_value());
  CHECK(within.OutdatedSince(certificate, next + absl::Hours(1) + absl::Seconds(1)) ==
        newer->this_update());
  CHECK(within.next_update() == old->next_update());
  // However old it is.
  CHECK_FALSE(Revocations({newer}).OutdatedSince(certificate, absl::InfiniteFuture()).has_value());
  // A certificate of another issuer, of which the node has no list.
  const auto foreign = theirs.Issue("URI:ndx://VN/GOV/H55/a");
  const Revocations strict({newer}, absl::ZeroDuration());
  CHECK(strict.OutdatedSince(certificate, next + absl::Seconds(1)).has_value());
  CHECK_FALSE(strict.OutdatedSince(foreign, next + absl::Seconds(1)).has_value());
}

}  // namespace
}  // namespace ndx::security
