// Start-up rules: what is opened, what is refused, and with which words.
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <string>

#include "journal_fixture.h"
#include "ndx/journal/checkpoint.h"
#include "ndx/store/slot_file.h"
#include "ndx/tests/support/status_text.h"

namespace ndx::journal {
namespace {

namespace fs = std::filesystem;

void AppendReads(JournalFixture& fixture, Journal& journal, int count) {
  for (int i = 0; i < count; ++i) {
    REQUIRE(AppendAndWait(journal, JournalFixture::Read(fixture.NewId(), "q", "a")).ok());
  }
}

std::string WriteAheadLog(const std::string& directory) {
  std::string newest;
  for (const auto& entry : fs::directory_iterator(directory + "/epoch-0001/db")) {
    if (entry.path().extension() == ".log") newest = std::max(newest, entry.path().string());
  }
  return newest;
}

std::string Content(const std::string& path) {
  std::string content(fs::file_size(path), '\0');
  std::ifstream(path, std::ios::binary)
      .read(content.data(), static_cast<std::streamsize>(content.size()));
  return content;
}

TEST_CASE("a killed journal opens with everything that was acknowledged") {
  JournalFixture fixture;
  auto journal = fixture.Open();
  std::vector<std::string> receipts;
  for (int i = 0; i < 20; ++i) {
    receipts.push_back(
        AppendAndWait(*journal, JournalFixture::Read(fixture.NewId(), "q", "a"))->receipt);
    const std::string copy = fixture.CopyDirectory("copy" + std::to_string(i));
    auto started = fixture.Open(fixture.OptionsFor(copy)).value();
    CHECK(started->findings().leaves == static_cast<uint64_t>(i) + 2);
    CHECK_FALSE(started->findings().clean_stop);
    CHECK(started->findings().leaves_past_checkpoint == 0);
    for (const std::string& receipt : receipts) {
      const auto verified = VerifyReceipt(receipt, {.vkey = started->vkey()}).value();
      CHECK(started->reader().Leaf(verified.index)->leaf.exchange_id() ==
            verified.leaf.exchange_id());
    }
  }
}

TEST_CASE("a store shorter than its newest checkpoint is refused and left as it is") {
  JournalFixture fixture;
  auto journal = fixture.Open();
  AppendReads(fixture, *journal, 3);
  const std::string copy = fixture.CopyDirectory("old");
  AppendReads(fixture, *journal, 3);
  // A backup of the database under the checkpoints of today.
  const std::string later = fixture.CopyDirectory("later");
  fs::copy_file(later + "/epoch-0001/checkpoint", copy + "/epoch-0001/checkpoint",
                fs::copy_options::overwrite_existing);
  const std::string log = WriteAheadLog(copy);
  const std::string log_before = Content(log);
  for (int attempt = 0; attempt < 2; ++attempt) {
    const auto started = fixture.Open(fixture.OptionsFor(copy));
    REQUIRE_FALSE(started.ok());
    CHECK(started.status().code() == absl::StatusCode::kDataLoss);
    CHECK(tests::Says(started.status(), "does not start"));
    CHECK(tests::Says(started.status(), "holds 4 records"));
    CHECK(tests::Says(started.status(), "signs 7"));
    CHECK(tests::Says(started.status(), "new epoch"));
  }
  CHECK(VerifyJournal(copy, {.vkeys = {journal->vkey()}})->ok() == false);
}

TEST_CASE("a damaged log that takes signed records away is refused without being touched") {
  JournalFixture fixture;
  auto journal = fixture.Open();
  AppendReads(fixture, *journal, 5);
  const std::string copy = fixture.CopyDirectory("damaged");
  const std::string log = WriteAheadLog(copy);
  const auto half = static_cast<std::streamoff>(fs::file_size(log) / 2);
  {
    std::fstream file(log, std::ios::binary | std::ios::in | std::ios::out);
    file.seekp(half);
    file.put('\x7F');
    file.put('\x7F');
  }
  const std::string before = Content(log);
  const auto started = fixture.Open(fixture.OptionsFor(copy));
  REQUIRE_FALSE(started.ok());
  CHECK(tests::Says(started.status(), "does not start"));
  CHECK(Content(log) == before);
}

TEST_CASE("a log cut off behind the newest checkpoint is what a power cut leaves, and opens") {
  JournalFixture fixture;
  auto journal = fixture.Open();
  AppendReads(fixture, *journal, 2);
  const std::string old = fixture.CopyDirectory("old");
  AppendReads(fixture, *journal, 1);
  const std::string copy = fixture.CopyDirectory("cut");
  // The last group reached the log in part, its checkpoint not at all.
  fs::copy_file(old + "/epoch-0001/checkpoint", copy + "/epoch-0001/checkpoint",
                fs::copy_options::overwrite_existing);
  const std::string log = WriteAheadLog(copy);
  fs::resize_file(log, fs::file_size(log) - 10);
  const auto started = fixture.Open(fixture.OptionsFor(copy));
  REQUIRE(started.ok());
  CHECK((*started)->findings().leaves == 3);
}

TEST_CASE("records that are durable and not yet signed are signed after the start") {
  JournalFixture fixture;
  auto journal = fixture.Open();
  AppendReads(fixture, *journal, 2);
  const std::string old = fixture.CopyDirectory("old");
  AppendReads(fixture, *journal, 3);
  const std::string copy = fixture.CopyDirectory("unsigned");
  fs::copy_file(old + "/epoch-0001/checkpoint", copy + "/epoch-0001/checkpoint",
                fs::copy_options::overwrite_existing);
  const auto report = VerifyJournal(copy, {.vkeys = {journal->vkey()}});
  CHECK(report->ok());
  CHECK(report->leaves_unsigned == 3);
  auto started = fixture.Open(fixture.OptionsFor(copy)).value();
  CHECK(started->findings().leaves == 6);
  CHECK(started->findings().leaves_past_checkpoint == 3);
  CHECK(started->reader().size() == 7);
}

TEST_CASE("other leaves than those signed are refused") {
  JournalFixture fixture;
  fixture.Open();
  JournalFixture other;
  other.random.Next64();
  auto journal = other.Open();
  AppendReads(other, *journal, 1);
  journal.reset();
  // The other node's database, of the same length, under this node's checkpoints and keys.
  {
    auto mine = fixture.Open();
    AppendReads(fixture, *mine, 1);
  }
  const std::string mixed = fixture.CopyDirectory("mixed");
  fs::remove_all(mixed + "/epoch-0001/db");
  other.Open().reset();
  fs::copy(other.Options().directory + "/epoch-0001/db", mixed + "/epoch-0001/db",
           fs::copy_options::recursive);
  const auto started = fixture.Open(fixture.OptionsFor(mixed));
  REQUIRE_FALSE(started.ok());
  CHECK(tests::Says(started.status(), "does not start"));
}

TEST_CASE("a missing database, missing or foreign checkpoints, and wrong keys are refused") {
  JournalFixture fixture;
  fixture.Open();
  {
    const std::string copy = fixture.CopyDirectory("no-database");
    fs::remove_all(copy + "/epoch-0001/db");
    CHECK(tests::Says(fixture.Open(fixture.OptionsFor(copy)).status(), "its database is gone"));
  }
  {
    const std::string copy = fixture.CopyDirectory("no-checkpoint");
    fs::remove(copy + "/epoch-0001/checkpoint");
    CHECK(tests::Says(fixture.Open(fixture.OptionsFor(copy)).status(), "no signed checkpoint"));
    std::ofstream(copy + "/epoch-0001/checkpoint") << "garbage";
    CHECK(tests::Says(fixture.Open(fixture.OptionsFor(copy)).status(), "no signed checkpoint"));
  }
  const auto with = [&](RocksJournalKeys keys, const std::string& node) {
    RocksJournalOptions options = fixture.Options();
    options.node = node;
    return RocksJournal::Open(std::move(options), std::move(keys), fixture.clock, fixture.random)
        .status();
  };
  RocksJournalKeys keys = TestKeys();
  keys.master = crypto::SecretBytes(std::string(32, 'x'));
  CHECK(tests::Says(with(std::move(keys), "VN:GOV:G01:ndxp"), "master key"));
  keys = TestKeys();
  keys.signing = crypto::Ed25519PrivateKey::FromSeed(std::string(32, 'x')).value();
  CHECK(tests::Says(with(std::move(keys), "VN:GOV:G01:ndxp"), "not signed with this node's key"));
  CHECK_FALSE(with(TestKeys(), "VN:GOV:G01:another").ok());
  CHECK_FALSE(with(TestKeys(), "bad name").ok());
  CHECK(fixture.Open()->findings().clean_stop);  // nothing of this did any harm
}

TEST_CASE("a second owner of the directory is refused, in this process and in another") {
  JournalFixture fixture;
  auto journal = fixture.Open();
  const auto second = fixture.Open(fixture.Options());
  CHECK(second.status().code() == absl::StatusCode::kFailedPrecondition);
  CHECK(tests::Says(second.status(), "another process"));
}

TEST_CASE("a new epoch begins with the last checkpoint before it") {
  JournalFixture fixture;
  std::string before;
  {
    auto journal = fixture.Open();
    AppendReads(fixture, *journal, 2);
    before = journal->reader().Checkpoint();
  }
  RocksJournalOptions options = fixture.Options();
  options.open_new_epoch = true;
  {
    auto journal = fixture.Open(std::move(options)).value();
    CHECK(journal->findings().epoch == 2);
    CHECK(journal->findings().created);
    CHECK(journal->reader().Leaf(0)->leaf.note() == before);
    CHECK(journal->vkey().rfind("VN:GOV:G01:ndxp/journal/2+", 0) == 0);
    AppendReads(fixture, *journal, 1);
  }
  auto journal = fixture.Open();
  CHECK(journal->findings().epoch == 2);
  CHECK(journal->reader().size() == 3);
}

TEST_CASE("a torn checkpoint slot costs nothing but that slot") {
  JournalFixture fixture;
  {
    auto journal = fixture.Open();
    AppendReads(fixture, *journal, 2);
  }
  const std::string path = fixture.Options().directory + "/epoch-0001/checkpoint";
  const store::Slots slots = store::ReadSlots(path).value();
  const size_t older = slots[0].sequence < slots[1].sequence ? 0 : 1;
  {
    std::fstream file(path, std::ios::binary | std::ios::in | std::ios::out);
    file.seekp(static_cast<std::streamoff>(older * store::kSlotBytes + 100));
    file.put('\x7F');
  }
  auto journal = fixture.Open();
  CHECK(journal->reader().size() == 4);
  const store::Slots healed = store::ReadSlots(path).value();
  CHECK(healed[older].state == store::SlotState::kValid);
}

}  // namespace
}  // namespace ndx::journal
