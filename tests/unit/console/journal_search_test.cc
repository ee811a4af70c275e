#include "ndx/console/journal_search.h"

#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "ndx/tests/unit/console/console_fixture.h"

namespace ndx::console {
namespace {

using journal::v1::JOURNAL_EVENT_ANSWERED;
using journal::v1::JOURNAL_EVENT_FAILED;
using journal::v1::JOURNAL_EVENT_IN_DOUBT;
using journal::v1::JOURNAL_EVENT_NODE_STARTED;
using journal::v1::JOURNAL_EVENT_OPERATOR_READ;
using journal::v1::JOURNAL_EVENT_REFUSED;
using journal::v1::JOURNAL_EVENT_REQUEST_OPENED;
using journal::v1::JOURNAL_EVENT_RESOLVED;
using tests::ExchangeIdText;
using tests::ExchangeLeaf;

std::vector<std::string> IdsOf(const v1::ListExchangesResponse& page) {
  std::vector<std::string> ids;
  for (const auto& exchange : page.exchanges()) ids.push_back(exchange.exchange_id());
  return ids;
}

// A node of which only the journal is asked for.
struct JournalSearchFixture {
  absl::StatusOr<v1::ListExchangesResponse> List(const v1::ListExchangesRequest& request) {
    const JournalSearch lists(console.node());
    auto filter = lists.Read(ExpressionOf(request.filter()));
    if (filter.ok()) REQUIRE(lists.Resolve(&*filter).ok());
    return filter.ok() ? lists.ListExchanges(request, *filter) : filter.status();
  }
  absl::StatusOr<v1::ListRecordsResponse> ListRecords(const v1::ListRecordsRequest& request) {
    const JournalSearch lists(console.node());
    auto filter = lists.Read(ExpressionOf(request));
    return filter.ok() ? lists.ListRecords(request, *filter) : filter.status();
  }
  std::vector<std::string> Ids(const std::string& expression) {
    v1::ListExchangesRequest request;
    request.mutable_filter()->set_expression(expression);
    const auto page = List(request);
    REQUIRE(page.ok());
    return IdsOf(*page);
  }

