// From a wish to a grant: what is filled in, what is missing, who is concerned.
#include "ndx/console/access_wish.h"

#include <catch2/catch.hpp>
#include <set>
#include <string>

#include "google/protobuf/text_format.h"
#include "ndx/tests/support/registry_fixture.h"

namespace ndx::console {
namespace {

using Catch::Contains;
using registry::v1::Grant;

constexpr char kRegistered[] = R"(
consumer_groups: []
grants:
- name: ends
  consumer: "VN:GOV:H55:mot-cua"
  methods: ["probe.v1.PeopleService/LookUp"]
  answer_fields: [person.full_name]
  valid_to: "2026-06-30"
  legal_basis: QD 1
- name: endless
  consumer: "VN:GOV:H55:mot-cua"
  methods: ["probe.v1.PeopleService/LookUp"]
  legal_basis: QD 1
)";
constexpr char kComplete[] = R"(consumer: "VN:GOV:H55:mot-cua" purposes: "tthc"
  legal_basis: "QD 12/2026" per_day: 500 subjects_per_day: 300 valid_to: "2026-12-31" )";
const absl::CivilDay kAskedOn(2026, 3, 2);

struct Wishing {
  std::shared_ptr<const registry::RegistrySnapshot> snapshot;
  registry::EditableDocument document;

  explicit Wishing(const std::string& people_more = "") {
    std::string base = tests::ProbeRegistryYaml();
    base.insert(base.find("  adapter: people\n"), people_more);
    const std::vector<settings::SettingsFile> files = {{.name = "/base.yaml", .text = base},
                                                       {.name = "/more.yaml", .text = kRegistered}};
    snapshot = registry::BuildRegistry(files, tests::ProbeSource()).value();
    document = registry::EditableDocument::Of(registry::ParseRegistry(files).value()).value();
  }

  absl::StatusOr<Grant> Get(const std::string& text) const {
    v1::AccessWish wish;
    REQUIRE(google::protobuf::TextFormat::ParseFromString(text, &wish));
    return GrantOfWish(wish, 7, document, *snapshot, kAskedOn);
  }
  std::string Fault(const std::string& text) const {
    return std::string(Get(text).status().message());
  }
};

TEST_CASE("where no method is named, it is the least one of the service") {
  const Wishing with_least("  least_method: Verify\n");
  const std::string service = R"(service: "probe.v1.PeopleService")";
  const auto grant = with_least.Get(kComplete + service);
  INFO(grant.status());
  REQUIRE(grant.ok());
  CHECK(grant->name() == "access-7");
  REQUIRE(grant->methods_size() == 1);
  CHECK(grant->methods(0) == "probe.v1.PeopleService/Verify");
  CHECK(grant->answer_fields().empty());
  CHECK(grant->quota().per_day() == 500);
  CHECK_FALSE(grant->quota().has_per_second());
  CHECK_THAT(Wishing().Fault(kComplete + service), Contains("has no least method"));
  CHECK_THAT(with_least.Fault(std::string(kComplete) + R"(service: "probe.v1.Gone")"),
             Contains("ndxctl services"));
}

TEST_CASE("more than the least method needs the fields that are wanted") {
  const Wishing wishing("  least_method: Verify\n");
  const std::string look_up =
      std::string(kComplete) + R"(service: "probe.v1.PeopleService" methods: "LookUp" )";
  CHECK_THAT(wishing.Fault(look_up), Contains("name the fields of the answer"));
  const auto grant = wishing.Get(look_up + R"(answer_fields: "person.full_name")");
  REQUIRE(grant.ok());
  CHECK(grant->methods(0) == "probe.v1.PeopleService/LookUp");
}

