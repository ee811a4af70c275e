// Grants of a registry.
#include <catch2/catch.hpp>
#include <string>

#include "absl/strings/str_replace.h"
#include "absl/types/span.h"
#include "probe_loading.h"

namespace ndx::registry {
namespace {

using tests::GrantWith;
using tests::LoadingCase;
using tests::LoadWith;

void CheckRefused(absl::Span<const LoadingCase> cases) {
  for (const LoadingCase& c : cases) {
    INFO(c.name);
    CHECK_THAT(LoadWith(GrantWith(c.yaml)), Catch::Contains(c.error));
    CHECK_THAT(LoadWith(GrantWith(c.yaml)), Catch::StartsWith("more.yaml:"));
  }
}

TEST_CASE("what is wrong with grants is refused") {
  const LoadingCase cases[] = {
      {"no such method", "methods: [probe.v1.PeopleService/Lookup]",
       "grants[0].methods[0]: \"probe.v1.PeopleService/Lookup\" is not a method of the registry; "
       "the nearest is probe.v1.PeopleService/LookUp"},
      {"no such service", "methods: [probe.v1.PeopelService/*]",
       "names no service of the registry; the nearest is probe.v1.PeopleService/"},
      {"service without method", "methods: [probe.v1.PeopleService]", "is not a method"},
      {"everything", "methods: [\"*\"]", "is not a method of the registry"},
      {"nothing", "methods: []", "grants[0].methods: must not be empty"},
      {"method twice", "methods: [probe.v1.PeopleService/Watch, /probe.v1.PeopleService/Watch]",
       "grants[0].methods[1]: \"/probe.v1.PeopleService/Watch\" is listed already"},
      {"no such purpose", "purposes: [tthcc]",
       "purposes[0]: \"tthcc\" is not a purpose of the catalogue (did you mean `tthc`?)"},
      {"purpose twice", "purposes: [tthc, tthc]", "purposes[1]: \"tthc\" is listed already"},
      {"reference twice", "required_references: [DOSSIER, dossier]",
       "required_references[1]: \"REFERENCE_DOSSIER\" is listed already"},
      {"no such reference", "required_references: [FILE]",
       "must be one of DOSSIER, OFFICER, PROCEDURE"},
      {"not a provider", "providers: [\"VN:GOV:H55:mot-cua\"]",
       "providers[0]: \"VN:GOV:H55:mot-cua\" provides none of the grant's methods"},
      {"provider twice", "providers: [\"VN:GOV:G01:backup\", \"VN:GOV:000.00.00.G01:backup\"]",
       "is listed already"},
      {"no such answer field", "answer_fields: [person.name]",
       "answer_fields[0]: \"person.name\" is not a field path: probe.v1.Person has no field "
       "`name`"},
      {"request field in the answer", "answer_fields: [citizen_id]",
       "probe.v1.LookUpResponse has no field `citizen_id`"},
      {"required request field left out", "request_fields: [citizen_id]",
       "request_fields: leaves out `name`, without which probe.v1.PeopleService/LookUp cannot be "
       "called"},
      {"no such request field", "request_fields: [name, person]",
       "request_fields[1]: \"person\" is not a field path"},
      {"hours past midnight", "hours: [{from: \"17:00\", to: \"08:00\"}]",
       "hours[0]: must begin before they end"},
      {"hours without end", "hours: [{from: \"07:00\"}]", "hours[0].to: is required"},
      {"quota of nothing", "quota: {per_second: 0}", "quota.per_second: must be at least 1"},
      {"quota below nothing", "quota: {per_day: -1}", "must be a whole number"},
      {"no such day", "valid_from: 2026-13-01", "must be an existing day"},
      {"dates in the wrong order", "valid_from: 2026-02-01\n  valid_to: 2026-01-31",
       "valid_to: \"2026-01-31\" is before valid_from, 2026-02-01"},
      {"upper-case name",
       "purposes: []\n- {name: G, consumer: \"VN:GOV:H55:mot-cua\", methods: "
       "[probe.v1.PeopleService/Watch], legal_basis: x}",
       "grants[1].name: \"G\" must be lower-case letters"},
      {"name twice",
       "purposes: []\n- {name: g, consumer: \"VN:GOV:H55:mot-cua\", methods: "
       "[probe.v1.PeopleService/Watch], legal_basis: x}",
       "grants[1].name: \"g\" is a grant already"},
  };
  CheckRefused(cases);
  CHECK(LoadWith(GrantWith("valid_from: 2026-02-01\n  valid_to: 2026-02-01")) == "ok");
  const auto changed = [](const std::string& from, const std::string& to) {
    return LoadWith(absl::StrReplaceAll(GrantWith("purposes: [tthc]"), {{from, to}}));
  };
  CHECK_THAT(changed("QĐ 1", "\"\""), Catch::Contains("legal_basis: must not be empty"));
  CHECK_THAT(changed("H55:mot-cua", "H55:mot"),
             Catch::Contains("grants[0].consumer: \"VN:GOV:H55:mot\" is not a system"));
}

TEST_CASE("what is wrong with groups, campaigns and shadows is refused") {
  const LoadingCase cases[] = {
      {"neither consumer nor group",
       "purposes: []\n- {name: g2, methods: [probe.v1.PeopleService/Watch], legal_basis: x}",
       "grants[1].consumer: or consumer_group is required, one of them and not both"},
      {"consumer and group", "consumer_group: xa", "one of them and not both"},
      {"no such group",
       "purposes: []\n- {name: g2, consumer_group: xa, methods: [probe.v1.PeopleService/Watch], "
       "legal_basis: x}\nconsumer_groups: [{name: xas, systems: [\"VN:GOV:H55:mot-cua\"]}]",
       "consumer_group: \"xa\" is not a group of the registry (did you mean `xas`?)"},
      {"system twice in a group",
       "purposes: []\nconsumer_groups: [{name: xa, systems: [\"VN:GOV:H55:mot-cua\", "
       "\"VN:GOV:000.00.00.H55:mot-cua\"]}]",
       "consumer_groups[0].systems[1]: \"VN:GOV:000.00.00.H55:mot-cua\" is listed already"},
      {"campaign without end", "campaign: {total: 10, per_second: 1}",
       "valid_to: is required: a campaign has an end"},
      {"campaign beside a quota",
       "campaign: {total: 10, per_second: 1}\n  valid_to: 2026-12-31\n  quota: {per_day: 1}",
       "quota: excludes campaign"},
      {"campaign without pace", "campaign: {total: 10}", "campaign.per_second: is required"},
      {"campaign of a group",
       "purposes: []\n- {name: g2, consumer_group: xa, methods: [probe.v1.PeopleService/Watch], "
       "legal_basis: x, valid_to: 2026-12-31, campaign: {total: 1, per_second: 1}}\n"
       "consumer_groups: [{name: xa, systems: [\"VN:GOV:H55:mot-cua\"]}]",
       "campaign: belongs to one consumer, not to a group"},
      {"shadow of nothing", "shadow: true\n  shadow_of: gg",
       "shadow_of: \"gg\" is not a grant of the registry"},
      {"shadow of itself", "shadow: true\n  shadow_of: g", "\"g\" is in shadow mode itself"},
      {"replaces without being a shadow", "shadow_of: g",
       "shadow_of: \"g\" is given for a grant that is not in shadow mode"},
  };
  CheckRefused(cases);
}

TEST_CASE("a path has to exist in every method's answer: nothing passes by not being there") {
  CHECK_THAT(
      LoadWith(GrantWith("methods: [probe.v1.PeopleService/LookUp, probe.v1.PeopleService/Verify]\n"
                         "  answer_fields: [person.full_name]")),
      Catch::Contains("probe.v1.VerifyResponse has no field `person`; known: matches, the answer "
                      "of probe.v1.PeopleService/Verify"));
}

}  // namespace
}  // namespace ndx::registry
