#include "ndx/crypto/revocation_list.h"

#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "ndx/tests/support/vectors.h"

namespace ndx::crypto {
namespace {

std::vector<Certificate> Authorities(std::vector<std::string> names) {
  std::vector<Certificate> out;
  for (const std::string& name : names) {
    out.push_back(Certificate::FromPem(tests::ReadVector("x509/" + name)).value());
  }
  return out;
}

Certificate Leaf(const std::string& name) { return Authorities({name}).front(); }

TEST_CASE("a revocation list names the revoked, in PEM and in DER") {
  const auto authorities = Authorities({"other_ca.pem", "ca.pem"});
  for (const char* name : {"list.pem", "list.der"}) {
    const auto list =
        RevocationList::Load(tests::VectorPath(std::string("x509/") + name), authorities);
    REQUIRE(list.ok());
    CHECK(list->size() == 1);
    CHECK(list->IsRevoked(Leaf("leaf_p256.pem")));
    CHECK_FALSE(list->IsRevoked(Leaf("leaf_ed25519.pem")));
    CHECK(list->Covers(Leaf("leaf_ed25519.pem")));
    CHECK_FALSE(list->Covers(authorities[0]));
    CHECK(list->issuer() == "CN=NDX test CA,O=Thử nghiệm NDX");
    CHECK(list->next_update() > list->this_update());
  }
}

TEST_CASE("lists that no trusted authority signed, or that cannot be understood, are refused") {
  const std::string list = tests::ReadVector("x509/list.der");
  const auto other = Authorities({"other_ca.pem"});
  CHECK(RevocationList::Parse(list, other).status().code() == absl::StatusCode::kPermissionDenied);
  CHECK(RevocationList::Parse(list, {}).status().code() == absl::StatusCode::kPermissionDenied);
  const auto own = Authorities({"ca.pem"});
  std::string changed = list;
  changed[changed.size() - 1] ^= 1;
  CHECK(RevocationList::Parse(changed, own).status().code() == absl::StatusCode::kPermissionDenied);
  CHECK(RevocationList::Parse("nonsense", own).status().code() ==
        absl::StatusCode::kInvalidArgument);
  const auto indirect = RevocationList::Parse(tests::ReadVector("x509/indirect.pem"), own);
  CHECK(indirect.status().code() == absl::StatusCode::kInvalidArgument);
  CHECK(RevocationList::Load("/nonexistent", own).status().code() == absl::StatusCode::kNotFound);
}

}  // namespace
}  // namespace ndx::crypto
