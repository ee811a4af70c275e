#include "ndx/store/whole_file.h"

#include <catch2/catch.hpp>
#include <filesystem>
#include <string>

#include "ndx/tests/support/file_faults.h"
#include "ndx/tests/support/temp_dir.h"

namespace ndx::store {
namespace {

TEST_CASE("a file is replaced whole, read up to the limit, and removed") {
  const tests::TempDir dir;
  const std::string path = dir.File("file");
  CHECK(ReadWholeFile(path, 10).status().code() == absl::StatusCode::kNotFound);
  REQUIRE(WriteWholeFile(path, "a longer text", nullptr).ok());
  REQUIRE(WriteWholeFile(path, "text", nullptr).ok());
  CHECK(ReadWholeFile(path, 4).value() == "text");
  CHECK(ReadWholeFile(path, 3).status().code() == absl::StatusCode::kDataLoss);
  CHECK_FALSE(std::filesystem::exists(path + kUnfinishedSuffix));
  CHECK(RemoveFile(path, nullptr).ok());
  CHECK_FALSE(std::filesystem::exists(path));
  CHECK(RemoveFile(path, nullptr).ok());
}

TEST_CASE("a failed write or sync leaves the old content and says so") {
  const tests::TempDir dir;
  const std::string path = dir.File("file");
  tests::TestFileFaults faults;
  REQUIRE(WriteWholeFile(path, "old", &faults).ok());
  faults.FailWrites("file");
  CHECK_FALSE(WriteWholeFile(path, "new", &faults).ok());
  CHECK(ReadWholeFile(path, 10).value() == "old");
  faults.FailWrites("");
  faults.FailSyncs("file.new");
  CHECK_FALSE(WriteWholeFile(path, "new", &faults).ok());
  CHECK(ReadWholeFile(path, 10).value() == "old");
  faults.FailSyncs(dir.path());
  CHECK_FALSE(WriteWholeFile(path, "new", &faults).ok());
}

}  // namespace
}  // namespace ndx::store
