#include "ndx/tools/ndxctl/report_merge.h"

#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "ndx/console/exchange_view.h"
#include "ndx/tests/unit/console/console_fixture.h"
#include "ndx/tests/unit/tools/ndxctl/report_journal.h"

namespace ndx::tools::ndxctl {
namespace {

namespace api = console::v1;

using journal::v1::JOURNAL_EVENT_ANSWERED;
using journal::v1::JOURNAL_EVENT_IN_DOUBT;
using journal::v1::JOURNAL_EVENT_OPERATOR_READ;
using tests::ExchangeIdText;
using tests::ExchangeLeaf;
using tests::ReportJournal;

const absl::Time kMade = absl::FromUnixSeconds(1'800'000'000);

ReportPart Judged(ReportPart part) {
  Judge({}, part);
  REQUIRE(part.source.verdict() == api::SOURCE_VERDICT_OWN_KEY);
  return part;
}

journal::v1::JournalLeaf Relayed(journal::v1::JournalEvent event, int number,
                                 const std::vector<std::string>& path) {
  auto leaf = ExchangeLeaf(event, number);
  for (const std::string& node : path) leaf.add_relay_path(node);
  leaf.mutable_decision()->set_allowed(true);
  leaf.mutable_decision()->set_rule("look-up");
  return leaf;
}

TEST_CASE("an exchange that stands on two nodes is one row that names both, the nearest first") {
  ReportJournal lgsp("lgsp.test");
  ReportJournal ndxp("ndxp.test");
  lgsp.Append(Relayed(JOURNAL_EVENT_ANSWERED, 1, {"lgsp"}), {"q"}, {"a"});
  ndxp.Append(Relayed(JOURNAL_EVENT_IN_DOUBT, 1, {"lgsp", "ndxp"}), {"q"});
  ndxp.Append(ExchangeLeaf(JOURNAL_EVENT_OPERATOR_READ, 1));
  ndxp.clock().Advance(absl::Minutes(1));
  ndxp.Append(Relayed(JOURNAL_EVENT_ANSWERED, 2, {"ndxp"}), {"q"}, {"a"});
  const auto report = MergeParts({Judged(ndxp.Answer({1, 2})), Judged(lgsp.Answer({1}))}, kMade);
  REQUIRE(report.ok());
  REQUIRE(report->rows_size() == 2);
  const auto& row = report->rows(0);
  CHECK(row.exchange_id() == ExchangeIdText(1));
  CHECK(row.state() == api::EXCHANGE_STATE_ANSWERED);  // at the node nearest the consumer
  CHECK(row.grant() == "look-up");
  REQUIRE(row.records_size() == 2);
  CHECK(row.records(0).origin() == "lgsp.test/journal/1");
  CHECK(row.records(1).origin() == "ndxp.test/journal/1");
  CHECK(row.records(1).state() == api::EXCHANGE_STATE_IN_DOUBT);
  CHECK(row.records(1).leaves_size() == 2);
  REQUIRE(row.operator_acts_size() == 1);
  CHECK(row.operator_acts(0).origin() == "ndxp.test/journal/1");
  CHECK(report->rows(1).records_size() == 1);
  CHECK(report->counts().exchanges() == 2);
  CHECK(report->counts().consumers() == 1);
  CHECK(report->counts().purposes() == 1);
  CHECK(report->counts().operator_acts() == 1);
  CHECK(report->sources_size() == 2);
  CHECK(report->complete());
  CHECK(report->field_sets_size() == 1);  // the same on both
  CHECK(report->names_size() == 1);
  CHECK(report->subjects(0) == tests::kReportedPerson);
}

TEST_CASE("one exchange id of two consumers is two rows") {
  ReportJournal lgsp("lgsp.test");
  ReportJournal ndxp("ndxp.test");
  lgsp.Append(ExchangeLeaf(JOURNAL_EVENT_ANSWERED, 1), {"q"}, {"a"});
  ndxp.Append(ExchangeLeaf(JOURNAL_EVENT_ANSWERED, 1, "VN:GOV:H56:mot-cua"), {"q"}, {"a"});
  const auto report = MergeParts({Judged(lgsp.Answer({1})), Judged(ndxp.Answer({1}))}, kMade);
  REQUIRE(report->rows_size() == 2);
  CHECK(report->rows(0).consumer() != report->rows(1).consumer());
  CHECK(report->counts().consumers() == 2);
}

TEST_CASE("two exports of one journal are laid over each other, the newer one counts") {
  ReportJournal node("lgsp.test");
  node.Append(Relayed(JOURNAL_EVENT_IN_DOUBT, 1, {}), {"q"});
  const ReportPart before = Judged(node.Answer({1}));
  auto resolved = ExchangeLeaf(journal::v1::JOURNAL_EVENT_RESOLVED, 1);
  resolved.set_caused_by_plus_one(2);
  resolved.set_operator_name("replayer");
  node.Append(resolved, {}, {"a"});
  ReportPart after = node.Answer({1});
  after.scope.mutable_field_sets(0)->mutable_fields(0)->set_path("newer");
  after = Judged(after);
  for (const auto& parts : {std::vector{before, after}, std::vector{after, before}}) {
    const auto report = MergeParts(parts, kMade);
    REQUIRE(report->rows_size() == 1);
    const auto& row = report->rows(0);
    CHECK(row.state() == api::EXCHANGE_STATE_RESOLVED);
    REQUIRE(row.records_size() == 1);
    CHECK(row.records(0).leaves_size() == 2);
    CHECK(report->field_sets(static_cast<int>(row.field_set()) - 1).fields(0).path() == "newer");
    CHECK(row.grant() == "look-up");
    REQUIRE(row.operator_acts_size() == 1);
    CHECK(row.operator_acts(0).operator_name() == "replayer");
  }
}

TEST_CASE("known codes are named by the references of their own node; proved and stated differ") {
  ReportJournal node("lgsp.test");
  auto leaf = ExchangeLeaf(JOURNAL_EVENT_ANSWERED, 1);
  leaf.mutable_dossier()->set_hmac(std::string(16, 'd'));
  leaf.mutable_dossier()->set_key_year(2026);
  leaf.mutable_officer()->set_hmac(std::string(16, 'o'));
  leaf.mutable_officer()->set_key_year(2026);
  leaf.mutable_officer()->set_proved(true);
  node.Append(leaf, {"q"}, {"a"});
  ReportPart part = node.Answer({1});
  auto& known = *part.scope.add_dossiers();
  known.set_value("H55-261122-0042");
  known.add_hmacs(std::string(16, 'c'));
  known.add_hmacs(std::string(16, 'd'));
  const auto report = MergeParts({Judged(part)}, kMade);
  const auto& record = report->rows(0).records(0);
  CHECK(record.dossier().known_as() == "H55-261122-0042");
  CHECK(record.officer().known_as().empty());
  CHECK(record.officer().proved());
  CHECK(record.officer().known_by() == "officer-token");
  CHECK(record.officer().reference() == "6f6f6f6f6f6f6f6f6f6f6f6f6f6f6f6f");
}

TEST_CASE("what was rejected or searched in part leaves the report incomplete") {
  ReportJournal node("lgsp.test");
  node.Append(ExchangeLeaf(JOURNAL_EVENT_ANSWERED, 1), {"q"}, {"a"});
  ReportPart part = node.Answer({1});
  part.scope.set_partial(true);
  CHECK_FALSE(MergeParts({Judged(part)}, kMade)->complete());
  ReportPart rejected = node.Answer({1});
  Reject("altered", rejected);
  const auto report = MergeParts({rejected}, kMade);
  REQUIRE(report.ok());
  CHECK_FALSE(report->complete());
  CHECK(report->rows().empty());
  CHECK(report->sources(0).problem() == "altered");
}

TEST_CASE("reports about different people are not put together") {
  ReportJournal node("lgsp.test");
  ReportPart other = node.Answer({});
  other.scope.set_subjects(0, "999085005678");
  other.source.set_file("other.tar");
  const auto report = MergeParts({Judged(node.Answer({})), Judged(other)}, kMade);
  CHECK(absl::IsInvalidArgument(report.status()));
  CHECK_THAT(std::string(report.status().message()), Catch::Contains("other.tar"));
  CHECK_THAT(std::string(report.status().message()), !Catch::Contains("999085005678"));
  CHECK(absl::IsInvalidArgument(MergeParts({}, kMade).status()));
}

}  // namespace
}  // namespace ndx::tools::ndxctl
