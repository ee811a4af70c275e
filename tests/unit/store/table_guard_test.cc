// Changes single bytes of table files, those first that RocksDB uses before it checks them. Without
// the guard the process ends by abort() at some, the last byte of the properties for one.
#include <rocksdb/db.h>
#include <rocksdb/table.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "ndx/store/database.h"
#include "ndx/tests/support/temp_dir.h"

namespace ndx::store {
namespace {

namespace fs = std::filesystem;

constexpr int kKeys = 20;
constexpr uint64_t kFooterBytes = 53;
constexpr uint64_t kTailBytes = 900;  // less than what follows the filter, which holds no answer

DatabaseOptions Options(const tests::TempDir& dir) {
  return {.directory = dir.File("db"),
          .families = {{.name = "text", .compress = true}, {.name = "found", .filter = true}},
          .block_cache_bytes = size_t{1} << 20};
}

std::string Value(int i) { return std::string(static_cast<size_t>(i), 'v'); }

std::vector<std::string> WriteTables(const DatabaseOptions& options) {
  const auto database = Database::Open(options, LogCheck::kWhole).value();
  Batch batch;
  for (const Family family : {Family{1}, Family{2}}) {
    for (int i = 0; i < kKeys; ++i) batch.Put(family, std::to_string(i), Value(i));
  }
  REQUIRE(database->WriteSynced(batch).ok());
  REQUIRE(database->Flush().ok());
  std::vector<std::string> tables;
  for (const auto& entry : fs::directory_iterator(options.directory)) {
    if (entry.path().extension() == ".sst") tables.push_back(entry.path().string());
  }
  REQUIRE(tables.size() == 2);
  return tables;
}

void Flip(const std::string& path, uint64_t offset, int mask) {
  std::fstream file(path, std::ios::binary | std::ios::in | std::ios::out);
  file.seekg(static_cast<std::streamoff>(offset));
  const int byte = file.get();
  file.seekp(static_cast<std::streamoff>(offset));
  file.put(static_cast<char>(byte ^ mask));
  REQUIRE(file.good());
}

// OK only if everything is there as it was written.
absl::Status ReadAll(const DatabaseOptions& options) {
  const auto database = Database::OpenReadOnly(options, LogCheck::kWhole);
  if (!database.ok()) return database.status();
  for (const Family family : {Family{1}, Family{2}}) {
    for (int i = 0; i < kKeys; ++i) {
      const auto value = (*database)->Get(family, std::to_string(i));
      if (!value.ok()) return value.status();
      REQUIRE(*value == Value(i));
    }
  }
  return absl::OkStatus();
}

TEST_CASE("a changed byte at the end of a table is an error, never the end of the process") {
  const tests::TempDir dir;
  const DatabaseOptions options = Options(dir);
  const std::string path = WriteTables(options).front();
  const uint64_t size = fs::file_size(path);
  // Index, properties, names of meta blocks, footer. The highest bit is that of marks: in the last
  // byte of the properties it says that there is a hash index behind them.
  for (uint64_t offset = size - std::min(size, kTailBytes); offset < size; ++offset) {
    INFO("offset " << offset << " of " << size);
    Flip(path, offset, 0x80);
    const absl::Status status = ReadAll(options);
    Flip(path, offset, 0x80);
    CHECK(absl::IsDataLoss(status));
  }
  CHECK(ReadAll(options).ok());
}

TEST_CASE("every byte of a table's footer counts, and a table cut short is not opened") {
  const tests::TempDir dir;
  const DatabaseOptions options = Options(dir);
  const std::string path = WriteTables(options).back();
  const uint64_t size = fs::file_size(path);
  for (uint64_t offset = size - kFooterBytes; offset < size; ++offset) {
    INFO("offset " << offset << " of " << size);
    Flip(path, offset, 1 << offset % 8);
    const absl::Status status = ReadAll(options);
    Flip(path, offset, 1 << offset % 8);
    CHECK(absl::IsDataLoss(status));
    CHECK(status.message().find(fs::path(path).filename().string()) != std::string::npos);
  }
  for (const uint64_t left : {size - 1, size / 2, kFooterBytes, kFooterBytes - 1, uint64_t{0}}) {
    fs::resize_file(path, left);
    CHECK(absl::IsDataLoss(ReadAll(options)));
  }
}

TEST_CASE("tables from before, with RocksDB's own choice of checksum, are opened") {
  const tests::TempDir dir;
  rocksdb::Options options;
  options.create_if_missing = true;
  options.file_checksum_gen_factory = rocksdb::GetFileChecksumGenCrc32cFactory();
  rocksdb::DB* opened = nullptr;
  REQUIRE(rocksdb::DB::Open(options, dir.File("db"), &opened).ok());
  const std::unique_ptr<rocksdb::DB> before(opened);
  REQUIRE(before->Put(rocksdb::WriteOptions(), "key", "value").ok());
  REQUIRE(before->Flush(rocksdb::FlushOptions()).ok());
  const auto database = Database::OpenReadOnly({.directory = dir.File("db")}, LogCheck::kWhole);
  REQUIRE(database.ok());
  CHECK((*database)->Get(kDefaultFamily, "key").value() == "value");
}

}  // namespace
}  // namespace ndx::store
