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

TEST_CASE("a next node's receipt is kept with the leaf that closes, and handed out with its own") {
  JournalFixture fixture;
  auto journal = fixture.Open();
  const auto next = AppendAndWait(*journal, fixture.Read(fixture.NewId(), "q", "a"));
  REQUIRE(next.ok());
  const auto id = fixture.NewId();
  REQUIRE(AppendAndWait(*journal, fixture.Opening(id, "change")).ok());
  Record closing = fixture.Closing(v1::JOURNAL_EVENT_ANSWERED, id, "made");
  closing.next_receipt = next->receipt;
  const auto closed = AppendAndWait(*journal, std::move(closing));
  REQUIRE(closed.ok());
  const ReceiptChecks checks{.vkey = journal->vkey()};
  CHECK(VerifyReceipt(closed->receipt, checks)->next_receipt == next->receipt);
  journal = nullptr;
  journal = fixture.Open();
  const auto again = journal->reader().Receipt(closed->index);
  REQUIRE(again.ok());
  CHECK(VerifyReceipt(*again, checks)->next_receipt == next->receipt);

  Record wrong = fixture.Read(fixture.NewId(), "q", "a");
  wrong.next_receipt = "no receipt";
  CHECK(absl::IsInvalidArgument(AppendAndWait(*journal, std::move(wrong)).status()));
  Record large = fixture.Read(fixture.NewId(), "q", "a");
  large.next_receipt = std::string(kNextReceiptBytesMax + 1, 'x');
  CHECK(absl::IsInvalidArgument(AppendAndWait(*journal, std::move(large)).status()));
}

}  // namespace
}  // namespace ndx::journal
