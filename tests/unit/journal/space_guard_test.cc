// A disk that runs full under a journal.
#include <atomic>
#include <catch2/catch.hpp>
#include <filesystem>
#include <memory>
#include <string>

#include "journal_fixture.h"

namespace ndx::journal {
namespace {

constexpr uint64_t kLow = uint64_t{1} << 30;

struct FullDisk {
  FullDisk() {
    RocksJournalOptions options = fixture.Options();
    options.free_bytes_min = kLow;
    options.free_bytes = [this]() -> absl::StatusOr<uint64_t> { return free.load(); };
    journal = fixture.Open(std::move(options)).value();
  }
  // The journal looks again after its interval.
  void SetFree(uint64_t bytes) {
    free = bytes;
    fixture.clock.Advance(absl::Seconds(1));
  }
  bool HasBallast() const {
    return std::filesystem::exists(fixture.Options().directory + "/ballast");
  }
  absl::StatusCode Append(Record record) {
    return AppendAndWait(*journal, std::move(record)).status().code();
  }

  JournalFixture fixture;
  std::atomic<uint64_t> free = kLow;
  std::unique_ptr<RocksJournal> journal;
};

TEST_CASE("below the low-water mark new exchanges are refused, and come back by themselves") {
  FullDisk disk;
  CHECK(disk.journal->AcceptsNewExchanges().ok());  // exactly at the mark
  const auto open = disk.fixture.NewId();
  REQUIRE(disk.Append(JournalFixture::Opening(open, "q")) == absl::StatusCode::kOk);
  disk.SetFree(kLow - 1);
  CHECK(disk.journal->AcceptsNewExchanges().code() == absl::StatusCode::kResourceExhausted);
  const uint64_t before = disk.journal->reader().size();
  CHECK(disk.Append(JournalFixture::Opening(disk.fixture.NewId(), "q")) ==
        absl::StatusCode::kResourceExhausted);
  CHECK(disk.journal->reader().size() == before);
  // What is under way is finished, refusals are recorded, reading goes on.
  CHECK(disk.Append(JournalFixture::Read(disk.fixture.NewId(), "q", "a")) == absl::StatusCode::kOk);
  CHECK(disk.Append(JournalFixture::MakeRecord(v1::JOURNAL_EVENT_REFUSED, disk.fixture.NewId())) ==
        absl::StatusCode::kOk);
  CHECK(disk.Append(JournalFixture::Closing(v1::JOURNAL_EVENT_ANSWERED, open, "a")) ==
        absl::StatusCode::kOk);
  CHECK(disk.journal->reader().OpenPayload(before - 1).ok());
  disk.SetFree(kLow);
  CHECK(disk.journal->AcceptsNewExchanges().ok());
}

TEST_CASE("the ballast is given back for what closes exchanges, and taken again") {
  FullDisk disk;
  CHECK(disk.HasBallast());
  const auto open = disk.fixture.NewId();
  REQUIRE(disk.Append(JournalFixture::Opening(open, "q")) == absl::StatusCode::kOk);
  disk.SetFree(kLow / 8 - 1);
  CHECK(disk.Append(JournalFixture::Closing(v1::JOURNAL_EVENT_ANSWERED, open, "a")) ==
        absl::StatusCode::kOk);
  CHECK_FALSE(disk.HasBallast());
  CHECK(disk.Append(JournalFixture::MakeRecord(v1::JOURNAL_EVENT_REFUSED, disk.fixture.NewId())) ==
        absl::StatusCode::kResourceExhausted);
  disk.SetFree(kLow);  // not enough yet to hold the ballast as well
  CHECK_FALSE(disk.journal->AcceptsNewExchanges().ok());
  disk.SetFree(kLow + 4096);
  CHECK(disk.journal->AcceptsNewExchanges().ok());
  CHECK(disk.HasBallast());
}

TEST_CASE("a disk that cannot even be asked is gone: the journal stops and says so") {
  JournalFixture fixture;
  std::atomic<bool> gone = false;
  std::atomic<int> stopped = 0;
  RocksJournalOptions options = fixture.Options();
  options.free_bytes = [&]() -> absl::StatusOr<uint64_t> {
    if (gone) return absl::UnavailableError("reading its free space: Input/output error");
    return uint64_t{1} << 40;
  };
  options.on_fatal = [&](const absl::Status& status) {
    ++stopped;
    CHECK(status.message().find("Input/output error") != std::string::npos);
  };
  const auto journal = fixture.Open(std::move(options)).value();
  REQUIRE(journal->AcceptsNewExchanges().ok());
  gone = true;
  fixture.clock.Advance(absl::Seconds(1));
  CHECK_FALSE(journal->AcceptsNewExchanges().ok());
  CHECK(absl::IsDataLoss(journal->AcceptsNewExchanges()));
  CHECK(stopped == 1);
  CHECK_FALSE(AppendAndWait(*journal, JournalFixture::Opening(fixture.NewId(), "q")).ok());
}

}  // namespace
}  // namespace ndx::journal