  tests::ConsoleFixture console;
  tests::LeafJournal& journal = console.journal();
  tests::FakeClock& clock = console.clock();
};

TEST_CASE("an exchange stands in the list once, in the state of its newest leaf, newest first") {
  JournalSearchFixture f;
  f.journal.Put(ExchangeLeaf(JOURNAL_EVENT_REQUEST_OPENED, 1));
  f.journal.Put(ExchangeLeaf(JOURNAL_EVENT_REQUEST_OPENED, 2));
  f.journal.Put(ExchangeLeaf(JOURNAL_EVENT_IN_DOUBT, 1));
  f.journal.Put(ExchangeLeaf(JOURNAL_EVENT_REFUSED, 3));
  f.journal.Put(ExchangeLeaf(JOURNAL_EVENT_RESOLVED, 1));
  f.journal.Put(ExchangeLeaf(JOURNAL_EVENT_OPERATOR_READ, 3));
  journal::v1::JournalLeaf start;
  start.set_event(JOURNAL_EVENT_NODE_STARTED);
  f.journal.Put(start);
  const auto page = f.List({});
  REQUIRE(page.ok());
  CHECK(IdsOf(*page) ==
        std::vector<std::string>{ExchangeIdText(1), ExchangeIdText(3), ExchangeIdText(2)});
  CHECK(page->exchanges(0).state() == v1::EXCHANGE_STATE_RESOLVED);
  CHECK(page->exchanges(2).state() == v1::EXCHANGE_STATE_OPEN);
  CHECK(page->next_cursor().empty());
  CHECK(page->tree_size() == 7);
}

TEST_CASE("an exchange whose caller asked again and was refused stands in the list once") {
  JournalSearchFixture f;
  f.journal.Put(ExchangeLeaf(JOURNAL_EVENT_IN_DOUBT, 1));
  f.journal.Put(ExchangeLeaf(JOURNAL_EVENT_REFUSED, 1));
  const auto page = f.List({});
  REQUIRE(page.ok());
  REQUIRE(page->exchanges_size() == 1);
  CHECK(page->exchanges(0).state() == v1::EXCHANGE_STATE_IN_DOUBT);
}

TEST_CASE("pages follow each other without gap or repetition") {
  JournalSearchFixture f;
  for (int i = 0; i < 7; ++i) f.journal.Put(ExchangeLeaf(JOURNAL_EVENT_ANSWERED, i));
  v1::ListExchangesRequest request;
  request.set_page_size(3);
  std::vector<std::string> ids;
  int pages = 0;
  do {
    const auto page = f.List(request);
    REQUIRE(page.ok());
    for (const std::string& id : IdsOf(*page)) ids.push_back(id);
    request.set_cursor(page->next_cursor());
    ++pages;
    // What is appended meanwhile does not shift the pages that follow.
    f.journal.Put(ExchangeLeaf(JOURNAL_EVENT_ANSWERED, 100 + pages));
  } while (!request.cursor().empty());
  CHECK(pages == 3);
  std::vector<std::string> expected;
  for (int i = 6; i >= 0; --i) expected.push_back(ExchangeIdText(i));
  CHECK(ids == expected);
}

TEST_CASE("times bound the list: from is included, to is not") {
  JournalSearchFixture f;
  const absl::Time start = f.clock.Now();
  for (int i = 0; i < 4; ++i) {
    f.journal.Put(ExchangeLeaf(JOURNAL_EVENT_ANSWERED, i));
    f.clock.Advance(absl::Seconds(10));
  }
  v1::ListExchangesRequest request;
  *request.mutable_filter()->mutable_from() = ToTimestamp(start + absl::Seconds(10));
  *request.mutable_filter()->mutable_to() = ToTimestamp(start + absl::Seconds(30));
  const auto page = f.List(request);
  REQUIRE(page.ok());
  CHECK(IdsOf(*page) == std::vector<std::string>{ExchangeIdText(2), ExchangeIdText(1)});
}

TEST_CASE("a page size past the limit and a foreign cursor are refused") {
  JournalSearchFixture f;
  v1::ListExchangesRequest request;
  request.set_page_size(kPageSizeMax);
  CHECK(f.List(request).ok());
  request.set_page_size(kPageSizeMax + 1);
  CHECK(absl::IsInvalidArgument(f.List(request).status()));
  request.set_page_size(1);
  request.set_cursor("x");
  CHECK(absl::IsInvalidArgument(f.List(request).status()));
}

TEST_CASE("records are listed by event and by operator") {
  JournalSearchFixture f;
  f.journal.Put(ExchangeLeaf(JOURNAL_EVENT_ANSWERED, 1));
  auto read = ExchangeLeaf(JOURNAL_EVENT_OPERATOR_READ, 1);
  read.set_operator_name("lan");
  f.journal.Put(read);
  read.set_operator_name("minh");
  f.journal.Put(read);
  v1::ListRecordsRequest request;
  CHECK(f.ListRecords(request)->records_size() == 3);
  request.add_events(JOURNAL_EVENT_OPERATOR_READ);
  CHECK(f.ListRecords(request)->records_size() == 2);
  request.set_operator_name("lan");
  const auto page = f.ListRecords(request);
  REQUIRE(page->records_size() == 1);
  CHECK(page->records(0).index() == 1);
}

TEST_CASE("every short form of a filter says the same as an expression") {
  v1::ExchangeFilter filter;
  CHECK(ExpressionOf(filter).empty());
  filter.set_expression("duration > 2s");
  CHECK(ExpressionOf(filter) == "duration > 2s");
  *filter.mutable_from() = ToTimestamp(absl::FromUnixSeconds(1'750'000'000));
  filter.set_consumer("VN:\"x\\");
  filter.add_states(v1::EXCHANGE_STATE_IN_DOUBT);
  filter.add_states(v1::EXCHANGE_STATE_OPEN);
  CHECK(ExpressionOf(filter) ==
        R"(time >= "2025-06-15T15:06:40Z" AND consumer = "VN:\"x\\" AND )"
        R"((outcome = "IN_DOUBT" OR outcome = "OPEN") AND (duration > 2s))");
  v1::ListRecordsRequest records;
  records.add_events(JOURNAL_EVENT_NODE_STARTED);
  records.set_operator_name("lan");
  CHECK(ExpressionOf(records) == R"(operator = "lan" AND (event = "NODE_STARTED"))");
}

TEST_CASE("an expression finds exchanges by what their newest leaf says") {
  JournalSearchFixture f;
  auto slow = ExchangeLeaf(JOURNAL_EVENT_FAILED, 1);
  slow.set_duration_us(3'000'000);
  f.journal.Put(slow);
  f.journal.Put(ExchangeLeaf(JOURNAL_EVENT_FAILED, 2));
  auto replay = ExchangeLeaf(JOURNAL_EVENT_ANSWERED, 3);
  replay.set_replay_of(slow.exchange_id());
  f.journal.Put(replay);
  CHECK(f.Ids("outcome = failed AND duration > 2s") == std::vector{ExchangeIdText(1)});
  CHECK(f.Ids("replay_of = " + ExchangeIdText(1)) == std::vector{ExchangeIdText(3)});
  CHECK(f.Ids("replayed_as = " + ExchangeIdText(3)) == std::vector{ExchangeIdText(1)});
  CHECK(f.Ids("replayed_as = " + ExchangeIdText(2)).empty());
  CHECK(f.Ids("replayed_as = " + ExchangeIdText(9)).empty());
}

TEST_CASE("dossiers are found by their reference; a list says how far it went") {
  JournalSearchFixture f;
  auto leaf = ExchangeLeaf(JOURNAL_EVENT_ANSWERED, 1);
  leaf.mutable_dossier()->set_hmac(tests::ConsoleFixture::ReferenceTo("H55-1"));
  f.journal.Put(leaf);
  f.journal.Put(ExchangeLeaf(JOURNAL_EVENT_ANSWERED, 2));
  CHECK(f.Ids("dossier = H55-1") == std::vector{ExchangeIdText(1)});
  CHECK(f.Ids("dossier = H55-2").empty());
  const auto page = f.List({});
  REQUIRE(page.ok());
  CHECK(FromTimestamp(page->extent().from()) == f.clock.Now() - absl::Hours(24));
  CHECK(FromTimestamp(page->extent().scanned_to()) == f.clock.Now() - absl::Hours(24));
  CHECK(page->extent().from_by_default());
  CHECK_FALSE(page->extent().has_to());
  CHECK_FALSE(page->extent().partial());
}

TEST_CASE("a filter that is none is refused with its place in both languages") {
  JournalSearchFixture f;
  v1::ListExchangesRequest request;
  request.mutable_filter()->set_expression("consumer = a AND colour = 001088012345");
  const auto page = f.List(request);
  CHECK(absl::IsInvalidArgument(page.status()));
  CHECK_THAT(std::string(page.status().message()),
             Catch::StartsWith("filter, character 18: ") && !Catch::Contains("001088012345"));
}

}  // namespace
}  // namespace ndx::console
