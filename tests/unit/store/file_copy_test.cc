#include "ndx/store/file_copy.h"

#include <catch2/catch.hpp>
#include <filesystem>
#include <string>

#include "ndx/store/whole_file.h"
#include "ndx/tests/support/temp_dir.h"

namespace ndx::store {
namespace {

namespace fs = std::filesystem;

constexpr size_t kBytesMax = size_t{8} << 20;

bool GoOn(uint64_t) { return true; }

TEST_CASE("a copy has the digest of its bytes, and may be of the beginning alone") {
  const tests::TempDir dir;
  const std::string text(3'000'000, 'x');
  REQUIRE(WriteWholeFile(dir.File("a"), text, nullptr).ok());
  uint64_t told = 0;
  const auto whole = CopyFile(dir.File("a"), dir.File("b"), UINT64_MAX, [&](uint64_t bytes) {
    told += bytes;
    return true;
  });
  REQUIRE(whole.ok());
  CHECK(whole->bytes == text.size());
  CHECK(told == text.size());
  CHECK(whole->sha256 == crypto::Sha256Of({text}));
  CHECK(ReadWholeFile(dir.File("b"), kBytesMax).value() == text);
  CHECK(DigestOfFile(dir.File("b"), GoOn)->sha256 == whole->sha256);

  const auto part = CopyFile(dir.File("a"), dir.File("c"), 5, GoOn);
  REQUIRE(part.ok());
  CHECK(part->sha256 == crypto::Sha256Of({"xxxxx"}));
  CHECK(ReadWholeFile(dir.File("c"), kBytesMax).value() == "xxxxx");
}

TEST_CASE("a copy writes over nothing, and is given up when told to") {
  const tests::TempDir dir;
  REQUIRE(WriteWholeFile(dir.File("a"), "new", nullptr).ok());
  REQUIRE(WriteWholeFile(dir.File("b"), "old", nullptr).ok());
  CHECK(absl::IsAlreadyExists(CopyFile(dir.File("a"), dir.File("b"), 3, GoOn).status()));
  CHECK(ReadWholeFile(dir.File("b"), kBytesMax).value() == "old");
  const auto given_up = CopyFile(dir.File("a"), dir.File("c"), 3, [](uint64_t) { return false; });
  CHECK(absl::IsCancelled(given_up.status()));
}

TEST_CASE("a directory is published over nothing but an empty one") {
  const tests::TempDir dir;
  fs::create_directories(dir.File("made/inside"));
  REQUIRE(WriteWholeFile(dir.File("made/inside/file"), "x", nullptr).ok());
  fs::create_directory(dir.File("taken"));
  REQUIRE(WriteWholeFile(dir.File("taken/file"), "y", nullptr).ok());
  CHECK_FALSE(PublishDirectory(dir.File("made"), dir.File("taken")).ok());
  fs::create_directory(dir.File("empty"));
  REQUIRE(PublishDirectory(dir.File("made"), dir.File("empty")).ok());
  CHECK(ReadWholeFile(dir.File("empty/inside/file"), kBytesMax).value() == "x");
  CHECK_FALSE(fs::exists(dir.File("made")));
}

}  // namespace
}  // namespace ndx::store
