// Members, systems and purposes of a registry.
#include <catch2/catch.hpp>
#include <string>

#include "absl/strings/escaping.h"
#include "ndx/registry/registry_snapshot.h"
#include "ndx/tests/support/registry_fixture.h"
#include "probe_loading.h"

namespace ndx::registry {
namespace {

using tests::LoadingCase;
using tests::LoadWith;

TEST_CASE("what is wrong with members is refused with file, line, path and value") {
  const auto member = [](const std::string& lines) {
    return "members: [{code: G02, name_vi: B, " + lines + "}]";
  };
  const LoadingCase cases[] = {
      {"unknown key", member("nam_en: B"),
       "more.yaml:1: members[0]: \"nam_en\" is not a known key (did you mean `name_en`?)"},
      {"missing name", "members: [{code: G02}]", "more.yaml:1: members[0].name_vi: is required"},
      {"bad code", "members:\n- {code: G2, name_vi: B}",
       "more.yaml:2: members[0].code: \"G2\" must be an agency code"},
      {"same code, other spelling", "members: [{code: 000.00.00.H55, name_vi: B}]",
       "members[0].code: \"000.00.00.H55\" is a member already, as H55"},
      {"no such day", member("valid_from: 2025-02-30"),
       "members[0].valid_from: \"2025-02-30\" must be an existing day, yyyy-MM-dd"},
      {"dates in the wrong order", member("valid_from: 2025-07-01, valid_to: 2025-06-30"),
       "members[0].valid_to: \"2025-06-30\" is before valid_from, 2025-07-01"},
      {"unknown successor", member("successor: G03"),
       "members[0].successor: \"G03\" is not a member of the registry"},
      {"own successor", member("successor: G02"),
       "members[0].successor: \"G02\" leads back to the member itself"},
      {"successors in a circle",
       "members: [{code: G02, name_vi: B, successor: G03}, {code: G03, name_vi: C, successor: "
       "G02}]",
       "leads back to the member itself"},
      {"purpose name", "purposes: [{code: Tthc, name_vi: a}]",
       "purposes[0].code: \"Tthc\" must be lower-case letters"},
      {"purpose too long", "purposes: [{code: " + std::string(65, 'a') + ", name_vi: a}]",
       "at most 64"},
      {"purpose twice", "purposes: [{code: tthc, name_vi: a}]", "\"tthc\" is a purpose already"},
  };
  for (const LoadingCase& c : cases) {
    INFO(c.name);
    CHECK_THAT(LoadWith(c.yaml), Catch::Contains(c.error));
    CHECK_THAT(LoadWith(c.yaml), Catch::StartsWith("more.yaml:"));
  }
  CHECK(LoadWith("purposes: [{code: " + std::string(64, 'a') + ", name_vi: a}]") == "ok");
  CHECK(LoadWith(member("successor: H55, valid_to: 2025-06-30")) == "ok");
}

TEST_CASE("what is wrong with systems and certificates is refused") {
  const auto with = [](const std::string& digest) {
    return "systems: [{id: \"VN:GOV:G01:x\", certificates: [{spki_sha256: " + digest + "}]}]";
  };
  const std::string digest(64, 'a');
  const LoadingCase cases[] = {
      {"bad system", "systems: [{id: \"VN:GOV:G01\"}]",
       "systems[0].id: \"VN:GOV:G01\" must be a system name such as VN:GOV:G01:population"},
      {"system of nobody", "systems: [{id: \"VN:GOV:G77:x\"}]",
       "systems[0].id: \"VN:GOV:G77:x\" names no member of the registry"},
      {"system of a malformed code", "systems: [{id: \"VN:GOV:G-1:x\"}]", "must be a system name"},
      {"system twice, other spelling", "systems: [{id: \"VN:GOV:G09.20:ho-so\"}]",
       "is a system already, as VN:GOV:G09.20:ho-so"},
      {"digest too short", with("12zz"),
       "systems[0].certificates[0].spki_sha256: \"12zz\" must be 64 hexadecimal digits"},
      {"digest with a letter", with(digest.substr(1) + "g"), "must be 64 hexadecimal digits"},
      {"digest too long", with(digest + "a"), "must be 64 hexadecimal digits"},
      {"digest missing", "systems: [{id: \"VN:GOV:G01:x\", certificates: [{}]}]",
       "systems[0].certificates[0].spki_sha256: is required"},
      {"digest twice",
       "systems: [{id: \"VN:GOV:G01:x\", certificates: [{spki_sha256: " + digest +
           "}]}, {id: \"VN:GOV:G01:y\", certificates: [{spki_sha256: " + std::string(64, 'A') +
           "}]}]",
       "is registered already, for VN:GOV:G01:x"},
  };
  for (const LoadingCase& c : cases) {
    INFO(c.name);
    CHECK_THAT(LoadWith(c.yaml), Catch::Contains(c.error));
    CHECK_THAT(LoadWith(c.yaml), Catch::StartsWith("more.yaml:"));
  }
}

TEST_CASE("what is wrong with issuing authorities, and with the days of systems, is refused") {
  const std::string pin(64, 'b');
  const LoadingCase cases[] = {
      {"no digest", "members: [{code: H77, name_vi: a, issuer_spki_sha256: [" + pin + ", \"x\"]}]",
       "members[0].issuer_spki_sha256[1]: \"x\" must be 64 hexadecimal digits"},
      {"no day", "systems: [{id: \"VN:GOV:G01:x\", valid_from: 2026-02-30}]",
       "systems[0].valid_from: \"2026-02-30\""},
      {"days the wrong way round",
       "systems: [{id: \"VN:GOV:G01:x\", valid_from: 2026-02-02, valid_to: 2026-02-01}]",
       "systems[0].valid_to: \"2026-02-01\" is before valid_from, 2026-02-02"},
      {"a key without URI of two systems",
       "systems: [{id: \"VN:GOV:G01:x\", certificates: [{spki_sha256: " + pin +
           ", without_uri: true}]}, {id: \"VN:GOV:G01:y\", certificates: [{spki_sha256: " + pin +
           ", without_uri: true}]}]",
       "is registered already, for VN:GOV:G01:x"},
  };
  for (const LoadingCase& c : cases) {
    INFO(c.name);
    CHECK_THAT(LoadWith(c.yaml), Catch::Contains(c.error));
  }
}

TEST_CASE("issuing authorities, days of systems and keys without URI are as written") {
  const std::string pin = std::string(62, 'b') + "Cd";
  const auto built = tests::BuildProbeRegistry(
      "members: [{code: H77, name_vi: a, issuer_spki_sha256: [" + pin + "]}]\n" +
      "systems: [{id: \"VN:GOV:H77:x\", valid_from: 2026-02-01, certificates: [{spki_sha256: " +
      pin + ", without_uri: true}, {spki_sha256: " + std::string(64, 'c') + "}]}]");
  INFO(built.status());
  REQUIRE(built.ok());
  const SystemEntry* system = (*built)->FindSystem("VN:GOV:H77:x");
  REQUIRE(system != nullptr);
  CHECK(system->in_use.from == absl::CivilDay(2026, 2, 1));
  CHECK_FALSE(system->in_use.to.has_value());
  REQUIRE(system->certificates.size() == 2);
  CHECK(system->certificates[0].without_uri);
  CHECK_FALSE(system->certificates[1].without_uri);
  REQUIRE(system->member->issuer_spki_sha256.size() == 1);
  CHECK(system->member->issuer_spki_sha256[0].back() == 0xcd);
}

TEST_CASE("certificates are found by digest, colons and case aside") {
  const std::string tail(62, 'c');
  const auto built = tests::BuildProbeRegistry(
      "systems: [{id: \"VN:GOV:G01:x\", certificates: [{spki_sha256: \"AB:" + tail +
      "\", valid_to: 2026-01-31}]}]");
  REQUIRE(built.ok());
  const SystemEntry* system =
      (*built)->FindSystemByCertificate(absl::HexStringToBytes("ab" + tail));
  REQUIRE(system != nullptr);
  CHECK(system->id.text() == "VN:GOV:G01:x");
  CHECK(system->certificates[0].registered.Contains(absl::CivilDay(2026, 1, 31)));
  CHECK_FALSE(system->certificates[0].registered.Contains(absl::CivilDay(2026, 2, 1)));
  CHECK((*built)->FindSystemByCertificate(std::string(32, '\0')) == nullptr);
  CHECK((*built)->FindSystemByCertificate("") == nullptr);
}

}  // namespace
}  // namespace ndx::registry
