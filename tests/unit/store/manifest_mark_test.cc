// RocksDB's list of its files, cut off, changed, or older than the mark.
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include "ndx/store/database.h"
#include "ndx/tests/support/temp_dir.h"

namespace ndx::store {
namespace {

namespace fs = std::filesystem;

DatabaseOptions Options(const tests::TempDir& dir) {
  return {.directory = dir.File("db"), .families = {{.name = "one"}, {.name = "other"}}};
}

std::string ReadFile(const std::string& path) {
  std::ostringstream content;
  content << std::ifstream(path, std::ios::binary).rdbuf();
  return content.str();
}

void WriteFile(const std::string& path, const std::string& content) {
  std::ofstream(path, std::ios::binary | std::ios::trunc) << content;
}

// A database whose families were flushed one after the other; returns the path of its list.
std::string TwoFlushedFamilies(const DatabaseOptions& options) {
  const auto database = Database::Open(options, LogCheck::kWhole).value();
  for (const Family family : {Family{1}, Family{2}}) {
    Batch batch;
    batch.Put(family, "key", "value");
    REQUIRE(database->WriteSynced(batch).ok());
    REQUIRE(database->Flush().ok());
  }
  std::string name = ReadFile(options.directory + "/CURRENT");
  name.pop_back();
  return options.directory + "/" + name;
}

TEST_CASE("a list of files that ends too early, or is not what was written, is not opened") {
  const tests::TempDir dir;
  const DatabaseOptions options = Options(dir);
  const std::string path = TwoFlushedFamilies(options);
  const std::string list = ReadFile(path);
  for (size_t length = 0; length < list.size(); length += 1 + list.size() / 100) {
    INFO("of " << list.size() << " bytes are left " << length);
    WriteFile(path, list.substr(0, length));
    CHECK(absl::IsDataLoss(Database::OpenReadOnly(options, LogCheck::kWhole).status()));
  }
  WriteFile(path, list.substr(0, list.size() - 40) + std::string(40, '\0'));
  CHECK(absl::IsDataLoss(Database::Open(options, LogCheck::kPointInTime).status()));
  WriteFile(path, list);
  const auto database = Database::Open(options, LogCheck::kWhole);
  REQUIRE(database.ok());
  CHECK((*database)->Get(2, "key").value() == "value");
}

TEST_CASE("a list is opened that was written further, or has no mark, or a damaged one") {
  const tests::TempDir dir;
  const DatabaseOptions options = Options(dir);
  const std::string path = TwoFlushedFamilies(options);
  const std::string mark_path = options.directory + "/manifest-mark";
  const std::string mark = ReadFile(mark_path);
  REQUIRE(mark.size() == 8192);
  SECTION("the end of a record that a crash cut off") {
    WriteFile(path, ReadFile(path) + "\1\2\3");
  }
  SECTION("no mark: a database of before") { fs::remove(mark_path); }
  SECTION("the mark is unreadable") { WriteFile(mark_path, std::string(8192, 'x')); }
  SECTION("the newer slot was being written: the older one is of a shorter list") {
    for (const size_t slot : {size_t{0}, size_t{4096}}) {
      WriteFile(mark_path, std::string(mark).replace(slot + 100, 1, "x"));
      CHECK(Database::OpenReadOnly(options, LogCheck::kWhole).ok());
    }
  }
  const auto database = Database::Open(options, LogCheck::kWhole);
  REQUIRE(database.ok());
  CHECK((*database)->Get(1, "key").value() == "value");
  CHECK((*database)->Get(2, "key").value() == "value");
}

}  // namespace
}  // namespace ndx::store
