#include "ndx/anchors/anchor_store.h"

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <string>

#include "ndx/tests/support/file_faults.h"
#include "ndx/tests/support/temp_dir.h"

namespace ndx::anchors {
namespace {

using Sizes = std::vector<uint64_t>;

TEST_CASE("anchors come back as they were put, also after reopening") {
  const tests::TempDir dir;
  const std::string path = dir.File("anchors");
  {
    auto store = AnchorStore::Open(path, nullptr).value();
    REQUIRE(store->PutCheckpoint(7, "note").ok());
    REQUIRE(store->PutCosigned(7, "note and more").ok());
    REQUIRE(store->PutToken(7, "tsa-1", std::string("\0token", 6)).ok());
    REQUIRE(store->PutCheckpoint(1'234, "later").ok());
  }
  auto store = AnchorStore::OpenReadOnly(path).value();
  CHECK(store->Sizes().value() == Sizes{7, 1'234});
  const StoredAnchor anchor = store->Read(7).value();
  CHECK(anchor.checkpoint == "note");
  CHECK(anchor.cosigned == "note and more");
  CHECK(anchor.tokens.at("tsa-1") == std::string("\0token", 6));
  CHECK(store->Read(8).status().code() == absl::StatusCode::kNotFound);
  CHECK(std::filesystem::exists(path + "/00000000000000000007.tsa-1.tsr"));
  CHECK_FALSE(AnchorStore::OpenReadOnly(dir.File("none")).ok());
}

TEST_CASE("a checkpoint that time-stamps stand on is never written over") {
  const tests::TempDir dir;
  auto store = AnchorStore::Open(dir.File("anchors"), nullptr).value();
  REQUIRE(store->PutCheckpoint(7, "first").ok());
  REQUIRE(store->PutCheckpoint(7, "second").ok());
  CHECK(store->Read(7)->checkpoint == "first");
}

TEST_CASE("thinning leaves what is time-stamped, and what is not below") {
  const tests::TempDir dir;
  auto store = AnchorStore::Open(dir.File("anchors"), nullptr).value();
  for (const uint64_t size : {5, 6, 7}) {
    REQUIRE(store->PutCheckpoint(size, "note").ok());
    REQUIRE(store->PutCosigned(size, "note").ok());
  }
  REQUIRE(store->PutToken(5, "tsa", "token").ok());
  REQUIRE(store->Thin(7).ok());
  CHECK(store->Sizes().value() == Sizes{5, 7});
}

TEST_CASE("what a crash left unfinished, and strange files, are no anchors") {
  const tests::TempDir dir;
  const std::string path = dir.File("anchors");
  std::filesystem::create_directory(path);
  std::ofstream(path + "/00000000000000000007.checkpoint.new") << "half";
  std::ofstream(path + "/readme") << "text";
  std::ofstream(path + "/0000000000000000000x.checkpoint") << "text";
  auto store = AnchorStore::Open(path, nullptr).value();
  CHECK(store->Sizes()->empty());
  CHECK_FALSE(std::filesystem::exists(path + "/00000000000000000007.checkpoint.new"));
}

TEST_CASE("a disk that fails is reported") {
  const tests::TempDir dir;
  tests::TestFileFaults faults;
  auto store = AnchorStore::Open(dir.File("anchors"), &faults).value();
  faults.FailSyncs("anchors");
  CHECK_FALSE(store->PutCheckpoint(7, "note").ok());
  CHECK_FALSE(store->PutToken(7, "tsa", "token").ok());
}

TEST_CASE("names of authorities may stand in file names") {
  for (const char* name : {"tsa", "viettel-ca-2"}) CHECK(IsAuthorityName(name));
  for (const char* name : {"", "TSA", "a/b", "..", "-a", "a-", "a b"}) {
    CHECK_FALSE(IsAuthorityName(name));
  }
  CHECK(IsAuthorityName(std::string(kAuthorityNameBytesMax, 'a')));
  CHECK_FALSE(IsAuthorityName(std::string(kAuthorityNameBytesMax + 1, 'a')));
}

}  // namespace
}  // namespace ndx::anchors
