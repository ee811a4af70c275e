#include "ndx/store/database.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include "absl/strings/str_cat.h"
#include "ndx/tests/support/file_faults.h"
#include "ndx/tests/support/temp_dir.h"

namespace ndx::store {
namespace {

namespace fs = std::filesystem;

constexpr Family kFirst = 1;
constexpr Family kSecond = 2;

DatabaseOptions Options(const tests::TempDir& dir) {
  return {.directory = dir.File("db"),
          .families = {{.name = "first", .compress = true}, {.name = "second", .filter = true}},
          .block_cache_bytes = size_t{1} << 20};
}

std::unique_ptr<Database> Open(const DatabaseOptions& options) {
  return Database::Open(options, LogCheck::kWhole).value();
}

Batch PutOne(Family family, const std::string& key, const std::string& value) {
  Batch batch;
  batch.Put(family, key, value);
  return batch;
}

std::string FirstWithExtension(const std::string& directory, const std::string& extension) {
  for (const auto& entry : fs::directory_iterator(directory)) {
    if (entry.path().extension() == extension && entry.file_size() > 0)
      return entry.path().string();
  }
  return "";
}

TEST_CASE("what was written without waiting is there after closing and opening again") {
  const tests::TempDir dir;
  REQUIRE(Open(Options(dir))->WriteUnsynced(PutOne(kFirst, "a", "1")).ok());
  CHECK(Open(Options(dir))->Get(kFirst, "a").value() == "1");
}

TEST_CASE("a batch is applied whole, in order, across families, and survives reopening") {
  const tests::TempDir dir;
  CHECK_FALSE(Database::Exists(Options(dir).directory));
  {
    auto database = Open(Options(dir));
    Batch batch;
    CHECK(batch.empty());
    batch.Put(kFirst, "a", "1");
    batch.Put(kSecond, "a", "2");
    batch.Put(kDefaultFamily, "b", "3");
    batch.Delete(kDefaultFamily, "b");
    REQUIRE(database->WriteSynced(batch).ok());
  }
  CHECK(Database::Exists(Options(dir).directory));
  const auto database = Open(Options(dir));
  CHECK(database->Get(kFirst, "a").value() == "1");
  CHECK(database->Get(kSecond, "a").value() == "2");
  CHECK(database->Get(kDefaultFamily, "b").status().code() == absl::StatusCode::kNotFound);
}

TEST_CASE("a cursor walks one family both ways over the state when it was made") {
  const tests::TempDir dir;
  auto database = Open(Options(dir));
  for (const char* key : {"b", "d", "a"})
    REQUIRE(database->WriteSynced(PutOne(kFirst, key, key)).ok());
  const auto cursor = database->NewCursor(kFirst);
  REQUIRE(database->WriteSynced(PutOne(kFirst, "c", "c")).ok());
  std::string seen;
  for (cursor->SeekToFirst(); cursor->Valid(); cursor->Next()) seen += std::string(cursor->key());
  for (cursor->SeekToLast(); cursor->Valid(); cursor->Prev()) seen += std::string(cursor->value());
  CHECK(seen == "abddba");
  cursor->Seek("c");
  CHECK(cursor->key() == "d");
  cursor->SeekForPrev("c");
  CHECK(cursor->key() == "b");
  cursor->Seek("e");
  CHECK_FALSE(cursor->Valid());
  CHECK(cursor->status().ok());
}

TEST_CASE("memory is bounded, however much is written, in however many families") {
  const tests::TempDir dir;
  DatabaseOptions options = Options(dir);
  for (int i = 0; i < 6; ++i) options.families.push_back({.name = absl::StrCat("more", i)});
  options.write_buffer_bytes = size_t{2} << 20;
  const auto database = Open(options);
  const std::string value(4096, 'v');
  for (int i = 0; i < 8'000; ++i) {
    const Family family = static_cast<Family>(i) % 9;
    REQUIRE(database->WriteUnsynced(PutOne(family, absl::StrCat("key", i), value)).ok());
    REQUIRE(database->memory().block_cache <= options.block_cache_bytes);
  }
  CHECK(database->memory().write_buffers > 0);
  // Full buffers go to their tables in the background.
  uint64_t looks = 0;
  while (database->memory().write_buffers > options.write_buffer_bytes && looks < 20'000) {
    ++looks;
    REQUIRE(database->WriteSynced(PutOne(kFirst, "key", "v")).ok());
  }
  CHECK(database->memory().write_buffers <= options.write_buffer_bytes);
  CHECK(database->memory().tables > 0);
}

TEST_CASE("a cursor with an end stops there") {
  const tests::TempDir dir;
  const auto database = Open(Options(dir));
  for (const char* key : {"a", "b", "c"}) {
    REQUIRE(database->WriteUnsynced(PutOne(kFirst, key, "1")).ok());
  }
  const auto cursor = database->NewCursor(kFirst, "c");
  cursor->Seek("b");
  REQUIRE(cursor->Valid());
  cursor->Next();
  CHECK_FALSE(cursor->Valid());
  CHECK(cursor->status().ok());
  cursor->SeekToLast();
  CHECK(cursor->key() == "b");
}

TEST_CASE("a second opening is refused, a read-only one changes nothing") {
  const tests::TempDir dir;
  auto database = Open(Options(dir));
  REQUIRE(database->WriteSynced(PutOne(kFirst, "a", "1")).ok());
  CHECK_FALSE(Database::Open(Options(dir), LogCheck::kWhole).ok());
  database.reset();
  std::vector<fs::path> before(fs::directory_iterator(Options(dir).directory), {});
  {
    const auto reading = Database::OpenReadOnly(Options(dir), LogCheck::kWhole).value();
    CHECK(reading->Get(kFirst, "a").value() == "1");
    CHECK_FALSE(reading->WriteSynced(PutOne(kFirst, "b", "2")).ok());
  }
  std::vector<fs::path> after(fs::directory_iterator(Options(dir).directory), {});
  CHECK(before.size() == after.size());
}

TEST_CASE("a damaged log is refused whole, and read up to the damage at a point in time") {
  const tests::TempDir dir;
  {
    auto database = Open(Options(dir));
    for (int i = 0; i < 10; ++i) {
      REQUIRE(database
                  ->WriteSynced(PutOne(kFirst, std::string(1, static_cast<char>('a' + i)),
                                       std::string(100, 'v')))
                  .ok());
    }
  }
  const std::string log = FirstWithExtension(Options(dir).directory, ".log");
  REQUIRE_FALSE(log.empty());
  tests::FlipBit(log, fs::file_size(log) / 2);
  CHECK(Database::Open(Options(dir), LogCheck::kWhole).status().code() ==
        absl::StatusCode::kDataLoss);
  const auto database = Database::OpenReadOnly(Options(dir), LogCheck::kPointInTime).value();
  CHECK(database->Get(kFirst, "a").ok());
  CHECK_FALSE(database->Get(kFirst, "j").ok());
}

TEST_CASE("a changed byte in a table file is found, with the keys it holds") {
  const tests::TempDir dir;
  {
    auto database = Open(Options(dir));
    REQUIRE(database->WriteSynced(PutOne(kFirst, "a", "1")).ok());
    REQUIRE(database->WriteSynced(PutOne(kFirst, "m", "2")).ok());
    REQUIRE(database->Flush().ok());
  }
  uint64_t files = 0;
  {
    const auto sound = Database::OpenReadOnly(Options(dir), LogCheck::kWhole).value();
    CHECK(sound->CheckFiles(&files)->empty());
    CHECK(files == 1);
  }
  tests::FlipBit(FirstWithExtension(Options(dir).directory, ".sst"), 10);
  const auto changed = Database::OpenReadOnly(Options(dir), LogCheck::kWhole).value();
  const auto problems = changed->CheckFiles(&files).value();
  REQUIRE(problems.size() == 1);
  CHECK(problems[0].family == "first");
  CHECK(problems[0].smallest_key == "a");
  CHECK(problems[0].largest_key == "m");
}

TEST_CASE("a failed sync of the log fails the write and every later one") {
  const tests::TempDir dir;
  tests::TestFileFaults faults;
  DatabaseOptions options = Options(dir);
  options.faults = &faults;
  auto database = Open(options);
  REQUIRE(database->WriteSynced(PutOne(kFirst, "a", "1")).ok());
  faults.FailSyncs(".log");
  CHECK_FALSE(database->WriteSynced(PutOne(kFirst, "b", "2")).ok());
  faults.FailSyncs("");
  CHECK_FALSE(database->WriteSynced(PutOne(kFirst, "c", "3")).ok());
}

TEST_CASE("where no write succeeds any more every call fails, and the process goes on") {
  const tests::TempDir dir;
  tests::TestFileFaults faults;
  DatabaseOptions options = Options(dir);
  options.faults = &faults;
  const auto database = Open(options);
  REQUIRE(database->WriteSynced(PutOne(kFirst, "a", "1")).ok());
  faults.FailWrites(dir.File("db"));
  for (int i = 0; i < 3; ++i) {
    CHECK_FALSE(database->WriteSynced(PutOne(kFirst, "b", "2")).ok());
    CHECK_FALSE(database->Flush().ok());
  }
  CHECK(database->Get(kFirst, "a").value() == "1");
}

// Whether any file of a directory holds the text.
bool AnyFileHolds(const std::string& directory, const std::string& text) {
  for (const auto& entry : fs::directory_iterator(directory)) {
    std::ostringstream bytes;
    bytes << std::ifstream(entry.path(), std::ios::binary).rdbuf();
    if (bytes.str().find(text) != std::string::npos) return true;
  }
  return false;
}

TEST_CASE("a linked database has what was written before, and is a database of its own") {
  const tests::TempDir dir;
  const auto original = Open(Options(dir));
  REQUIRE(original->WriteSynced(PutOne(kFirst, "a", "1")).ok());
  REQUIRE(original->Flush().ok());
  REQUIRE(original->WriteSynced(PutOne(kSecond, "b", "2")).ok());  // in the log alone
  DatabaseOptions options = Options(dir);
  options.directory = dir.File("linked");
  REQUIRE(original->LinkTo(options.directory).ok());
  CHECK_FALSE(original->LinkTo(options.directory).ok());  // there already
  REQUIRE(original->WriteSynced(PutOne(kFirst, "c", "3")).ok());
  REQUIRE(Database::Open(options, LogCheck::kPointInTime).ok());
  const auto linked = Open(options);
  CHECK(linked->Get(kFirst, "a").value() == "1");
  CHECK(linked->Get(kSecond, "b").value() == "2");
  CHECK(absl::IsNotFound(linked->Get(kFirst, "c").status()));
  REQUIRE(linked->WriteSynced(PutOne(kFirst, "a", "changed")).ok());
  CHECK(original->Get(kFirst, "a").value() == "1");
}

TEST_CASE("a database that nobody has open is linked as it lies") {
  const tests::TempDir dir;
  REQUIRE(Open(Options(dir))->WriteSynced(PutOne(kFirst, "a", "1")).ok());
  DatabaseOptions options = Options(dir);
  options.directory = dir.File("linked");
  REQUIRE(Database::LinkClosed(Options(dir).directory, options.directory).ok());
  CHECK(Open(options)->Get(kFirst, "a").value() == "1");
  CHECK(Open(Options(dir))->Get(kFirst, "a").value() == "1");
  CHECK_FALSE(Database::LinkClosed(dir.File("none"), dir.File("other")).ok());
}

TEST_CASE("of an emptied family no file holds anything once the database was opened again") {
  const tests::TempDir dir;
  const std::string in_a_table(40, 'T');
  const std::string in_the_log(40, 'L');
  {
    const auto database = Open(Options(dir));
    REQUIRE(database->WriteSynced(PutOne(kSecond, "a", in_a_table)).ok());
    REQUIRE(database->Flush().ok());
    REQUIRE(database->WriteSynced(PutOne(kSecond, "b", in_the_log)).ok());
    REQUIRE(database->WriteSynced(PutOne(kFirst, "a", "kept")).ok());
  }
  REQUIRE(AnyFileHolds(Options(dir).directory, in_a_table));
  REQUIRE(AnyFileHolds(Options(dir).directory, in_the_log));
  REQUIRE(Open(Options(dir))->Empty(kSecond).ok());
  const auto database = Open(Options(dir));
  CHECK_FALSE(AnyFileHolds(Options(dir).directory, in_a_table));
  CHECK_FALSE(AnyFileHolds(Options(dir).directory, in_the_log));
  CHECK(absl::IsNotFound(database->Get(kSecond, "a").status()));
  CHECK(database->Get(kFirst, "a").value() == "kept");
}

}  // namespace
}  // namespace ndx::store