TEST_CASE("each thing that a wish has to say is asked for by name") {
  const Wishing wishing("  least_method: Verify\n");
  struct Case {
    std::string text;
    std::string fault;
  };
  const std::string service = R"(service: "probe.v1.PeopleService" )";
  const std::string who = R"(consumer: "VN:GOV:H55:mot-cua" )";
  const std::string what = service + who + R"(purposes: "tthc" legal_basis: "QD" )";
  const Case cases[] = {
      {service, "one consumer or one consumer group"},
      {service + who + R"(consumer_group: "g" )", "one consumer or one consumer group"},
      {service + who, "a purpose is missing"},
      {what, "expected a day is missing"},
      {what + "per_day: 5 ", "persons or enterprises asked about a day is missing"},
      {what + "per_day: 5 subjects_per_day: 5", "a day to come"},
      {what + R"(per_day: 5 subjects_per_day: 5 valid_to: "2026-03-01")", "a day to come"},
      {what + R"(per_day: 5 subjects_per_day: 5 valid_to: "2026-3-9")", "a day to come"},
      {kComplete + service + R"(name: "ends")", "there is a grant \"ends\" already"},
      {std::string(kComplete) + R"(methods: "Verify")", "needs its service"},
      {R"(consumer: "VN:GOV:H55:mot-cua" purposes: "tthc" per_day: 5 subjects_per_day: 3
          valid_to: "2026-12-31" )" +
           service,
       "legal basis is missing"},
  };
  for (const Case& each : cases) {
    INFO(each.text);
    CHECK_THAT(wishing.Fault(each.text), Contains(each.fault));
  }
  CHECK(wishing.Get(what + R"(per_day: 5 subjects_per_day: 5 valid_to: "2026-03-02")").ok());
}

TEST_CASE("an extension changes the last day and the legal basis, nothing else") {
  const Wishing wishing;
  const auto longer = wishing.Get(R"(renews: "ends" valid_to: "2027-06-30")");
  INFO(longer.status());
  REQUIRE(longer.ok());
  Grant was = wishing.document.entries().at({registry::v1::ENTRY_KIND_GRANT, "ends"}).grant();
  was.set_valid_to("2027-06-30");
  CHECK(longer->SerializeAsString() == was.SerializeAsString());
  CHECK(
      wishing.Get(R"(renews: "ends" valid_to: "2027-06-30" legal_basis: "QD 9")")->legal_basis() ==
      "QD 9");
  CHECK_THAT(wishing.Fault(R"(renews: "gone" valid_to: "2027-06-30")"), Contains("no grant"));
  CHECK_THAT(wishing.Fault(R"(renews: "ends" valid_to: "2026-06-30")"), Contains("behind"));
  CHECK_THAT(wishing.Fault(R"(renews: "endless" valid_to: "2027-06-30")"), Contains("it has none"));
  CHECK_THAT(wishing.Fault(R"(renews: "ends" valid_to: "2027-06-30" per_day: 9)"),
             Contains("names only the grant"));
}

TEST_CASE("owners are the members whose systems provide what is asked for") {
  const Wishing wishing;
  Grant grant;
  grant.add_methods("probe.v1.PeopleService/LookUp");
  CHECK(OwnersOf(grant, *wishing.snapshot) == std::set<std::string>{"G01"});
  grant.add_providers("VN:GOV:G09.20:ho-so");
  CHECK(OwnersOf(grant, *wishing.snapshot).empty());
  grant.set_methods(0, "probe.v1.Gone/*");
  CHECK(OwnersOf(grant, *wishing.snapshot).empty());
}

TEST_CASE("a group's members are those of its systems") {
  const Wishing wishing;
  Grant grant;
  grant.set_consumer("VN:GOV:000.00.20.G09:ho-so");
  CHECK(ConsumingMembersOf(grant, wishing.document, *wishing.snapshot) ==
        std::set<std::string>{"G09.20"});
  registry::EditableDocument document = wishing.document;
  registry::v1::EntryChange group;
  group.mutable_consumer_group()->set_name("all");
  group.mutable_consumer_group()->add_systems("VN:GOV:H55:mot-cua");
  group.mutable_consumer_group()->add_systems("VN:GOV:G09.20:ho-so");
  grant.clear_consumer();
  grant.set_consumer_group("all");
  CHECK(ConsumingMembersOf(grant, document, *wishing.snapshot).empty());
  REQUIRE(document.Apply(group).ok());
  CHECK(ConsumingMembersOf(grant, document, *wishing.snapshot) ==
        std::set<std::string>{"G09.20", "H55"});
}

}  // namespace
}  // namespace ndx::console
