// What was deleted is in no file any more.
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <string>

#include "ndx/store/database.h"
#include "ndx/tests/support/temp_dir.h"

namespace ndx::store {
namespace {

namespace fs = std::filesystem;

constexpr Family kSecrets = 1;
constexpr Family kOther = 2;

std::unique_ptr<Database> Open(const tests::TempDir& dir) {
  return Database::Open({.directory = dir.File("db"),
                         .families = {{.name = "secrets"}, {.name = "other"}},
                         .block_cache_bytes = size_t{1} << 20},
                        LogCheck::kWhole)
      .value();
}

absl::Status Put(Database& database, Family family, const std::string& key,
                 const std::string& value) {
  Batch batch;
  batch.Put(family, key, value);
  return database.WriteSynced(batch);
}

absl::Status Delete(Database& database, const std::string& key) {
  Batch batch;
  batch.Delete(kSecrets, key);
  return database.WriteSynced(batch);
}

bool AnyFileHolds(const tests::TempDir& dir, const std::string& text) {
  for (const auto& entry : fs::recursive_directory_iterator(dir.File("db"))) {
    if (!entry.is_regular_file()) continue;
    std::string bytes(entry.file_size(), '\0');
    std::ifstream(entry.path(), std::ios::binary)
        .read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    if (bytes.find(text) != std::string::npos) return true;
  }
  return false;
}

TEST_CASE("a scrubbed family's deleted values are in no file, its others and other families stay") {
  const tests::TempDir dir;
  auto database = Open(dir);
  // Some of it in tables, some in the log; and a family that never reaches a table by itself.
  REQUIRE(Put(*database, kOther, "k", "unconcerned").ok());
  REQUIRE(Put(*database, kSecrets, "a", "canary-in-a-table").ok());
  REQUIRE(database->Flush().ok());
  REQUIRE(Put(*database, kSecrets, "b", "canary-in-the-log").ok());
  REQUIRE(Put(*database, kSecrets, "c", "canary-overwritten").ok());
  REQUIRE(Put(*database, kSecrets, "d", "stays").ok());
  REQUIRE(Put(*database, kOther, "k2", "unconcerned too").ok());
  REQUIRE(Delete(*database, "a").ok());
  REQUIRE(Delete(*database, "b").ok());
  REQUIRE(Put(*database, kSecrets, "c", "new").ok());
  CHECK(AnyFileHolds(dir, "canary-"));
  REQUIRE(database->Scrub({kSecrets}).ok());
  CHECK_FALSE(AnyFileHolds(dir, "canary-"));
  CHECK(database->Get(kSecrets, "d").value() == "stays");
  CHECK(database->Get(kSecrets, "c").value() == "new");
  CHECK(database->Get(kOther, "k2").value() == "unconcerned too");
  database.reset();
  database = Open(dir);
  CHECK_FALSE(AnyFileHolds(dir, "canary-"));
  CHECK(database->Get(kOther, "k").value() == "unconcerned");
  CHECK(absl::IsNotFound(database->Get(kSecrets, "b").status()));
}

TEST_CASE("scrubbing again after a restart, when the deletion was in the log only") {
  const tests::TempDir dir;
  auto database = Open(dir);
  REQUIRE(Put(*database, kSecrets, "a", "canary").ok());
  REQUIRE(Delete(*database, "a").ok());
  database.reset();
  database = Open(dir);
  REQUIRE(database->Scrub({kSecrets}).ok());
  CHECK_FALSE(AnyFileHolds(dir, "canary"));
  // Nothing left to do is no error.
  CHECK(database->Scrub({kSecrets, kOther}).ok());
}

TEST_CASE("a cursor that holds an old file makes scrubbing say so") {
  const tests::TempDir dir;
  auto database = Open(dir);
  REQUIRE(Put(*database, kSecrets, "a", "canary").ok());
  REQUIRE(database->Flush().ok());
  auto cursor = database->NewCursor(kSecrets);
  cursor->SeekToFirst();
  REQUIRE(Delete(*database, "a").ok());
  CHECK(absl::IsUnavailable(database->Scrub({kSecrets})));
  cursor.reset();
  CHECK(database->Scrub({kSecrets}).ok());
  CHECK_FALSE(AnyFileHolds(dir, "canary"));
}

TEST_CASE("a range is scrubbed, and tables without any of it are left alone") {
  const tests::TempDir dir;
  auto database = Open(dir);
  REQUIRE(Put(*database, kSecrets, "a", "canary-a").ok());
  REQUIRE(Put(*database, kSecrets, "b", "canary-b").ok());
  REQUIRE(Put(*database, kSecrets, "c", "stays").ok());
  REQUIRE(database->Scrub({kSecrets}).ok());  // one table: a to c
  REQUIRE(Put(*database, kSecrets, "x", "canary-x").ok());
  REQUIRE(database->Flush().ok());  // another: x
  const auto table_of_x = [&] {
    std::string found;
    for (const auto& entry : fs::directory_iterator(dir.File("db"))) {
      std::string bytes(entry.file_size(), '\0');
      std::ifstream(entry.path(), std::ios::binary)
          .read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
      if (bytes.find("canary-x") != std::string::npos) found = entry.path().filename();
    }
    return found;
  };
  const std::string before = table_of_x();
  REQUIRE_FALSE(before.empty());
  for (const char* key : {"a", "b"}) REQUIRE(Delete(*database, key).ok());
  REQUIRE(database->ScrubRange(kSecrets, "a", "c").ok());
  CHECK_FALSE(AnyFileHolds(dir, "canary-a"));
  CHECK_FALSE(AnyFileHolds(dir, "canary-b"));
  CHECK(table_of_x() == before);
  CHECK(database->Get(kSecrets, "c").value() == "stays");
  REQUIRE(Delete(*database, "x").ok());
  REQUIRE(database->ScrubRange(kSecrets, "x", "y").ok());
  CHECK_FALSE(AnyFileHolds(dir, "canary-x"));
}

}  // namespace
}  // namespace ndx::store
