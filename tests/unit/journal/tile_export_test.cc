#include "ndx/journal/tile_export.h"

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "ndx/tests/support/temp_dir.h"

namespace ndx::journal {
namespace {

namespace fs = std::filesystem;

NoteSigner Signer(const std::string& origin = "node/journal/1") {
  return NoteSigner::Create(origin,
                            crypto::Ed25519PrivateKey::FromSeed(std::string(32, 's')).value())
      .value();
}

std::string LeafText(uint64_t index) { return absl::StrCat("leaf ", index); }

// The signed checkpoint of the first size leaves.
std::string CheckpointOf(uint64_t size, const std::string& origin = "node/journal/1") {
  std::vector<TreeHash> hashes;
  for (uint64_t i = 0; i < size; ++i) hashes.push_back(LeafHash(LeafText(i)));
  return SignCheckpoint({.origin = origin, .head = {.size = size, .root = RootOf(hashes)}},
                        Signer(origin));
}

absl::Status ExportUpTo(const std::string& directory, uint64_t size) {
  auto made = TileExport::Open(directory);
  if (!made.ok()) return made.status();
  for (uint64_t i = made->size(); i < size; ++i) {
    const absl::Status added = made->Add(LeafText(i));
    if (!added.ok()) return added;
  }
  return made->Finish(CheckpointOf(size));
}

std::string ReadAll(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream bytes;
  bytes << in.rdbuf();
  return bytes.str();
}

// Content by path within the directory.
std::map<std::string, std::string> FilesIn(const std::string& directory) {
  std::map<std::string, std::string> files;
  for (const auto& entry : fs::recursive_directory_iterator(directory)) {
    if (entry.is_directory()) continue;
    files[entry.path().lexically_relative(directory).generic_string()] = ReadAll(entry.path());
  }
  return files;
}

TEST_CASE("an export has the files that C2SP tlog-tiles names, and no other") {
  const tests::TempDir space;
  REQUIRE(ExportUpTo(space.File("e"), 257).ok());
  const auto files = FilesIn(space.File("e"));
  std::vector<std::string> names;
  for (const auto& [name, bytes] : files) names.push_back(name);
  CHECK(names == std::vector<std::string>{"checkpoint", "tile/0/000", "tile/0/001.p/1",
                                          "tile/1/000.p/1", "tile/entries/000",
                                          "tile/entries/001.p/1"});
  CHECK(files.at("checkpoint") == CheckpointOf(257));
  CHECK(files.at("tile/0/000").size() == 256 * 32);
  const std::string last("\x00\x08leaf 256", 10);
  CHECK(files.at("tile/entries/001.p/1") == last);
}

TEST_CASE("an export done in steps equals one done at once, whatever the steps") {
  const std::vector<uint64_t> steps = {1, 2, 3, 255, 256, 257, 512, 700, 65535, 65536, 65537};
  const tests::TempDir space;
  for (const uint64_t size : steps) {
    INFO(size);
    REQUIRE(ExportUpTo(space.File("grown"), size).ok());
    const std::string whole = space.File(absl::StrCat("whole", size));
    REQUIRE(ExportUpTo(whole, size).ok());
    CHECK((FilesIn(space.File("grown")) == FilesIn(whole)));
    fs::remove_all(whole);
  }
  // Nothing new: nothing changes.
  const auto before = FilesIn(space.File("grown"));
  REQUIRE(ExportUpTo(space.File("grown"), steps.back()).ok());
  CHECK((FilesIn(space.File("grown")) == before));
}

TEST_CASE("leaves that are not those of the checkpoint leave the old checkpoint in place") {
  const tests::TempDir space;
  REQUIRE(ExportUpTo(space.File("e"), 300).ok());
  auto made = TileExport::Open(space.File("e"));
  REQUIRE(made.ok());
  REQUIRE(made->Add("another leaf").ok());
  CHECK(made->Finish(CheckpointOf(301)).code() == absl::StatusCode::kDataLoss);
  CHECK(made->Finish(CheckpointOf(302)).code() == absl::StatusCode::kDataLoss);
  CHECK(ReadAll(space.File("e/checkpoint")) == CheckpointOf(300));
  CHECK(ExportUpTo(space.File("e"), 301).ok());
}

TEST_CASE("a log that was shortened, and another log, are refused") {
  const tests::TempDir space;
  REQUIRE(ExportUpTo(space.File("e"), 300).ok());
  auto made = TileExport::Open(space.File("e"));
  REQUIRE(made.ok());
  CHECK(made->Finish(CheckpointOf(299)).code() == absl::StatusCode::kFailedPrecondition);
  CHECK(made->Finish(CheckpointOf(300, "other/journal/1")).code() ==
        absl::StatusCode::kFailedPrecondition);
}

TEST_CASE("a directory whose tiles do not fit its checkpoint is not continued") {
  const tests::TempDir space;
  REQUIRE(ExportUpTo(space.File("e"), 300).ok());
  for (const char* name : {"tile/0/001.p/44", "tile/1/000.p/1", "tile/entries/001.p/44"}) {
    INFO(name);
    const std::string path = space.File("e/") + name;
    const std::string good = ReadAll(path);
    fs::remove(path);
    CHECK(TileExport::Open(space.File("e")).status().code() == absl::StatusCode::kDataLoss);
    std::ofstream(path, std::ios::binary) << good;
  }
  CHECK(TileExport::Open(space.File("e")).ok());
  std::ofstream(space.File("e/tile/0/001.p/44"), std::ios::binary | std::ios::in)
      .seekp(100)
      .put('x');
  CHECK(TileExport::Open(space.File("e")).status().code() == absl::StatusCode::kDataLoss);
}

TEST_CASE("an entry has at most 65,535 bytes") {
  const tests::TempDir space;
  auto made = TileExport::Open(space.File("e"));
  REQUIRE(made.ok());
  CHECK(made->Add(std::string(kEntryBytesMax, 'x')).ok());
  CHECK(made->Add(std::string(kEntryBytesMax + 1, 'x')).code() ==
        absl::StatusCode::kInvalidArgument);
  CHECK(made->size() == 1);
}

TEST_CASE("a place that cannot be written is an error") {
  const tests::TempDir space;
  CHECK_FALSE(TileExport::Open(space.File("no/such/parent")).ok());
}

}  // namespace
}  // namespace ndx::journal
