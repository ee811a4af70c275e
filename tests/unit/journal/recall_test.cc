// What a repeated exchange id means.
#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "journal_fixture.h"

namespace ndx::journal {
namespace {

struct Caller {
  Caller() : journal(fixture.Open()), id(fixture.NewId()) {}

  Record Read(const std::string& request, const std::string& response) const {
    Record record = JournalFixture::Read(id, request, response);
    record.recallable = true;
    return record;
  }
  Recalled Recall(std::vector<std::string> request, const std::string& method = kTestMethod,
                  const std::string& consumer = kTestConsumer) {
    return RecallAndWait(*journal, {.consumer = consumer,
                                    .exchange_id = id,
                                    .method = method,
                                    .request = Shared(std::move(request))})
        .value();
  }

  JournalFixture fixture;
  std::unique_ptr<RocksJournal> journal;
  core::ExchangeId id;
};

TEST_CASE(
    "an answered exchange is recalled with status, answer and receipt, by its consumer only") {
  Caller caller;
  CHECK(caller.Recall({"q"}).verdict == RecallVerdict::kUnknown);
  Record record = caller.Read("q", "a");
  record.leaf.set_business_code("050");
  REQUIRE(AppendAndWait(*caller.journal, std::move(record)).ok());
  const Recalled recalled = caller.Recall({"q"});
  CHECK(recalled.verdict == RecallVerdict::kAnswered);
  CHECK(recalled.response == std::vector<std::string>{"a"});
  CHECK(recalled.leaf.business_code() == "050");
  CHECK(VerifyReceipt(recalled.receipt, {.vkey = caller.journal->vkey(),
                                         .response = ReceiptMessages{.messages = {"a"}}})
            .ok());
  CHECK(caller.Recall({"q"}, kTestMethod, "VN:GOV:H55:other").verdict == RecallVerdict::kUnknown);
}

TEST_CASE("another body or method under the same id is different") {
  Caller caller;
  REQUIRE(AppendAndWait(*caller.journal, caller.Read("q", "a")).ok());
  CHECK(caller.Recall({"Q"}).verdict == RecallVerdict::kDifferent);
  CHECK(caller.Recall({}).verdict == RecallVerdict::kDifferent);
  CHECK(caller.Recall({"q", ""}).verdict == RecallVerdict::kDifferent);
  CHECK(caller.Recall({"q"}, "/other/Method").verdict == RecallVerdict::kDifferent);
  CHECK(caller.Recall({"Q"}).response.empty());
}

TEST_CASE("an open exchange is in progress, and a refusal of its repetition leaves it so") {
  Caller caller;
  REQUIRE(AppendAndWait(*caller.journal, JournalFixture::Opening(caller.id, "q")).ok());
  CHECK(caller.Recall({"q"}).verdict == RecallVerdict::kInProgress);
  Record refused = JournalFixture::MakeRecord(v1::JOURNAL_EVENT_REFUSED, caller.id);
  refused.recallable = true;
  REQUIRE(AppendAndWait(*caller.journal, std::move(refused)).ok());
  CHECK(caller.Recall({"q"}).verdict == RecallVerdict::kInProgress);
  REQUIRE(AppendAndWait(*caller.journal,
                        JournalFixture::Closing(v1::JOURNAL_EVENT_ANSWERED, caller.id, "a"))
              .ok());
  const Recalled recalled = caller.Recall({"q"});
  CHECK(recalled.verdict == RecallVerdict::kAnswered);
  CHECK(recalled.response == std::vector<std::string>{"a"});
  CHECK(caller.journal->reader().LeavesOf(caller.id, kTestConsumer)->size() == 3);
}

TEST_CASE("what was only refused may be tried again; what failed says how") {
  Caller caller;
  Record refused = JournalFixture::MakeRecord(v1::JOURNAL_EVENT_REFUSED, caller.id);
  refused.recallable = true;
  REQUIRE(AppendAndWait(*caller.journal, std::move(refused)).ok());
  CHECK(caller.Recall({"q"}).verdict == RecallVerdict::kUnknown);
  Record failed = JournalFixture::MakeRecord(v1::JOURNAL_EVENT_FAILED, caller.id);
  failed.request = TestPayload({"q"});
  failed.recallable = true;
  failed.leaf.set_grpc_status(14);
  REQUIRE(AppendAndWait(*caller.journal, std::move(failed)).ok());
  const Recalled recalled = caller.Recall({"q"});
  CHECK(recalled.verdict == RecallVerdict::kFailed);
  CHECK(recalled.leaf.grpc_status() == 14);
}

TEST_CASE("an exchange that was not registered for recall is not compared and not given out") {
  Caller caller;
  REQUIRE(AppendAndWait(*caller.journal, JournalFixture::Read(caller.id, "q", "a")).ok());
  const Recalled recalled = caller.Recall({"q"});
  CHECK(recalled.verdict == RecallVerdict::kAnswerNotKept);
  CHECK(recalled.response.empty());
}

TEST_CASE("recall works after a restart and in a later hour") {
  Caller caller;
  REQUIRE(AppendAndWait(*caller.journal, caller.Read("q", "a")).ok());
  caller.journal.reset();
  caller.fixture.clock.Advance(absl::Hours(5));
  caller.journal = caller.fixture.Open();
  REQUIRE(
      AppendAndWait(*caller.journal, JournalFixture::Read(caller.fixture.NewId(), "x", "y")).ok());
  CHECK(caller.Recall({"q"}).response == std::vector<std::string>{"a"});
  CHECK(caller.Recall({"Q"}).verdict == RecallVerdict::kDifferent);
}

TEST_CASE("two consumers may use the same id") {
  Caller caller;
  REQUIRE(AppendAndWait(*caller.journal, caller.Read("q", "a")).ok());
  Record other = caller.Read("other question", "other answer");
  other.leaf.set_consumer("VN:GOV:H55:other");
  REQUIRE(AppendAndWait(*caller.journal, std::move(other)).ok());
  CHECK(caller.Recall({"q"}).response == std::vector<std::string>{"a"});
  CHECK(caller.journal->reader().LeavesOf(caller.id, "")->size() == 2);
  CHECK(caller.journal->reader().LeavesOf(caller.id, kTestConsumer)->size() == 1);
  CHECK(ReceiptAndWait(*caller.journal, "VN:GOV:H55:third", caller.id).status().code() ==
        absl::StatusCode::kNotFound);
}

TEST_CASE("a submitted request is compared, and is no longer one once it is answered") {
  Caller caller;
  Record record = JournalFixture::Opening(caller.id, "q");
  record.leaf.set_event(v1::JOURNAL_EVENT_SUBMITTED);
  record.leaf.set_expires_unix_ns(1);
  record.consumer_signature = "context";
  record.recallable = true;
  const auto submitted = AppendAndWait(*caller.journal, std::move(record));
  REQUIRE(submitted.ok());
  CHECK(caller.Recall({"q"}).verdict == RecallVerdict::kSubmitted);
  CHECK(caller.Recall({"Q"}).verdict == RecallVerdict::kDifferent);
  const auto payload = caller.journal->reader().OpenPayload(submitted->index);
  REQUIRE(payload.ok());
  CHECK(payload->request == std::vector<std::string>{"q"});
  CHECK(payload->consumer_signature == "context");

  Record answered = caller.Read("q", "a");
  answered.leaf.set_submitted_plus_one(submitted->index + 1);
  REQUIRE(AppendAndWait(*caller.journal, std::move(answered)).ok());
  CHECK(caller.Recall({"q"}).verdict == RecallVerdict::kAnswered);
  // A submission behind an answer changes nothing.
  Record again = JournalFixture::Opening(caller.id, "q");
  again.leaf.set_event(v1::JOURNAL_EVENT_SUBMITTED);
  again.recallable = true;
  REQUIRE(AppendAndWait(*caller.journal, std::move(again)).ok());
  CHECK(caller.Recall({"q"}).verdict == RecallVerdict::kAnswered);
}

}  // namespace
}  // namespace ndx::journal
