#include "ndx/journal/rocks_journal.h"

#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "journal_fixture.h"

namespace ndx::journal {
namespace {

TEST_CASE("a read is one leaf with a receipt that verifies offline, also after reopening") {
  JournalFixture fixture;
  auto journal = fixture.Open();
  CHECK(journal->findings().created);
  const core::ExchangeId id = fixture.NewId();
  const auto appended = AppendAndWait(*journal, JournalFixture::Read(id, "question", "answer"));
  REQUIRE(appended.ok());
  CHECK(appended->index == 1);  // NODE_STARTED is leaf 0
  CHECK(appended->tree_size == 2);
  const ReceiptChecks checks{.vkey = journal->vkey(),
                             .request = ReceiptMessages{.messages = {"question"}},
                             .response = ReceiptMessages{.messages = {"answer"}}};
  const auto verified = VerifyReceipt(appended->receipt, checks);
  REQUIRE(verified.ok());
  CHECK(verified->index == 1);
  CHECK(verified->request_checked);
  CHECK(verified->response_checked);
  CHECK(verified->leaf.method() == kTestMethod);
  CHECK(verified->origin == "VN:GOV:G01:ndxp/journal/1");

  journal.reset();
  journal = fixture.Open();
  CHECK_FALSE(journal->findings().created);
  CHECK(journal->findings().clean_stop);
  CHECK(journal->findings().leaves == 2);
  CHECK(journal->reader().size() == 3);
  CHECK(VerifyReceipt(appended->receipt, checks).ok());
  const auto payload = journal->reader().OpenPayload(1);
  REQUIRE(payload.ok());
  CHECK(payload->request == std::vector<std::string>{"question"});
  CHECK(payload->response == std::vector<std::string>{"answer"});
  const auto later = ReceiptAndWait(*journal, kTestConsumer, id);
  REQUIRE(later.ok());
  const auto again = VerifyReceipt(*later, checks);
  REQUIRE(again.ok());
  CHECK(again->tree_size == 3);
}

}  // namespace
}  // namespace ndx::journal
