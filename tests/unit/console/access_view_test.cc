// Rights explained from a snapshot.
#include "ndx/console/access_view.h"

#include <catch2/catch.hpp>
#include <string>

#include "ndx/tests/support/registry_fixture.h"

namespace ndx::console {
namespace {

const absl::Time kNow = absl::FromCivil(absl::CivilHour(2026, 5, 28, 3), absl::UTCTimeZone());

constexpr char kGrants[] = R"(
grants:
- name: narrow
  consumer: "VN:GOV:H55:mot-cua"
  methods: ["probe.v1.PeopleService/LookUp"]
  providers: ["VN:GOV:G01:population"]
  purposes: [tthc]
  required_references: [DOSSIER]
  answer_fields: [person.full_name, total]
  legal_basis: QD 1
- name: old
  consumer: "VN:GOV:H55:mot-cua"
  methods: ["probe.v1.PeopleService/*"]
  valid_to: "2020-12-31"
  legal_basis: QD 0
)";

std::shared_ptr<const registry::RegistrySnapshot> Registry(const std::string& more = "") {
  auto snapshot = tests::BuildProbeRegistry(std::string(kGrants) + more);
  REQUIRE(snapshot.ok());
  return *snapshot;
}

v1::ExplainAccessRequest LookUp(const std::string& purpose = "tthc", bool dossier = true) {
  v1::ExplainAccessRequest request;
  request.set_consumer("VN:GOV:H55:mot-cua");
  request.set_method("probe.v1.PeopleService/LookUp");
  request.set_provider("VN:GOV:G01:population");
  request.set_purpose(purpose);
  request.set_with_dossier(dossier);
  return request;
}

TEST_CASE("an allowed exchange is explained by its grant and the fields it delivers") {
  const auto said = ExplainAccess(*Registry(), LookUp(), kNow);
  REQUIRE(said.ok());
  CHECK(said->verdict().allowed());
  CHECK(said->verdict().rule() == "narrow");
  CHECK(said->answer_fields_size() == 2);
  REQUIRE(said->grants_size() == 2);
  CHECK(said->grants(0).allowed());
  CHECK(said->grants(1).rule() == "old");
  CHECK(said->grants(1).reason() == "GRANT_NOT_IN_FORCE");
  CHECK_THAT(said->grants(1).text_en(), Catch::Contains("2020-12-31"));
}

TEST_CASE("a refused one by what each grant says, as the caller would be told") {
  const auto without = ExplainAccess(*Registry(), LookUp("tthc", false), kNow);
  CHECK_FALSE(without->verdict().allowed());
  CHECK(without->grants(0).reason() == "DOSSIER_MISSING");
  CHECK_FALSE(without->grants(0).text_vi().empty());
  auto elsewhere = LookUp();
  elsewhere.set_provider("VN:GOV:G01:backup");
  const auto other = ExplainAccess(*Registry(), elsewhere, kNow);
  CHECK(other->grants_size() == 1);
  CHECK(other->verdict().reason() == "GRANT_NOT_IN_FORCE");
  auto nobody = LookUp();
  nobody.set_consumer("VN:GOV:G09.20:ho-so");
  const auto none = ExplainAccess(*Registry(), nobody, kNow);
  CHECK(none->verdict().rule() == "default-deny");
  CHECK(none->verdict().reason() == "NO_GRANT");
  CHECK(none->grants().empty());
}

TEST_CASE("the same question has another answer at another time") {
  const absl::Time then = absl::FromCivil(absl::CivilDay(2020, 6, 1), absl::UTCTimeZone());
  const auto said = ExplainAccess(*Registry(), LookUp("", false), then);
  CHECK(said->verdict().allowed());
  CHECK(said->verdict().rule() == "old");
  CHECK(said->answer_fields().empty());
}

TEST_CASE("what the registry itself refuses is a verdict too, an unknown system an error") {
  auto unknown = LookUp();
  unknown.set_method("probe.v1.PeopleService/LookUpp");
  const auto said = ExplainAccess(*Registry(), unknown, kNow);
  CHECK(said->verdict().rule() == "registry");
  CHECK(said->verdict().reason() == "METHOD_UNKNOWN");
  auto nobody = LookUp();
  nobody.set_consumer("VN:GOV:H99:x");
  CHECK(ExplainAccess(*Registry(), nobody, kNow).status().code() == absl::StatusCode::kNotFound);
}

TEST_CASE("who can see a field: all of it, a part of it, not at all") {
  const auto readers = [](const std::string& field, const std::string& service = "") {
    v1::ListFieldReadersRequest request;
    request.set_field(field);
    request.set_service(service);
    return ListFieldReaders(*Registry(), request, kNow);
  };
  const auto name = readers("person.full_name");
  REQUIRE(name.ok());
  REQUIRE(name->readers_size() == name->methods_size() + 1);  // by "old" in each of them
  CHECK(name->methods(0) == "probe.v1.PeopleService/LookUp");
  CHECK(name->readers(0).grant() == "narrow");
  CHECK(name->readers(0).whole());
  CHECK(name->readers(0).in_force());
  CHECK(name->readers(0).member_vi() == "UBND tỉnh Thái Nguyên");
  CHECK(name->readers(0).purposes(0) == "tthc");
  CHECK(name->readers(1).grant() == "old");
  CHECK_FALSE(name->readers(1).in_force());
  const auto person = readers("person");
  REQUIRE(person->readers_size() == name->readers_size());
  CHECK_FALSE(person->readers(0).whole());
  CHECK(person->readers(1).whole());
  const auto address = readers("person.address.detail");
  REQUIRE(address->readers_size() == address->methods_size());
  CHECK(address->readers(0).grant() == "old");
  CHECK(readers("person.full_name", "probe.v1.CatalogueService").status().code() ==
        absl::StatusCode::kNotFound);
  CHECK(readers("nothing").status().code() == absl::StatusCode::kNotFound);
}

}  // namespace
}  // namespace ndx::console
