#include "ndx/console/journal_pages.h"

#include <catch2/catch.hpp>
#include <string>

#include "ndx/tests/unit/console/console_fixture.h"

namespace ndx::console {
namespace {

using journal::v1::JOURNAL_EVENT_ANSWERED;
using journal::v1::JOURNAL_EVENT_IN_DOUBT;
using journal::v1::JOURNAL_EVENT_OPERATOR_READ;
using journal::v1::JOURNAL_EVENT_REFUSED;
using journal::v1::JOURNAL_EVENT_REQUEST_OPENED;
using journal::v1::JOURNAL_EVENT_RESOLVED;
using tests::ExchangeIdText;
using tests::ExchangeLeaf;

struct JournalPagesFixture {
  tests::FakeClock clock;
  tests::LeafJournal journal{clock};
  JournalPages pages{journal};
};

TEST_CASE("an exchange is found with all its leaves; an unknown or malformed id is not") {
  JournalPagesFixture f;
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
  JournalPagesFixture f;
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
  JournalPagesFixture f;
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

TEST_CASE("what an erasure leaves of a payload is shown as that") {
  JournalPagesFixture f;
  const uint64_t leaf = f.journal.Put(ExchangeLeaf(JOURNAL_EVENT_ANSWERED, 1), {"ask"}, {"answer"});
  const auto history = f.pages.Find(ExchangeIdText(1), "");
  journal::OpenedPayload left{.response = {"answer without one"}, .response_parts_erased = 1};
  left.request_parts_erased = 2;
  left.request_elements = {"other"};
  f.journal.ReplacePayload(leaf, left);
  const auto payload = f.pages.OpenPayload(*history);
  CHECK(payload.request.messages().empty());
  CHECK(payload.request.unreadable() == "erased");
  CHECK(payload.request.parts_erased() == 2);
  REQUIRE(payload.request.elements_size() == 1);
  CHECK(payload.request.elements(0) == "other");
  CHECK(payload.response.messages(0) == "answer without one");
  CHECK(payload.response.parts_erased() == 1);
  CHECK(payload.response.unreadable().empty());
}

}  // namespace
}  // namespace ndx::console
