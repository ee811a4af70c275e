#include "ndx/store/directory.h"

#include <catch2/catch.hpp>
#include <filesystem>

#include "ndx/tests/support/file_faults.h"
#include "ndx/tests/support/temp_dir.h"

namespace ndx::store {
namespace {

TEST_CASE("a directory is made once, and its parent synced each time") {
  const tests::TempDir dir;
  tests::TestFileFaults faults;
  for (int i = 1; i <= 2; ++i) {
    REQUIRE(MakeDirectory(dir.File("made"), &faults).ok());
    CHECK(std::filesystem::is_directory(dir.File("made")));
    CHECK(faults.syncs() == i);
  }
  CHECK(MakeDirectory(dir.File("made/inner"), nullptr).ok());
}

TEST_CASE("a directory that cannot be made or synced is an error that names it") {
  const tests::TempDir dir;
  const absl::Status status = MakeDirectory(dir.File("none/inner"), nullptr);
  CHECK(status.message().find("none/inner") != std::string::npos);
  tests::TestFileFaults faults;
  faults.FailSyncs(dir.path());
  CHECK_FALSE(MakeDirectory(dir.File("made"), &faults).ok());
}

}  // namespace
}  // namespace ndx::store
