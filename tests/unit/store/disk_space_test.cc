#include "ndx/store/disk_space.h"

#include <sys/stat.h>

#include <catch2/catch.hpp>
#include <filesystem>

#include "ndx/tests/support/temp_dir.h"

namespace ndx::store {
namespace {

TEST_CASE("free space is a figure of the file system") {
  const tests::TempDir dir;
  CHECK(FreeBytes(dir.path()).value() > 0);
  CHECK_FALSE(FreeBytes(dir.File("none")).ok());
}

TEST_CASE("ballast takes real blocks, is cut to size, and is given back") {
  const tests::TempDir dir;
  const std::string path = dir.File("ballast");
  Ballast ballast(path, 1 << 20);
  CHECK_FALSE(ballast.held());
  REQUIRE(ballast.Hold().ok());
  CHECK(ballast.held());
  struct stat status {};
  REQUIRE(stat(path.c_str(), &status) == 0);
  CHECK(status.st_size == 1 << 20);
  CHECK(status.st_blocks * 512 >= 1 << 20);
  Ballast smaller(path, 4096);
  REQUIRE(smaller.Hold().ok());
  CHECK(std::filesystem::file_size(path) == 4096);
  REQUIRE(ballast.Release().ok());
  CHECK_FALSE(std::filesystem::exists(path));
  CHECK(ballast.Release().ok());
}

TEST_CASE("ballast that does not fit is not half held") {
  const tests::TempDir dir;
  Ballast ballast(dir.File("ballast"), uint64_t{1} << 60);
  CHECK(ballast.Hold().code() == absl::StatusCode::kResourceExhausted);
  CHECK_FALSE(ballast.held());
  CHECK(std::filesystem::file_size(dir.File("ballast")) == 0);
}

}  // namespace
}  // namespace ndx::store
