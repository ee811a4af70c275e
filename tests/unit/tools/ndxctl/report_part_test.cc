#include "ndx/tools/ndxctl/report_part.h"

#include <catch2/catch.hpp>

#include "ndx/tests/unit/console/console_fixture.h"
#include "ndx/tests/unit/tools/ndxctl/report_journal.h"

namespace ndx::tools::ndxctl {
namespace {

namespace api = console::v1;

using journal::v1::JOURNAL_EVENT_ANSWERED;
using tests::ExchangeLeaf;
using tests::ReportJournal;

TEST_CASE("a part whose every leaf is proved against a key that was given is verified") {
  ReportJournal node("lgsp.test");
  const ReportJournal other("ndxp.test");
  node.Append(ExchangeLeaf(JOURNAL_EVENT_ANSWERED, 1), {"q"}, {"a"});
  ReportPart part = node.Answer({1});
  Judge({other.vkey(), node.vkey()}, part);
  CHECK(part.source.verdict() == api::SOURCE_VERDICT_VERIFIED);
  CHECK(part.source.origin() == "lgsp.test/journal/1");
  CHECK(part.source.tree_size() == 3);
  CHECK(part.source.root().size() == 64);
  CHECK(part.source.operator_name() == "investigator");
  CHECK(part.source.reason() == "request 17");
  CHECK(part.source.exchanges() == 1);
  CHECK(part.source.searched_to() == 2);
}

TEST_CASE("without a key of its journal a part only agrees with itself") {
  ReportJournal node("lgsp.test");
  const ReportJournal other("ndxp.test");
  ReportPart part = node.Answer({});
  Judge({other.vkey()}, part);
  CHECK(part.source.verdict() == api::SOURCE_VERDICT_OWN_KEY);
}

TEST_CASE("what does not hold is rejected with the leaf concerned, and loses its exchanges") {
  ReportJournal node("lgsp.test");
  node.Append(ExchangeLeaf(JOURNAL_EVENT_ANSWERED, 1), {"q"}, {"a"});
  node.Append(ExchangeLeaf(JOURNAL_EVENT_ANSWERED, 2, "VN:GOV:H56:mot-cua"), {"q"}, {"a"});
  const ReportPart good = node.Answer({1, 2});
  const auto rejected = [&](auto alter, const std::string& problem) {
    ReportPart part = good;
    alter(part);
    Judge({node.vkey()}, part);
    INFO(part.source.problem());
    CHECK(part.source.verdict() == api::SOURCE_VERDICT_REJECTED);
    CHECK_THAT(part.source.problem(), Catch::Contains(problem));
    CHECK(part.exchanges.empty());
  };
  rejected(
      [](ReportPart& part) {
        // Another purpose, with the receipt of the leaf as it was.
        auto* leaf = part.exchanges[0].mutable_leaves(0);
        journal::v1::JournalLeaf altered;
        REQUIRE(altered.ParseFromString(leaf->leaf()));
        altered.set_purpose("harmless");
        leaf->set_leaf(altered.SerializeAsString());
      },
      "leaf 1: ");
  rejected([](ReportPart& part) { part.exchanges[0].mutable_leaves(0)->set_index(7); }, "leaf 7: ");
  rejected([](ReportPart& part) { part.exchanges[0].mutable_leaves(0)->clear_receipt(); },
           "leaf 1: ");
  // A leaf of somebody else's exchange under this one's id, and under this one's consumer.
  rejected([](ReportPart& part) { part.exchanges[1].set_exchange_id(tests::ExchangeIdText(1)); },
           "leaf 2: ");
  rejected([](ReportPart& part) { part.exchanges[1].set_consumer("VN:GOV:H55:mot-cua"); },
           "leaf 2: ");
  rejected([](ReportPart& part) { *part.head.mutable_report_leaf() = part.exchanges[0].leaves(0); },
           "does not record that a report was asked for");
  const ReportJournal imposter("lgsp.testx");
  rejected([&](ReportPart& part) { part.head.clear_checkpoint(); }, "");
  ReportPart foreign = good;
  foreign.head.set_vkey(imposter.vkey());
  Judge({}, foreign);
  CHECK(foreign.source.verdict() == api::SOURCE_VERDICT_REJECTED);
}

}  // namespace
}  // namespace ndx::tools::ndxctl
