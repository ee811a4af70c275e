#include "ndx/security/system_standing.h"

#include <catch2/catch.hpp>
#include <string>

#include "absl/strings/str_cat.h"
#include "ndx/tests/support/registry_fixture.h"

namespace ndx::security {
namespace {

const absl::Time kToday = absl::FromCivil(absl::CivilHour(2026, 5, 28, 3), absl::UTCTimeZone());

// What is said of a system of member H20 with these settings, which H21 and then H22 followed.
std::string Said(const std::string& member, const std::string& system = "") {
  const auto snapshot = tests::BuildProbeRegistry(
      absl::StrCat("members:\n- {code: H20, name_vi: A, successor: H21", member,
                   "}\n- {code: H21, name_vi: B, successor: H22}\n- {code: H22, name_vi: Tỉnh C, "
                   "contact: 02x}\n",
                   "systems:\n- {id: \"VN:GOV:H20:a\"", system, "}\n"));
  REQUIRE(snapshot.ok());
  const auto refusal = RefusalOfSystem(*(*snapshot)->FindSystem("VN:GOV:H20:a"), "X", kToday);
  return refusal.has_value() ? absl::StrCat(core::ReasonName(refusal->reason), ": ",
                                            core::TextOf(*refusal, core::Language::kEnglish))
                             : "";
}

TEST_CASE("a merged member's system works to its last day, and then says who took its place") {
  CHECK(Said(", valid_to: 2026-05-28").empty());
  CHECK(Said(", valid_to: 2026-05-27") ==
        "MEMBER_REPLACED: Member H20 was in use up to 2026-05-27 and was replaced by Tỉnh C (02x); "
        "use that member's systems and certificates.");
}

TEST_CASE("suspension, and a code that is not in use yet, are no replacement") {
  const std::string suspended = "SYSTEM_SUSPENDED: System VN:GOV:H20:a is suspended; contact X.";
  CHECK(Said(", suspended: true") == suspended);
  CHECK(Said("", ", suspended: true") == suspended);
  CHECK(Said(", valid_from: 2026-05-29") == suspended);
  CHECK(Said("").empty());
}

TEST_CASE("a system has days of its own, both included; its member's standing is told first") {
  CHECK(Said("", ", valid_from: 2026-05-28, valid_to: 2026-05-28").empty());
  CHECK(Said("", ", valid_from: 2026-05-29") ==
        "SYSTEM_NOT_IN_USE: System VN:GOV:H20:a is in use only from 2026-05-29 to …; contact X.");
  CHECK_THAT(Said("", ", valid_to: 2026-05-27"), Catch::StartsWith("SYSTEM_NOT_IN_USE"));
  CHECK_THAT(Said(", suspended: true", ", valid_to: 2026-05-27"),
             Catch::StartsWith("SYSTEM_SUSPENDED"));
}

}  // namespace
}  // namespace ndx::security
