#include "ndx/console/expiring_grants.h"

#include <catch2/catch.hpp>
#include <string>

#include "absl/strings/str_cat.h"
#include "ndx/tests/support/registry_fixture.h"

namespace ndx::console {
namespace {

TEST_CASE("grants are called to mind from so many days before their last to the last itself") {
  std::string yaml = "grants:\n";
  for (const char* const last : {"2026-03-01", "2026-04-01", "2026-03-02", "2026-04-02"}) {
    absl::StrAppend(&yaml, "- {name: until-", last,
                    ", consumer: \"VN:GOV:H55:mot-cua\", methods: "
                    "[\"probe.v1.PeopleService/Verify\"], legal_basis: QD, valid_to: \"",
                    last, "\"}\n");
  }
  yaml +=
      "- {name: endless, consumer: \"VN:GOV:H55:mot-cua\", methods: "
      "[\"probe.v1.PeopleService/Verify\"], legal_basis: QD}\n";
  const auto snapshot = tests::BuildProbeRegistry(yaml);
  REQUIRE(snapshot.ok());
  std::string names;
  for (const auto* const grant : ExpiringGrants(**snapshot, absl::CivilDay(2026, 3, 2), 30)) {
    absl::StrAppend(&names, grant->name, " ");
    CHECK(ConsumersOf(*grant) == std::vector<std::string>{"VN:GOV:H55:mot-cua"});
  }
  CHECK(names == "until-2026-03-02 until-2026-04-01 ");
}

}  // namespace
}  // namespace ndx::console
