#include "ndx/console/report_fields.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <memory>
#include <string>
#include <vector>

#include "ndx/tests/support/fake_clock.h"
#include "ndx/tests/support/registry_fixture.h"
#include "ndx/tests/unit/console/console_fixture.h"

namespace ndx::console {
namespace {

using journal::v1::JOURNAL_EVENT_ANSWERED;
using journal::v1::JOURNAL_EVENT_REQUEST_OPENED;
using tests::ExchangeLeaf;

constexpr char kGrants[] = R"(
grants:
- name: two-fields
  consumer: "VN:GOV:H55:mot-cua"
  methods: ["probe.v1.PeopleService/LookUp"]
  purposes: [tthc]
  answer_fields: [person.full_name, person.address.detail, person.photo, total]
  legal_basis: QD 1
- name: everything
  consumer: "VN:GOV:H55:mot-cua"
  methods: ["probe.v1.PeopleService/LookUp", "probe.v1.PeopleService/Verify"]
  purposes: [tthc]
  legal_basis: QD 2
)";

std::vector<std::string> PathsOf(const v1::FieldSet& set) {
  std::vector<std::string> paths;
  for (const auto& field : set.fields()) paths.push_back(field.path());
  return paths;
}

struct ReportFieldsFixture {
  // An answered exchange, allowed by a grant.
  journal::v1::JournalLeaf Answered(const std::string& grant,
                                    const std::string& method = "/probe.v1.PeopleService/LookUp") {
    auto leaf = ExchangeLeaf(JOURNAL_EVENT_ANSWERED, 1);
    leaf.set_method(method);
    leaf.mutable_decision()->set_allowed(true);
    leaf.mutable_decision()->set_rule(grant);
    leaf.set_registry_version(registry->version());
    return leaf;
  }
  // The set of an exchange of this one leaf, with an answer unless told otherwise.
  v1::FieldSet SetOf(const journal::v1::JournalLeaf& leaf,
                     std::vector<std::string> answer = {"a"}) {
    const uint64_t index = journal.Put(leaf, {"q"}, std::move(answer));
    return fields.sets().at(fields.SetOf({journal.Leaf(index).value()}) - 1);
  }

  tests::FakeClock clock;
  tests::LeafJournal journal{clock};
  std::shared_ptr<const registry::RegistrySnapshot> registry =
      tests::BuildProbeRegistry(kGrants).value();
  ReportFields fields{*registry};
};

TEST_CASE("what left is what the grant names, less what was taken out, with its class") {
  ReportFieldsFixture f;
  const auto granted = f.SetOf(f.Answered("two-fields"));
  CHECK(granted.basis() == v1::FIELD_BASIS_GRANT);
  CHECK(granted.method() == "/probe.v1.PeopleService/LookUp");
  CHECK(PathsOf(granted) == std::vector<std::string>{"person.full_name", "person.address.detail",
                                                     "person.photo", "total"});
  CHECK(granted.fields(0).personal_data() == options::v1::PERSONAL_DATA_BASIC);
  CHECK(granted.fields(2).personal_data() == options::v1::PERSONAL_DATA_SENSITIVE);
  CHECK(granted.fields(3).personal_data() == options::v1::PERSONAL_DATA_UNSPECIFIED);
  auto leaf = f.Answered("two-fields");
  leaf.mutable_decision()->add_fields_removed("person.address");
  leaf.mutable_decision()->add_fields_removed("person.full");  // no part of person.full_name
  leaf.mutable_decision()->add_fields_removed("…");
  const auto removed = f.SetOf(leaf);
  CHECK(PathsOf(removed) == std::vector<std::string>{"person.full_name", "person.photo", "total"});
  CHECK(removed.removed_size() == 2);
  CHECK(removed.removed_cut());
}

TEST_CASE("a type within itself is listed once on the way down") {
  ReportFieldsFixture f;
  const auto paths = PathsOf(f.SetOf(f.Answered("everything")));
  const auto has = [&](const std::string& path) {
    return std::find(paths.begin(), paths.end(), path) != paths.end();
  };
  CHECK(has("person.children"));  // of the type that it stands in
  CHECK_FALSE(has("person.children.full_name"));
  CHECK(has("household.address.province"));
  CHECK(has("person.addresses"));  // a map is one field
  CHECK(has("person.seen.seconds"));
}

TEST_CASE("what cannot be known is said") {
  ReportFieldsFixture f;
  auto before = f.Answered("two-fields");
  before.set_registry_version("another");
  const auto of_today = f.SetOf(before);
  CHECK(of_today.basis() == v1::FIELD_BASIS_TYPE_OF_TODAY);
  CHECK(of_today.fields_size() > 20);  // the grant of that time is not known
  before.mutable_decision()->set_fields_removed_sha256(std::string(32, 'd'));
  CHECK(f.SetOf(before).basis() == v1::FIELD_BASIS_LIST_BESIDE);
  CHECK(f.SetOf(before).removed_cut());
  const auto unknown = f.SetOf(f.Answered("two-fields", "/probe.v1.Gone/Away"));
  CHECK(unknown.basis() == v1::FIELD_BASIS_UNKNOWN_TYPE);
  CHECK(unknown.fields().empty());
  const auto none = f.SetOf(f.Answered("two-fields"), {});
  CHECK(none.basis() == v1::FIELD_BASIS_NO_ANSWER);
  CHECK(none.fields().empty());
}

TEST_CASE("equal sets have one number; a doubt that was resolved keeps the decision before it") {
  ReportFieldsFixture f;
  const auto first = f.SetOf(f.Answered("two-fields"));
  const auto again = f.SetOf(f.Answered("two-fields"));
  CHECK(first.number() == 1);
  CHECK(again.number() == 1);
  auto opened = f.Answered("two-fields");
  opened.set_event(JOURNAL_EVENT_REQUEST_OPENED);
  auto resolved = ExchangeLeaf(journal::v1::JOURNAL_EVENT_RESOLVED, 1);
  const uint64_t at = f.journal.Put(opened, {"q"});
  f.journal.Put(resolved, {}, {"a"});
  CHECK(f.fields.SetOf({f.journal.Leaf(at).value(), f.journal.Leaf(at + 1).value()}) == 1);
  CHECK(f.fields.sets().size() == 1);
}

}  // namespace
}  // namespace ndx::console
