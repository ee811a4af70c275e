// Large payloads and answers that are spilled while they arrive.
#include <catch2/catch.hpp>
#include <filesystem>
#include <string>
#include <vector>

#include "journal_fixture.h"

namespace ndx::journal {
namespace {

bool HasSegments(const JournalFixture& fixture) {
  const std::string directory = fixture.Options().directory + "/epoch-0001/segments";
  return !std::filesystem::is_empty(directory);
}

TEST_CASE("payloads go to a segment from 1 KiB sealed, below they stay in the batch") {
  JournalFixture fixture;
  auto journal = fixture.Open();
  // 5 bytes of part header, 4 of length, 16 of tag.
  const size_t largest_inside = 1023 - 25;
  REQUIRE(AppendAndWait(*journal, JournalFixture::Read(fixture.NewId(),
                                                       std::string(largest_inside, 'q'), "a"))
              .ok());
  CHECK_FALSE(HasSegments(fixture));
  const auto appended = AppendAndWait(
      *journal, JournalFixture::Read(fixture.NewId(), std::string(largest_inside + 1, 'q'), "a"));
  REQUIRE(appended.ok());
  CHECK(HasSegments(fixture));
  CHECK(journal->reader().OpenPayload(appended->index)->request.front().size() ==
        largest_inside + 1);
}

TEST_CASE("a payload that is sealed on a thread of its own comes out whole") {
  JournalFixture fixture;
  auto journal = fixture.Open();
  const std::string large(3 << 20, 'x');
  const auto appended = AppendAndWait(*journal, JournalFixture::Read(fixture.NewId(), "q", large));
  REQUIRE(appended.ok());
  CHECK(journal->reader().OpenPayload(appended->index)->response.front() == large);
  CHECK(VerifyReceipt(appended->receipt,
                      {.vkey = journal->vkey(), .response = ReceiptMessages{.messages = {large}}})
            .ok());
}

TEST_CASE("a spilled answer is read back while it arrives and closes the exchange") {
  JournalFixture fixture;
  auto journal = fixture.Open();
  const auto id = fixture.NewId();
  CHECK_FALSE(journal->StartSpill(kTestConsumer, id, nullptr, nullptr).ok());
  REQUIRE(AppendAndWait(*journal, JournalFixture::Opening(id, "stream")).ok());
  auto spill = journal->StartSpill(kTestConsumer, id, nullptr, nullptr).value();
  std::vector<std::string> messages;
  for (int i = 0; i < 20; ++i) {
    messages.push_back(std::string(static_cast<size_t>(i) * 10'000, static_cast<char>('a' + i)));
    REQUIRE(spill->Add(messages.back()).ok());
    CHECK(spill->Read(static_cast<size_t>(i)).value() == messages.back());
  }
  CHECK(spill->Read(0).value() == messages[0]);
  CHECK_FALSE(spill->Read(20).ok());
  CHECK(spill->messages() == 20);
  CHECK(spill->bytes() == 1'900'000);
  Record closing = JournalFixture::Closing(v1::JOURNAL_EVENT_ANSWERED, id, "");
  closing.response_spill = std::move(spill);
  const auto closed = AppendAndWait(*journal, std::move(closing));
  REQUIRE(closed.ok());
  const ReceiptChecks checks{.vkey = journal->vkey(),
                             .response = ReceiptMessages{.messages = messages}};
  CHECK(VerifyReceipt(closed->receipt, checks).ok());
  CHECK(journal->reader().OpenPayload(closed->index)->response == messages);
  CHECK(VerifyReceipt(ReceiptAndWait(*journal, kTestConsumer, id).value(), checks).ok());
  const std::string vkey = journal->vkey();
  journal.reset();
  const auto report = VerifyJournal(fixture.Options().directory, {.vkeys = {vkey}});
  CHECK(report->ok());
  CHECK(report->payloads == 2);
}

TEST_CASE("an abandoned spill harms nothing, and a spill of another exchange is refused") {
  JournalFixture fixture;
  auto journal = fixture.Open();
  const auto first = fixture.NewId();
  const auto second = fixture.NewId();
  REQUIRE(AppendAndWait(*journal, JournalFixture::Opening(first, "q")).ok());
  REQUIRE(AppendAndWait(*journal, JournalFixture::Opening(second, "q")).ok());
  auto abandoned = journal->StartSpill(kTestConsumer, first, nullptr, nullptr).value();
  REQUIRE(abandoned->Add("the first attempt's answer").ok());
  Record wrong = JournalFixture::Closing(v1::JOURNAL_EVENT_ANSWERED, second, "");
  wrong.response_spill = std::move(abandoned);
  CHECK(AppendAndWait(*journal, std::move(wrong)).status().code() ==
        absl::StatusCode::kInvalidArgument);
  const auto closed = AppendAndWait(
      *journal, JournalFixture::Closing(v1::JOURNAL_EVENT_ANSWERED, first, "the second attempt's"));
  REQUIRE(closed.ok());
  CHECK(journal->reader().OpenPayload(closed->index)->response ==
        std::vector<std::string>{"the second attempt's"});
  REQUIRE(
      AppendAndWait(*journal, JournalFixture::Closing(v1::JOURNAL_EVENT_FAILED, second, "")).ok());
  const std::string vkey = journal->vkey();
  journal.reset();
  CHECK(VerifyJournal(fixture.Options().directory, {.vkeys = {vkey}})->ok());
}

TEST_CASE("an answer of many parts hands out no receipt but can be asked for one") {
  JournalFixture fixture;
  auto journal = fixture.Open();
  const auto read = [&](size_t answers) {
    Record record = JournalFixture::Read(fixture.NewId(), "q", "");
    record.response = TestPayload(std::vector<std::string>(answers, "a"));
    return record;
  };
  CHECK_FALSE(AppendAndWait(*journal, read(kReceiptPartsMax - 1))->receipt.empty());
  Record large = read(kReceiptPartsMax);
  const auto id = core::ExchangeId::FromBytes(large.leaf.exchange_id()).value();
  CHECK(AppendAndWait(*journal, std::move(large))->receipt.empty());
  const auto receipt = ReceiptAndWait(*journal, kTestConsumer, id);
  REQUIRE(receipt.ok());
  const ReceiptMessages messages{.messages = std::vector<std::string>(kReceiptPartsMax, "a")};
  CHECK(VerifyReceipt(*receipt, {.vkey = journal->vkey(), .response = messages}).ok());
}

}  // namespace
}  // namespace ndx::journal
