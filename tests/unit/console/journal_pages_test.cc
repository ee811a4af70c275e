#include "ndx/console/journal_pages.h"

#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "ndx/tests/unit/console/console_fixture.h"

namespace ndx::console {
namespace {

using journal::v1::JOURNAL_EVENT_ANSWERED;
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

struct Fixture {
  tests::FakeClock clock;
  tests::LeafJournal journal{clock};
  JournalPages pages{journal};
};

TEST_CASE("an exchange stands in the list once, in the state of its newest leaf, newest first") {
  Fixture f;
  f.journal.Put(ExchangeLeaf(JOURNAL_EVENT_REQUEST_OPENED, 1));
  f.journal.Put(ExchangeLeaf(JOURNAL_EVENT_REQUEST_OPENED, 2));
  f.journal.Put(ExchangeLeaf(JOURNAL_EVENT_IN_DOUBT, 1));
  f.journal.Put(ExchangeLeaf(JOURNAL_EVENT_REFUSED, 3));
  f.journal.Put(ExchangeLeaf(JOURNAL_EVENT_RESOLVED, 1));
  f.journal.Put(ExchangeLeaf(JOURNAL_EVENT_OPERATOR_READ, 3));
  journal::v1::JournalLeaf start;
  start.set_event(JOURNAL_EVENT_NODE_STARTED);
  f.journal.Put(start);
  const auto page = f.pages.ListExchanges({});
  REQUIRE(page.ok());
  CHECK(IdsOf(*page) ==
        std::vector<std::string>{ExchangeIdText(1), ExchangeIdText(3), ExchangeIdText(2)});
  CHECK(page->exchanges(0).state() == v1::EXCHANGE_STATE_RESOLVED);
  CHECK(page->exchanges(2).state() == v1::EXCHANGE_STATE_OPEN);
  CHECK(page->next_cursor().empty());
  CHECK(page->tree_size() == 7);
}

TEST_CASE("an exchange whose caller asked again and was refused stands in the list once") {
  Fixture f;
  f.journal.Put(ExchangeLeaf(JOURNAL_EVENT_IN_DOUBT, 1));
  f.journal.Put(ExchangeLeaf(JOURNAL_EVENT_REFUSED, 1));
  const auto page = f.pages.ListExchanges({});
  REQUIRE(page.ok());
  REQUIRE(page->exchanges_size() == 1);
  CHECK(page->exchanges(0).state() == v1::EXCHANGE_STATE_IN_DOUBT);
  CHECK(f.pages.Find(ExchangeIdText(1), "")->summary.state() == v1::EXCHANGE_STATE_IN_DOUBT);
}

TEST_CASE("pages follow each other without gap or repetition") {
  Fixture f;
  for (int i = 0; i < 7; ++i) f.journal.Put(ExchangeLeaf(JOURNAL_EVENT_ANSWERED, i));
  v1::ListExchangesRequest request;
  request.set_page_size(3);
  std::vector<std::string> ids;
  int pages = 0;
  do {
    const auto page = f.pages.ListExchanges(request);
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

TEST_CASE("a page stops after its number of leaves, also when nothing matched") {
  tests::FakeClock clock;
  tests::LeafJournal journal(clock);
  for (int i = 0; i < 10; ++i) journal.Put(ExchangeLeaf(JOURNAL_EVENT_ANSWERED, i));
  const JournalPages pages(journal, /*leaves_read_max=*/4);
  v1::ListExchangesRequest request;
  request.mutable_filter()->set_consumer("nobody");
  uint64_t read = 0;
  int calls = 0;
  do {
    const auto page = pages.ListExchanges(request);
    REQUIRE(page.ok());
    CHECK(page->exchanges().empty());
    CHECK(page->leaves_read() <= 4);
    read += page->leaves_read();
    request.set_cursor(page->next_cursor());
    ++calls;
  } while (!request.cursor().empty());
  CHECK(read == 10);
  CHECK(calls == 3);
}

TEST_CASE("times bound the list: from is included, to is not") {
  Fixture f;
  const absl::Time start = f.clock.Now();
  for (int i = 0; i < 4; ++i) {
    f.journal.Put(ExchangeLeaf(JOURNAL_EVENT_ANSWERED, i));
    f.clock.Advance(absl::Seconds(10));
  }
  v1::ListExchangesRequest request;
  *request.mutable_filter()->mutable_from() = ToTimestamp(start + absl::Seconds(10));
  *request.mutable_filter()->mutable_to() = ToTimestamp(start + absl::Seconds(30));
  const auto page = f.pages.ListExchanges(request);
  REQUIRE(page.ok());
  CHECK(IdsOf(*page) == std::vector<std::string>{ExchangeIdText(2), ExchangeIdText(1)});
}

TEST_CASE("a page size past the limit and a foreign cursor are refused") {
  Fixture f;
  v1::ListExchangesRequest request;
  request.set_page_size(kPageSizeMax);
  CHECK(f.pages.ListExchanges(request).ok());
  request.set_page_size(kPageSizeMax + 1);
  CHECK(absl::IsInvalidArgument(f.pages.ListExchanges(request).status()));
  request.set_page_size(1);
  request.set_cursor("x");
  CHECK(absl::IsInvalidArgument(f.pages.ListExchanges(request).status()));
}

TEST_CASE("records are listed by event and by operator") {
  Fixture f;
  f.journal.Put(ExchangeLeaf(JOURNAL_EVENT_ANSWERED, 1));
  auto read = ExchangeLeaf(JOURNAL_EVENT_OPERATOR_READ, 1);
  read.set_operator_name("lan");
  f.journal.Put(read);
  read.set_operator_name("minh");
  f.journal.Put(read);
  v1::ListRecordsRequest request;
  CHECK(f.pages.ListRecords(request)->records_size() == 3);
  request.add_events(JOURNAL_EVENT_OPERATOR_READ);
  CHECK(f.pages.ListRecords(request)->records_size() == 2);
  request.set_operator_name("lan");
  const auto page = f.pages.ListRecords(request);
  REQUIRE(page->records_size() == 1);
  CHECK(page->records(0).index() == 1);
}

TEST_CASE("an exchange is found with all its leaves; an unknown or malformed id is not") {
  Fixture f;
  f.journal.Put(ExchangeLeaf(JOURNAL_EVENT_REQUEST_OPENED, 1));
  f.journal.Put(ExchangeLeaf(JOURNAL_EVENT_ANSWERED, 1));
  f.journal.Put(ExchangeLeaf(JOURNAL_EVENT_OPERATOR_READ, 1));
  f.journal.Put(ExchangeLeaf(JOURNAL_EVENT_OPERATOR_READ, 2));
  const auto found = f.pages.Find(ExchangeIdText(1), "");
  REQUIRE(found.ok());
  CHECK(found->leaves.size() == 3);
  CHECK(found->summary.state() == v1::EXCHANGE_STATE_ANSWERED);
  CHECK(absl::IsNotFound(f.pages.Find(ExchangeIdText(9), "").status()));
  // Leaves of operators alone make no exchange.
  CHECK(absl::IsNotFound(f.pages.Find(ExchangeIdText(2), "").status()));
  CHECK(absl::IsInvalidArgument(f.pages.Find("17", "").status()));
}

TEST_CASE("an id that two systems used is found only with the system's name") {
  Fixture f;
  f.journal.Put(ExchangeLeaf(JOURNAL_EVENT_ANSWERED, 1));
  f.journal.Put(ExchangeLeaf(JOURNAL_EVENT_REFUSED, 1, "VN:GOV:H20:mot-cua"));
  const auto both = f.pages.Find(ExchangeIdText(1), "");
  CHECK(absl::IsInvalidArgument(both.status()));
  CHECK_THAT(std::string(both.status().message()),
             Catch::Contains("VN:GOV:H20:mot-cua, VN:GOV:H55:mot-cua"));
  const auto one = f.pages.Find(ExchangeIdText(1), "VN:GOV:H20:mot-cua");
  REQUIRE(one.ok());
  CHECK(one->summary.state() == v1::EXCHANGE_STATE_REFUSED);
}

TEST_CASE("a payload is gathered from all leaves of an exchange, and a lost one says so") {
  Fixture f;
  const uint64_t opened = f.journal.Put(ExchangeLeaf(JOURNAL_EVENT_REQUEST_OPENED, 1), {"ask"});
  f.journal.Put(ExchangeLeaf(JOURNAL_EVENT_IN_DOUBT, 1));
  f.journal.Put(ExchangeLeaf(JOURNAL_EVENT_RESOLVED, 1), {}, {"answer 1", "answer 2"});
  const auto history = f.pages.Find(ExchangeIdText(1), "");
  REQUIRE(history.ok());
  auto payload = f.pages.OpenPayload(*history);
  REQUIRE(payload.request.messages_size() == 1);
  CHECK(payload.request.messages(0) == "ask");
  CHECK(payload.response.messages_size() == 2);
  CHECK(payload.request.unreadable().empty());
  f.journal.ErasePayload(opened);
  payload = f.pages.OpenPayload(*history);
  CHECK(payload.request.messages().empty());
  CHECK(payload.request.unreadable() == "erased");
  CHECK(payload.response.messages_size() == 2);
}

}  // namespace
}  // namespace ndx::console
