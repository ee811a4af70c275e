#include "ndx/journal/verify_journal.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <functional>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "journal_fixture.h"
#include "ndx/core/big_endian.h"
#include "ndx/journal/merkle.h"
#include "ndx/store/database.h"

namespace ndx::journal {
namespace {

namespace fs = std::filesystem;

// Text files and marks of RocksDB that hold no record, and our own mark, lock and ballast: a change
// there harms nothing and is not looked for.
bool HoldsNoRecord(const std::string& name) {
  return absl::StartsWith(name, "OPTIONS-") || name == "IDENTITY" || name == "LOCK" ||
         name == "manifest-mark" || name == "ballast";
}

std::vector<std::string> RecordFiles(const std::string& directory) {
  std::vector<std::string> files;
  for (const auto& entry : fs::recursive_directory_iterator(directory)) {
    const std::string name = entry.path().filename().string();
    if (entry.is_regular_file() && entry.file_size() > 0 && !HoldsNoRecord(name)) {
      files.push_back(entry.path().string());
    }
  }
  std::sort(files.begin(), files.end());
  return files;
}

std::set<std::string> Listing(const std::string& directory) {
  std::set<std::string> names;
  for (const auto& entry : fs::recursive_directory_iterator(directory)) {
    names.insert(entry.path().string());
  }
  return names;
}

void FlipByte(const std::string& path, uint64_t offset, int mask) {
  std::fstream file(path, std::ios::binary | std::ios::in | std::ios::out);
  file.seekg(static_cast<std::streamoff>(offset));
  const int byte = file.get();
  file.seekp(static_cast<std::streamoff>(offset));
  file.put(static_cast<char>(byte ^ mask));
  REQUIRE(file.good());
}

// Every offset of a small file; of a large one both ends and an odd stride.
std::vector<uint64_t> Offsets(uint64_t size) {
  std::set<uint64_t> offsets;
  for (uint64_t i = 0; i < std::min<uint64_t>(size, 16); ++i) offsets.insert({i, size - 1 - i});
  const uint64_t stride = std::max<uint64_t>(1, size / 100) | 1;
  for (uint64_t at = 0; at < size; at += stride) offsets.insert(at);
  return {offsets.begin(), offsets.end()};
}

// 300 leaves over two runs: table files from the first, a write-ahead log from the second, tiles, a
// segment file from each.
struct SmallJournal {
  SmallJournal() {
    for (int run = 0; run < 2; ++run) {
      auto journal = fixture.Open();
      REQUIRE(journal->StartFollowing({}).ok());
      vkey = journal->vkey();
      for (int i = 0; i < 149; ++i) {
        const std::string body =
            std::string(i % 30 == 0 ? 3000 : 100, static_cast<char>('a' + run));
        REQUIRE(AppendAndWait(*journal, JournalFixture::Read(fixture.NewId(), body, "yes")).ok());
      }
      // The keys of the first run's payloads are moved, those of the second only in part.
      if (run == 0) {
        REQUIRE(journal->payload_keeper().AwaitFollowed(absl::Minutes(1)).ok());
      }
    }
    directory = fixture.Options().directory;
  }
  VerifyReport Verify() const { return VerifyJournal(directory, {.vkeys = {vkey}}).value(); }

