#include "ndx/tools/verify/tile_verification.h"

#include <catch2/catch.hpp>
#include <filesystem>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "ndx/tests/unit/tools/verify/verify_run.h"

namespace ndx::tools::verify {
namespace {

namespace fs = std::filesystem;
using Catch::Contains;
using tests::LogDirectory;

TEST_CASE("logs of every size at an edge hold, entries included") {
  for (const uint64_t size : {0, 1, 2, 3, 255, 256, 257, 512, 65535, 65536, 65537}) {
    INFO(size);
    const LogDirectory log(size);
    const auto run = log.Verify({"--entries"});
    INFO(run.out << run.err);
    CHECK(run.code == 0);
    CHECK_THAT(run.out, Contains(absl::StrCat("has ", size, " leaves")));
    if (size > 0) CHECK_THAT(run.out, Contains(absl::StrCat("checked: ", size, " entries in ")));
  }
}

TEST_CASE("one changed byte in any file is found and its file named") {
  const LogDirectory log(65537);
  for (const char* name :
       {"tile/0/000", "tile/0/130", "tile/0/256.p/1", "tile/1/000", "tile/1/001.p/0",
        "tile/2/000.p/1", "tile/entries/000", "tile/entries/255", "tile/entries/256.p/1"}) {
    if (!fs::exists(log.File(name))) continue;
    INFO(name);
    const size_t size = fs::file_size(log.File(name));
    for (const size_t at : {size_t{0}, size / 2, size - 1}) {
      tests::FlipByte(log.File(name), at);
      const auto run = log.Verify();
      CHECK(run.code == 1);
      CHECK_THAT(run.out, Contains(name));
      tests::FlipByte(log.File(name), at);
    }
  }
  CHECK(log.Verify().code == 0);
}

TEST_CASE("a changed checkpoint is found at any byte") {
  const LogDirectory log(3);
  const size_t size = fs::file_size(log.File("checkpoint"));
  for (size_t at = 0; at < size; ++at) {
    tests::FlipByte(log.File("checkpoint"), at);
    CHECK(log.Verify().code == 1);
    tests::FlipByte(log.File("checkpoint"), at);
  }
}

TEST_CASE("a missing, short or long file is found") {
  const LogDirectory log(300);
  for (const char* name : {"tile/0/000", "tile/0/001.p/44", "tile/1/000.p/1"}) {
    INFO(name);
    const std::string good = tests::ReadAll(log.File(name));
    tests::WriteAll(log.File(name), good.substr(1));
    CHECK_THAT(log.Verify().out, Contains(name) && Contains("bytes, not"));
    tests::WriteAll(log.File(name), good + "x");
    CHECK(log.Verify().code == 1);
    fs::remove(log.File(name));
    CHECK_THAT(log.Verify().out, Contains(absl::StrCat(name, ": is missing")));
    tests::WriteAll(log.File(name), good);
  }
  CHECK(log.Verify().code == 0);
}

TEST_CASE("entries that are not there are named as not checked, or demanded") {
  const LogDirectory log(300);
  fs::remove(log.File("tile/entries/000"));
  const auto run = log.Verify();
  CHECK(run.code == 0);
  CHECK_THAT(run.out, Contains("checked: 44 entries in 1 bundles") &&
                          Contains("not checked: entries of 1 bundles that are not there"));
  CHECK(log.Verify({"--entries"}).code == 1);
  fs::remove_all(log.File("tile/entries"));
  CHECK(log.Verify().code == 0);
}

TEST_CASE("a log pruned below an index holds, and only below it") {
  const LogDirectory log(700);
  fs::remove(log.File("tile/0/000"));
  fs::remove(log.File("tile/entries/000"));
  CHECK(log.Verify().code == 1);
  CHECK(log.Verify({"--minimum-index", "255"}).code == 1);
  const auto run = log.Verify({"--minimum-index", "256", "--entries"});
  CHECK(run.code == 0);
  CHECK_THAT(run.out, Contains("not checked: 1 tiles and 1 bundles pruned below leaf 256"));
}

TEST_CASE("a log that grew on beside its checkpoint holds, and what is newer is not checked") {
  const LogDirectory grown(600);
  const LogDirectory log(300);
  const auto copied = fs::copy_options::recursive | fs::copy_options::overwrite_existing;
  fs::copy(grown.File("tile"), log.File("tile"), copied);
  fs::remove_all(log.File("tile/0/001.p"));  // its full tile is there now
  fs::remove_all(log.File("tile/entries/001.p"));
  const auto run = log.Verify({"--entries"});
  INFO(run.out);
  CHECK(run.code == 0);
  CHECK_THAT(run.out,
             Contains("not checked: tile/0/002.p/88, which the signed tree does not need"));
}

TEST_CASE("partial files of earlier sizes are the beginning of what is there, or found") {
  const LogDirectory log(300);
  const LogDirectory earlier(280);
  for (const char* name : {"tile/0/001.p/24", "tile/entries/001.p/24"}) {
    tests::WriteAll(log.File(name), tests::ReadAll(earlier.File(name)));
  }
  CHECK_THAT(log.Verify().out, Contains("checked: 2 partial files of earlier sizes"));
  tests::FlipByte(log.File("tile/0/001.p/24"), 40);
  CHECK_THAT(log.Verify().out,
             Contains("tile/0/001.p/24: is not the beginning of tile/0/001.p/44"));
}

TEST_CASE("a bundle that is not whole is found") {
  const LogDirectory log(3);
  const std::string path = log.File("tile/entries/000.p/3");
  const std::string good = tests::ReadAll(path);
  for (const std::string& bad :
       {good.substr(0, good.size() - 1), good + "x", good + good.substr(0, 8), std::string()}) {
    tests::WriteAll(path, bad);
    CHECK_THAT(log.Verify().out, Contains("does not hold 3 whole entries"));
  }
}

}  // namespace
}  // namespace ndx::tools::verify
