// Reading: scans both ways, time bounds, counts, receipts across tile borders.
#include <atomic>
#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "journal_fixture.h"
#include "ndx/core/limits.h"
#include "ndx/journal/checkpoint.h"

namespace ndx::journal {
namespace {

std::vector<uint64_t> Indices(const JournalReader& reader, const ScanRange& range,
                              size_t limit = 1000) {
  std::vector<uint64_t> indices;
  REQUIRE(reader
              .Scan(range,
                    [&](const StoredLeaf& leaf) {
                      indices.push_back(leaf.index);
                      return indices.size() < limit;
                    })
              .ok());
  return indices;
}

TEST_CASE("scans start where asked, go both ways and stop when told") {
  JournalFixture fixture;
  auto journal = fixture.Open();
  for (int i = 0; i < 4; ++i)
    REQUIRE(AppendAndWait(*journal, JournalFixture::Read(fixture.NewId(), "q", "a")).ok());
  const JournalReader& reader = journal->reader();
  using V = std::vector<uint64_t>;
  CHECK(Indices(reader, {}) == V{0, 1, 2, 3, 4});
  CHECK(Indices(reader, {.from_index = 3}) == V{3, 4});
  CHECK(Indices(reader, {.from_index = 5}).empty());
  CHECK(Indices(reader, {.from_index = 99, .direction = ScanDirection::kBackward}) ==
        V{4, 3, 2, 1, 0});
  CHECK(Indices(reader, {.from_index = 2, .direction = ScanDirection::kBackward}, 2) == V{2, 1});
  CHECK(reader.Leaf(5).status().code() == absl::StatusCode::kNotFound);
  CHECK(reader.LeavesOf(fixture.NewId(), "").status().code() == absl::StatusCode::kNotFound);
}

TEST_CASE("time bounds are kept exactly, both ways, also where leaves share a moment") {
  JournalFixture fixture;
  auto journal = fixture.Open();
  const absl::Time start = fixture.clock.Now();
  for (int minute = 1; minute <= 100; ++minute) {
    fixture.clock.Advance(absl::Minutes(1));
    for (int i = 0; i < 3; ++i)
      REQUIRE(AppendAndWait(*journal, JournalFixture::Read(fixture.NewId(), "q", "a")).ok());
  }
  ScanRange range{.not_before = start + absl::Minutes(40), .not_after = start + absl::Minutes(41)};
  const std::vector<uint64_t> expected = {118, 119, 120, 121, 122, 123};
  CHECK(Indices(journal->reader(), range) == expected);
  range.direction = ScanDirection::kBackward;
  range.from_index = UINT64_MAX;
  CHECK(Indices(journal->reader(), range) ==
        std::vector<uint64_t>(expected.rbegin(), expected.rend()));
  range.not_before = start + absl::Hours(5);
  range.not_after = absl::InfiniteFuture();
  CHECK(Indices(journal->reader(), range).empty());
  CHECK(journal->reader()
            .Count({.not_before = start + absl::Minutes(100)})
            ->at(v1::JOURNAL_EVENT_ANSWERED) == 3);
}

TEST_CASE("receipts of old and new leaves verify across tiles, also after reopening") {
  JournalFixture fixture;
  auto journal = fixture.Open();
  std::vector<core::ExchangeId> ids;
  std::promise<void> all;
  std::atomic<size_t> done = 0;
  for (int i = 0; i < 600; ++i) {
    ids.push_back(fixture.NewId());
    journal->Append(JournalFixture::Read(ids.back(), "q", "a"),
                    [&](const absl::StatusOr<Appended>& appended) {
                      if (appended.ok() && ++done == 600) all.set_value();
                    });
  }
  all.get_future().wait();
  const auto check = [&] {
    for (const size_t i : {size_t{0}, size_t{254}, size_t{255}, size_t{256}, size_t{511},
                           size_t{512}, size_t{599}}) {
      const auto receipt = ReceiptAndWait(*journal, kTestConsumer, ids[i]);
      REQUIRE(receipt.ok());
      const auto verified = VerifyReceipt(
          *receipt, {.vkey = journal->vkey(), .request = ReceiptMessages{.messages = {"q"}}});
      REQUIRE(verified.ok());
      CHECK(verified->index == i + 1);
    }
  };
  check();
  journal.reset();
  journal = fixture.Open();
  check();
}

TEST_CASE("refused records and records without exchange are leaves with receipts") {
  JournalFixture fixture;
  auto journal = fixture.Open();
  Record refused = JournalFixture::MakeRecord(v1::JOURNAL_EVENT_REFUSED, fixture.NewId());
  refused.leaf.mutable_decision()->set_reason("NO_GRANT");
  for (int i = 0; i < 40; ++i)
    refused.leaf.mutable_decision()->add_fields_removed("citizen.family.member.name");
  const auto appended = AppendAndWait(*journal, std::move(refused));
  REQUIRE(appended.ok());
  CHECK(VerifyReceipt(appended->receipt, {.vkey = journal->vkey()})->leaf.decision().reason() ==
        "NO_GRANT");
  Record counted;
  counted.leaf.set_event(v1::JOURNAL_EVENT_HANDSHAKES_REFUSED);
  (*counted.leaf.mutable_handshakes_refused())["no certificate"] = 3;
  CHECK(AppendAndWait(*journal, std::move(counted)).ok());
  const std::string vkey = journal->vkey();
  CHECK(VerifyJournal(*journal, {.vkeys = {vkey}})->ok());  // while it is open
  journal.reset();
  CHECK(VerifyJournal(fixture.Options().directory, {.vkeys = {vkey}})->ok());
}

TEST_CASE("an exchange that was caused by another's leaf keeps its own request and receipt") {
  JournalFixture fixture;
  auto journal = fixture.Open();
  const auto first = AppendAndWait(*journal, JournalFixture::Read(fixture.NewId(), "q1", "a1"));
  REQUIRE(first.ok());
  Record asked;  // to execute it again
  asked.leaf.set_event(v1::JOURNAL_EVENT_REPLAY_REQUESTED);
  asked.leaf.set_exchange_id(journal->reader().Leaf(first->index)->leaf.exchange_id());
  asked.leaf.set_consumer(kTestConsumer);
  const auto asking = AppendAndWait(*journal, std::move(asked));
  REQUIRE(asking.ok());
  Record again = JournalFixture::Read(fixture.NewId(), "q2", "a2");
  again.leaf.set_caused_by_plus_one(asking->index + 1);
  const auto executed = AppendAndWait(*journal, std::move(again));
  REQUIRE(executed.ok());
  const auto receipt = journal->reader().Receipt(executed->index);
  REQUIRE(receipt.ok());
  CHECK(VerifyReceipt(*receipt, {.vkey = journal->vkey(),
                                 .request = ReceiptMessages{.messages = {"q2"}},
                                 .response = ReceiptMessages{.messages = {"a2"}}})
            .ok());
  const auto payload = journal->reader().OpenPayload(executed->index);
  REQUIRE(payload.ok());
  CHECK(payload->request == std::vector<std::string>{"q2"});
}

TEST_CASE("records that break a rule are refused and nothing is written") {
  JournalFixture fixture;
  auto journal = fixture.Open();
  const auto refused = [&](Record record) {
    return AppendAndWait(*journal, std::move(record)).status().code() ==
           absl::StatusCode::kInvalidArgument;
  };
  CHECK(refused(Record()));
  Record record = JournalFixture::Read(fixture.NewId(), "q", "a");
  record.leaf.set_purpose(std::string(core::kPurposeBytesMax + 1, 'p'));
  CHECK(refused(std::move(record)));
  record = JournalFixture::Read(fixture.NewId(), "q", "a");
  record.leaf.clear_exchange_id();
  CHECK(refused(std::move(record)));
  record = JournalFixture::Read(fixture.NewId(), "q", "a");
  record.leaf.set_attempt(65536);
  CHECK(refused(std::move(record)));
  record = JournalFixture::Opening(fixture.NewId(), "q");
  record.response = TestPayload({"a"});
  CHECK(refused(std::move(record)));
  CHECK(journal->reader().size() == 1);
}

TEST_CASE("any signed size is proved to continue any smaller one") {
  JournalFixture fixture;
  auto journal = fixture.Open();
  std::vector<TreeHead> heads;
  const auto remember = [&] {
    const std::string note = journal->reader().Checkpoint();
    heads.push_back(ParseCheckpoint(ParseNote(note)->text)->head);
  };
  remember();
  for (int i = 0; i < 300; ++i) {
    REQUIRE(AppendAndWait(*journal, JournalFixture::Read(fixture.NewId(), "q", "a")).ok());
    remember();
  }
  const JournalReader& reader = journal->reader();
  for (const size_t from : {0, 1, 6, 254, 255, 256, 299}) {
    for (size_t to = from; to < heads.size(); to += 43) {
      INFO(from << " to " << to);
      const auto proof = reader.ConsistencyProof(heads[from].size, heads[to].size);
      REQUIRE(proof.ok());
      CHECK(VerifyConsistency(heads[from], heads[to], *proof).ok());
    }
  }
  for (const auto& [from, to] : {std::pair<uint64_t, uint64_t>{0, 1}, {2, 1}, {1, 302}}) {
    CHECK(reader.ConsistencyProof(from, to).status().code() == absl::StatusCode::kInvalidArgument);
  }
}

}  // namespace
}  // namespace ndx::journal
