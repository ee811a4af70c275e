// Groups: order, durability before the answer, many threads, and what happens when a sync fails.
#include <atomic>
#include <catch2/catch.hpp>
#include <memory>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "journal_fixture.h"
#include "ndx/journal/checkpoint.h"
#include "ndx/tests/support/file_faults.h"

namespace ndx::journal {
namespace {

TEST_CASE("records of one thread keep their order and come back in it") {
  JournalFixture fixture;
  auto journal = fixture.Open();
  constexpr int kRecords = 500;
  std::vector<uint64_t> indices;
  std::promise<void> all;
  for (int i = 0; i < kRecords; ++i) {
    journal->Append(JournalFixture::Read(fixture.NewId(), "q", "a"),
                    [&](absl::StatusOr<Appended> appended) {
                      indices.push_back(appended->index);  // one thread calls back
                      if (indices.size() == kRecords) all.set_value();
                    });
  }
  all.get_future().wait();
  for (size_t i = 0; i < indices.size(); ++i) CHECK(indices[i] == i + 1);
}

TEST_CASE("records that wait share a write and a checkpoint") {
  JournalFixture fixture;
  tests::TestFileFaults faults;
  RocksJournalOptions options = fixture.Options();
  options.faults = &faults;
  auto journal = fixture.Open(std::move(options)).value();
  const int syncs_before = faults.syncs();
  constexpr int kRecords = 400;
  std::atomic<int> done = 0;
  std::promise<void> all;
  std::set<uint64_t> sizes;
  for (int i = 0; i < kRecords; ++i) {
    journal->Append(JournalFixture::Read(fixture.NewId(), "q", "a"),
                    [&](absl::StatusOr<Appended> appended) {
                      sizes.insert(appended->tree_size);
                      if (++done == kRecords) all.set_value();
                    });
  }
  all.get_future().wait();
  CHECK(sizes.size() < kRecords);
  // Two syncs a group: the log and the checkpoint's slot.
  CHECK(faults.syncs() - syncs_before <= 2 * static_cast<int>(sizes.size()) + 2);
}

TEST_CASE("records wait for company when they are told to, but not those of a large group") {
  JournalFixture fixture;
  tests::TestFileFaults faults;
  RocksJournalOptions options = fixture.Options();
  options.faults = &faults;
  auto journal = fixture.Open(std::move(options)).value();
  std::set<uint64_t> sizes;
  const auto append = [&](int records) {
    auto all = std::make_shared<std::promise<void>>();
    auto left = std::make_shared<std::atomic<int>>(records);
    for (int i = 0; i < records; ++i) {
      journal->Append(JournalFixture::Read(fixture.NewId(), "q", "a"),
                      [&sizes, all, left](absl::StatusOr<Appended> appended) {
                        sizes.insert(appended->tree_size);
                        if (--*left == 0) all->set_value();
                      });
    }
    return all->get_future();
  };
  // Longer than the test may take: only a large group is written at once.
  journal->SetGroupPause(absl::Minutes(10));
  append(256).wait();
  append(256).wait();
  CHECK(sizes.size() == 2);
}

TEST_CASE("a receipt's checkpoint is on disk before the callback, and older ones stay true") {
  JournalFixture fixture;
  auto journal = fixture.Open();
  std::vector<std::string> notes;
  for (int i = 0; i < 30; ++i) {
    const auto appended = AppendAndWait(*journal, JournalFixture::Read(fixture.NewId(), "q", "a"));
    REQUIRE(appended.ok());
    const auto receipt = ParseReceipt(appended->receipt);
    CHECK(journal->reader().Checkpoint() == receipt->checkpoint);
    CHECK(journal->reader().size() == appended->tree_size);
    notes.push_back(receipt->checkpoint);
  }
  // Every checkpoint signed so far is of a prefix of the journal.
  const NoteVerifier verifier = NoteVerifier::FromVkey(journal->vkey()).value();
  std::vector<TreeHash> leaves;
  for (const std::string& note : notes) {
    const Checkpoint checkpoint = OpenCheckpoint(note, {&verifier, 1}).value();
    while (leaves.size() < checkpoint.head.size) {
      leaves.push_back(LeafHash(journal->reader().Leaf(leaves.size())->bytes));
    }
    CHECK(RootOf(leaves) == checkpoint.head.root);
  }
}

TEST_CASE("many threads append, each exchange is there once") {
  JournalFixture fixture;
  auto journal = fixture.Open();
  constexpr int kThreads = 4;
  constexpr int kEach = 100;
  std::atomic<int> bad = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < kEach; ++i) {
        const auto id = fixture.NewId();
        const bool change = i % 2 == 0;
        if (change && !AppendAndWait(*journal, JournalFixture::Opening(id, "q")).ok()) ++bad;
        const auto appended = AppendAndWait(
            *journal, change ? JournalFixture::Closing(v1::JOURNAL_EVENT_ANSWERED, id, "a")
                             : JournalFixture::Read(id, "q", "a"));
        if (!appended.ok() || !VerifyReceipt(appended->receipt, {.vkey = journal->vkey()}).ok())
          ++bad;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(bad == 0);
  const auto counts = journal->reader().Count({}).value();
  CHECK(counts.at(v1::JOURNAL_EVENT_ANSWERED) == kThreads * kEach);
  CHECK(counts.at(v1::JOURNAL_EVENT_REQUEST_OPENED) == kThreads * kEach / 2);
  const std::string vkey = journal->vkey();
  journal.reset();
  CHECK(VerifyJournal(fixture.Options().directory, {.vkeys = {vkey}})->ok());
}

// A failed sync of this file stops the journal: nothing is acknowledged any more, in this run.
void CheckStopsOn(const std::string& file, std::string payload) {
  JournalFixture fixture;
  tests::TestFileFaults faults;
  RocksJournalOptions options = fixture.Options();
  options.faults = &faults;
  std::atomic<int> fatal = 0;
  options.on_fatal = [&](const absl::Status&) { ++fatal; };
  auto journal = fixture.Open(std::move(options)).value();
  const auto id = fixture.NewId();
  REQUIRE(AppendAndWait(*journal, JournalFixture::Opening(id, "q")).ok());
  faults.FailSyncs(file);
  const auto failed = AppendAndWait(*journal, JournalFixture::Read(fixture.NewId(), payload, "a"));
  CHECK(failed.status().code() == absl::StatusCode::kDataLoss);
  faults.FailSyncs("");
  CHECK(AppendAndWait(*journal, JournalFixture::Closing(v1::JOURNAL_EVENT_ANSWERED, id, "a"))
            .status()
            .code() == absl::StatusCode::kDataLoss);
  CHECK(journal->AcceptsNewExchanges().code() == absl::StatusCode::kDataLoss);
  CHECK(fatal == 1);
  journal.reset();
  // The next start finds out: the open exchange is in doubt, and nothing acknowledged is missing.
  auto started = fixture.Open();
  CHECK_FALSE(started->findings().clean_stop);
  CHECK(started->findings().in_doubt == 1);
  CHECK(started->reader().LeavesOf(id, kTestConsumer)->back().leaf.event() ==
        v1::JOURNAL_EVENT_IN_DOUBT);
}

TEST_CASE("a failed sync of the log stops the journal") { CheckStopsOn(".log", "q"); }
TEST_CASE("a failed sync of a checkpoint slot stops the journal") {
  CheckStopsOn("checkpoint", "q");
}
TEST_CASE("a failed sync of a segment stops the journal") {
  CheckStopsOn(".seg", std::string(5000, 'q'));
}

TEST_CASE("closing finishes what waits and refuses what comes later") {
  JournalFixture fixture;
  auto journal = fixture.Open();
  std::atomic<int> durable = 0;
  for (int i = 0; i < 200; ++i) {
    journal->Append(JournalFixture::Read(fixture.NewId(), "q", "a"),
                    [&](const absl::StatusOr<Appended>& appended) { durable += appended.ok(); });
  }
  journal->Close();
  CHECK(durable == 200);
  CHECK(AppendAndWait(*journal, JournalFixture::Read(fixture.NewId(), "q", "a")).status().code() ==
        absl::StatusCode::kCancelled);
  CHECK_FALSE(RecallAndWait(*journal, {.consumer = kTestConsumer}).ok());
}

TEST_CASE("a full queue refuses new records and takes those that close an exchange") {
  JournalFixture fixture;
  RocksJournalOptions options = fixture.Options();
  options.queue_records_max = 0;
  // NODE_STARTED itself needs a place in the queue.
  CHECK(fixture.Open(std::move(options)).status().code() == absl::StatusCode::kResourceExhausted);
}

}  // namespace
}  // namespace ndx::journal
