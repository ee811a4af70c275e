// Keys that sign, as the registry has them, and what asks for them.
#include <catch2/catch.hpp>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "ndx/tests/support/registry_fixture.h"
#include "ndx/tests/support/signing_keys.h"
#include "probe_loading.h"

namespace ndx::registry {
namespace {

using tests::LoadWith;
using tests::RegisteredKey;

std::string SystemWith(const std::string& keys) {
  return absl::StrCat(R"(
systems:
- id: "VN:GOV:H55:ky-so"
  signing_keys: )",
                      keys, "\n");
}

TEST_CASE("keys of systems and of officers stand in the snapshot, with their days") {
  const auto built = tests::BuildProbeRegistry(absl::StrFormat(
      R"(
members:
- {code: H62, name_vi: UBND tỉnh khác, officer_token_keys: [{public_key: "%s"}]}
systems:
- id: "VN:GOV:H62:ky-so"
  signing_keys:
  - {public_key: "%s", valid_to: "2026-06-30"}
  - {public_key: "%s", valid_from: "2026-06-01"}
grants:
- name: g
  consumer: "VN:GOV:H62:ky-so"
  methods: [probe.v1.PeopleService/Verify]
  signed_requests: true
  officer_proved: true
  legal_basis: QĐ 1
)",
      RegisteredKey(tests::EdDsaKey('m')), RegisteredKey(tests::EdDsaKey('a')),
      RegisteredKey(tests::Es256Key('a'))));
  REQUIRE(built.ok());
  const SystemEntry* const system = (*built)->FindSystem("VN:GOV:H62:ky-so");
  REQUIRE(system->signing_keys.size() == 2);
  CHECK(system->signing_keys[0].key.id() == tests::EdDsaKey('a').public_key().id());
  CHECK(system->signing_keys[0].registered.Contains(absl::CivilDay(2026, 6, 30)));
  CHECK_FALSE(system->signing_keys[0].registered.Contains(absl::CivilDay(2026, 7, 1)));
  CHECK(system->signing_keys[1].key.algorithm() == crypto::SigningAlgorithm::kEs256);
  CHECK_FALSE(system->signing_keys[1].registered.Contains(absl::CivilDay(2026, 5, 31)));
  REQUIRE(system->member->officer_token_keys.size() == 1);
  CHECK(system->member->officer_token_keys[0].key.id() == tests::EdDsaKey('m').public_key().id());
  const GrantEntry* const grant = (*built)->FindGrant("g");
  CHECK(grant->signed_requests);
  CHECK(grant->officer_proved);
  CHECK((*built)->FindSystem("VN:GOV:H55:mot-cua")->signing_keys.empty());
}

TEST_CASE("a key that is none is a fault, and so is one that two have") {
  const std::string key = RegisteredKey(tests::EdDsaKey('a'));
  CHECK(LoadWith(SystemWith(absl::StrFormat(R"([{public_key: "%s"}])", key))) == "ok");
  CHECK_THAT(LoadWith(SystemWith(R"([{public_key: "MCowBQYDK2Vw"}])")),
             Catch::Contains("systems[0].signing_keys[0].public_key: \"MCowBQYDK2Vw\" must be an "
                             "Ed25519 key, or one for ECDSA on P-256"));
  CHECK_THAT(LoadWith(SystemWith(R"([{public_key: "no base64!"}])")),
             Catch::Contains("must be a public key in base64"));
  CHECK_THAT(LoadWith(SystemWith("[{note: x}]")), Catch::Contains("public_key: is required"));
  CHECK_THAT(
      LoadWith(SystemWith(absl::StrFormat(R"([{public_key: "%s", valid_to: "soon"}])", key))),
      Catch::Contains("signing_keys[0].valid_to: \"soon\" must be"));
  CHECK_THAT(LoadWith(SystemWith(
                 absl::StrFormat(R"([{public_key: "%s"}, {public_key: "%s"}])", key, key))),
             Catch::Contains("signing_keys[1].public_key") &&
                 Catch::Contains("is registered already, for VN:GOV:H55:ky-so"));
  const std::string of_officers = absl::StrFormat(
      "members:\n- {code: H62, name_vi: x, officer_token_keys: [{public_key: \"%s\"}]}\n", key);
  CHECK_THAT(LoadWith(of_officers + SystemWith(absl::StrFormat(R"([{public_key: "%s"}])", key))),
             Catch::Contains("is registered already, for H62"));
}

TEST_CASE("a provider whose answers are to be signed needs a key") {
  CHECK_THAT(tests::LoadService("    endpoint: embedded:people\n    signed_answers: true\n", ""),
             Catch::Contains("services[0].providers[0].signed_answers: needs signing_keys of "
                             "VN:GOV:H55:mot-cua, which has none"));
  CHECK(tests::LoadService("    endpoint: embedded:people\n    signed_answers: false\n", "") ==
        "ok");
}

}  // namespace
}  // namespace ndx::registry