  JournalFixture fixture;
  std::string directory;
  std::string vkey;
};

TEST_CASE("a sound journal is verified without changing its directory") {
  const SmallJournal small;
  const auto before = Listing(small.directory);
  const VerifyReport report = small.Verify();
  for (const VerifyProblem& problem : report.problems) UNSCOPED_INFO(problem.ToString());
  CHECK(report.ok());
  CHECK(report.leaves == 300);
  CHECK(report.checkpoint_size == 300);
  CHECK(report.payloads == 2 * 298);
  CHECK(report.origin == "VN:GOV:G01:ndxp/journal/1");
  CHECK(Listing(small.directory) == before);
}

TEST_CASE("one changed byte in any file that holds records is found and a record named") {
  const SmallJournal small;
  REQUIRE(small.Verify().ok());
  uint64_t flips = 0;
  std::set<std::string> kinds;
  for (const std::string& path : RecordFiles(small.directory)) {
    kinds.insert(fs::path(path).extension().string());
    for (const uint64_t offset : Offsets(fs::file_size(path))) {
      const int mask = flips % 2 == 0 ? 0x01 : 0x80;
      FlipByte(path, offset, mask);
      const VerifyReport report = small.Verify();
      FlipByte(path, offset, mask);
      ++flips;
      INFO(path << " offset " << offset << " of " << fs::file_size(path) << " mask " << mask);
      CHECK_FALSE(report.ok());
      const bool named = std::any_of(
          report.problems.begin(), report.problems.end(), [](const VerifyProblem& problem) {
            return problem.first_leaf.has_value() && problem.end_leaf > problem.first_leaf;
          });
      CHECK(named);
    }
  }
  CHECK(small.Verify().ok());
  CHECK(flips > 800);
  // Tables, write-ahead log, segments, manifest and checkpoint slots were all among them.
  CHECK(kinds == std::set<std::string>{"", ".sst", ".log", ".seg"});
}

TEST_CASE("what RocksDB would end the process for is named, and refused at the start") {
  constexpr uint64_t kTail = 200;  // names of meta blocks, footer, and the end of the properties
  SmallJournal small;
  for (const char* const database : {"/epoch-0001/db", "/epoch-0001/keys"}) {
    std::string table;
    for (const auto& entry : fs::directory_iterator(small.directory + database)) {
      if (entry.path().extension() == ".sst") table = entry.path().string();
    }
    REQUIRE_FALSE(table.empty());
    const uint64_t size = fs::file_size(table);
    for (uint64_t offset = size - kTail; offset < size; offset += 3) {
      INFO(table << " offset " << offset << " of " << size);
      FlipByte(table, offset, 0x80);
      CHECK_FALSE(small.Verify().ok());
      const auto opened = small.fixture.Open(small.fixture.Options());
      CHECK(absl::IsDataLoss(opened.status()));
      CHECK(absl::StrContains(opened.status().message(), fs::path(table).filename().string()));
      FlipByte(table, offset, 0x80);
    }
  }
  CHECK(small.Verify().ok());
}

// Changes the database with its own engine, so that every checksum of every file fits again.
void Rewrite(const std::string& directory, store::Family family, const std::string& key,
             const std::function<std::string(std::string)>& change) {
  const store::DatabaseOptions options{.directory = directory + "/epoch-0001/db",
                                       .families = {{.name = "leaves", .compress = true},
                                                    {.name = "tiles"},
                                                    {.name = "exchanges"},
                                                    {.name = "open"},
                                                    {.name = "keys"},
                                                    {.name = "payloads"}}};
  auto database = store::Database::Open(options, store::LogCheck::kWhole).value();
  store::Batch batch;
  batch.Put(family, key, change(database->Get(family, key).value()));
  REQUIRE(database->WriteSynced(batch).ok());
}

constexpr store::Family kLeaves = 1;
constexpr store::Family kTiles = 2;
constexpr store::Family kPayloads = 6;

bool Names(const VerifyReport& report, uint64_t leaf) {
  return std::any_of(report.problems.begin(), report.problems.end(),
                     [&](const VerifyProblem& problem) {
                       return problem.first_leaf <= leaf && leaf < problem.end_leaf;
                     });
}

TEST_CASE("a record changed by someone who can write the database is found and named") {
  const std::function<std::string(std::string)> other_purpose = [](std::string bytes) {
    v1::JournalLeaf leaf;
    REQUIRE(leaf.ParseFromString(bytes));
    leaf.set_purpose("something else");
    return leaf.SerializeAsString();
  };
  for (const uint64_t index : {uint64_t{17}, uint64_t{255}, uint64_t{299}}) {
    const SmallJournal small;
    Rewrite(small.directory, kLeaves, core::BigEndian(index), other_purpose);
    const VerifyReport report = small.Verify();
    INFO(index);
    REQUIRE_FALSE(report.ok());
    CHECK(Names(report, index));
    // Exactly that record where its tile is full; the records since the last full tile otherwise.
    if (index < 256) CHECK(report.problems.front().end_leaf == index + 1);
  }
}

TEST_CASE("a record changed together with its tile is still found by the signature") {
  const SmallJournal small;
  std::string changed;
  Rewrite(small.directory, kLeaves, core::BigEndian(uint64_t{17}), [&](std::string bytes) {
    v1::JournalLeaf leaf;
    REQUIRE(leaf.ParseFromString(bytes));
    leaf.set_purpose("something else");
    return changed = leaf.SerializeAsString();
  });
  const TreeHash hash = LeafHash(changed);
  Rewrite(small.directory, kTiles, std::string(1, '\0') + core::BigEndian(uint64_t{0}),
          [&](std::string tile) {
            return tile.replace(17 * 32, 32, std::string(crypto::AsBytes(hash)));
          });
  const VerifyReport report = small.Verify();
  REQUIRE_FALSE(report.ok());
  CHECK(Names(report, 17));
}

TEST_CASE("a payload exchanged for another is found with its exchange id") {
  const SmallJournal small;
  std::string donor;
  Rewrite(small.directory, kPayloads, core::BigEndian(uint64_t{20}),
          [&](const std::string& bytes) { return donor = bytes; });
  Rewrite(small.directory, kPayloads, core::BigEndian(uint64_t{21}),
          [&](const std::string&) { return donor; });
  const VerifyReport report = small.Verify();
  REQUIRE(report.problems.size() == 2);  // request and answer
  CHECK(report.problems[0].first_leaf == 21);
  CHECK(report.problems[0].exchange_id.size() == core::ExchangeId::kTextLength);
  CHECK(report.problems[0].ToString().rfind("record 21 (exchange ", 0) == 0);
}

TEST_CASE("a missing segment and missing checkpoints are found; keys and directories are checked") {
  const SmallJournal small;
  fs::rename(small.directory + "/epoch-0001/segments/00000001.seg", small.directory + "/aside");
  const VerifyReport report = small.Verify();
  CHECK(Names(report, 1));
  CHECK_FALSE(Names(report, 2));
  fs::rename(small.directory + "/aside", small.directory + "/epoch-0001/segments/00000001.seg");
  fs::remove(small.directory + "/epoch-0001/checkpoint");
  CHECK(Names(small.Verify(), 299));
  CHECK_FALSE(VerifyJournal(small.directory, {.vkeys = {"nonsense"}}).ok());
  CHECK_FALSE(VerifyJournal(small.directory, {}).ok());
  CHECK_FALSE(VerifyJournal(small.directory + "/none", {.vkeys = {small.vkey}}).ok());
}

}  // namespace
}  // namespace ndx::journal
