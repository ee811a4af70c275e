// Changes: opened, closed, found open after a crash, resolved.
#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "journal_fixture.h"

namespace ndx::journal {
namespace {

constexpr auto kAnswered = v1::JOURNAL_EVENT_ANSWERED;
constexpr auto kInDoubt = v1::JOURNAL_EVENT_IN_DOUBT;
constexpr auto kResolved = v1::JOURNAL_EVENT_RESOLVED;

TEST_CASE("a change is two leaves under one key, and the last receipt proves both directions") {
  JournalFixture fixture;
  auto journal = fixture.Open();
  const auto id = fixture.NewId();
  Record opening = JournalFixture::Opening(id, "change it");
  opening.consumer_signature = "the consumer's own signature";
  const auto opened = AppendAndWait(*journal, std::move(opening));
  REQUIRE(opened.ok());
  const auto closed = AppendAndWait(*journal, JournalFixture::Closing(kAnswered, id, "changed"));
  REQUIRE(closed.ok());
  const auto verified =
      VerifyReceipt(closed->receipt, {.vkey = journal->vkey(),
                                      .request = ReceiptMessages{.messages = {"change it"}},
                                      .response = ReceiptMessages{.messages = {"changed"}},
                                      .consumer_signature = "the consumer's own signature"});
  REQUIRE(verified.ok());
  CHECK(verified->leaf.caused_by_plus_one() == opened->index + 1);
  CHECK(verified->leaf.request().ciphertext_sha256().empty());
  const auto payload = journal->reader().OpenPayload(closed->index).value();
  CHECK(payload.request == std::vector<std::string>{"change it"});
  CHECK(payload.response == std::vector<std::string>{"changed"});
  CHECK(payload.consumer_signature == "the consumer's own signature");
  // Made later from the store, the receipt opens the same.
  const auto later = ReceiptAndWait(*journal, kTestConsumer, id);
  CHECK(VerifyReceipt(*later, {.vkey = journal->vkey(),
                               .request = ReceiptMessages{.messages = {"change it"}},
                               .response = ReceiptMessages{.messages = {"changed"}},
                               .consumer_signature = "the consumer's own signature"})
            .ok());
}

TEST_CASE("an exchange is opened once and closed once") {
  JournalFixture fixture;
  auto journal = fixture.Open();
  const auto id = fixture.NewId();
  REQUIRE(AppendAndWait(*journal, JournalFixture::Opening(id, "q")).ok());
  CHECK(AppendAndWait(*journal, JournalFixture::Opening(id, "q")).status().code() ==
        absl::StatusCode::kAlreadyExists);
  Record again = JournalFixture::Closing(kAnswered, id, "a");
  again.request = TestPayload({"q"});
  CHECK(AppendAndWait(*journal, std::move(again)).status().code() ==
        absl::StatusCode::kInvalidArgument);
  // The refused record left the exchange open.
  const auto closed = AppendAndWait(*journal, JournalFixture::Closing(kAnswered, id, "a"));
  REQUIRE(closed.ok());
  CHECK(journal->reader().LeavesOf(id, kTestConsumer)->size() == 2);
}

TEST_CASE("what a crash left open is in doubt after the start, and is resolved once") {
  JournalFixture fixture;
  auto journal = fixture.Open();
  const auto id = fixture.NewId();
  const auto done = fixture.NewId();
  const auto opened = AppendAndWait(*journal, JournalFixture::Opening(id, "change it"));
  REQUIRE(AppendAndWait(*journal, JournalFixture::Opening(done, "q")).ok());
  REQUIRE(AppendAndWait(*journal, JournalFixture::Closing(kAnswered, done, "a")).ok());
  const std::string copy = fixture.CopyDirectory("crashed");

  auto started = fixture.Open(fixture.OptionsFor(copy)).value();
  CHECK(started->findings().in_doubt == 1);
  CHECK_FALSE(started->findings().clean_stop);
  const auto leaves = started->reader().LeavesOf(id, kTestConsumer).value();
  REQUIRE(leaves.size() == 2);
  CHECK(leaves[1].leaf.event() == kInDoubt);
  CHECK(leaves[1].leaf.caused_by_plus_one() == opened->index + 1);
  CHECK(leaves[1].leaf.method() == kTestMethod);
  CHECK(leaves[1].leaf.request().root() == leaves[0].leaf.request().root());
  CHECK(started->reader().LeavesOf(done, kTestConsumer)->size() == 2);

  RecallQuery query{.consumer = kTestConsumer,
                    .exchange_id = id,
                    .method = kTestMethod,
                    .request = Shared({"change it"})};
  CHECK(RecallAndWait(*started, query)->verdict == RecallVerdict::kInDoubt);
  Record other_method = JournalFixture::Closing(kResolved, id, "changed");
  other_method.leaf.set_method("/other");
  CHECK_FALSE(AppendAndWait(*started, std::move(other_method)).ok());
  const auto resolved = AppendAndWait(*started, JournalFixture::Closing(kResolved, id, "changed"));
  REQUIRE(resolved.ok());
  CHECK(VerifyReceipt(resolved->receipt, {.vkey = started->vkey(),
                                          .request = ReceiptMessages{.messages = {"change it"}},
                                          .response = ReceiptMessages{.messages = {"changed"}}})
            .ok());
  const auto recalled = RecallAndWait(*started, query).value();
  CHECK(recalled.verdict == RecallVerdict::kAnswered);
  CHECK(recalled.response == std::vector<std::string>{"changed"});
  CHECK(VerifyReceipt(recalled.receipt, {.vkey = started->vkey(),
                                         .request = ReceiptMessages{.messages = {"change it"}},
                                         .response = ReceiptMessages{.messages = {"changed"}}})
            .ok());
  CHECK(AppendAndWait(*started, JournalFixture::Closing(kResolved, id, "again")).status().code() ==
        absl::StatusCode::kFailedPrecondition);
  started.reset();
  CHECK(VerifyJournal(copy, {.vkeys = {journal->vkey()}})->ok());
  // A second start finds nothing open.
  CHECK(fixture.Open(fixture.OptionsFor(copy)).value()->findings().in_doubt == 0);
}

TEST_CASE("an exchange put in doubt while running is resolved the same way") {
  JournalFixture fixture;
  auto journal = fixture.Open();
  const auto id = fixture.NewId();
  REQUIRE(AppendAndWait(*journal, JournalFixture::Opening(id, "q")).ok());
  CHECK_FALSE(AppendAndWait(*journal, JournalFixture::Closing(kResolved, id, "a")).ok());
  REQUIRE(AppendAndWait(*journal, JournalFixture::Closing(kInDoubt, id, "")).ok());
  Record failed = JournalFixture::Closing(kResolved, id, "");
  failed.leaf.set_grpc_status(5);
  REQUIRE(AppendAndWait(*journal, std::move(failed)).ok());
  RecallQuery query{.consumer = kTestConsumer,
                    .exchange_id = id,
                    .method = kTestMethod,
                    .request = Shared({"q"})};
  const auto recalled = RecallAndWait(*journal, query).value();
  CHECK(recalled.verdict == RecallVerdict::kFailed);
  CHECK(recalled.leaf.grpc_status() == 5);
  CHECK_FALSE(
      AppendAndWait(*journal, JournalFixture::Closing(kResolved, fixture.NewId(), "a")).ok());
}

}  // namespace
}  // namespace ndx::journal
