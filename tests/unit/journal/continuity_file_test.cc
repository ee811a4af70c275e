#include "ndx/journal/continuity_file.h"

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>

#include "journal_fixture.h"
#include "ndx/journal/newest_checkpoint.h"

namespace ndx::journal {
namespace {

std::string Newest(const std::string& directory) {
  const auto newest = NewestOwnCheckpoint(directory, "VN:GOV:G01:ndxp", {TestKeys().signing});
  REQUIRE(newest.ok());
  return newest->has_value() ? (*newest)->note : "";
}

void AppendOne(JournalFixture& fixture, Journal& journal) {
  REQUIRE(AppendAndWait(journal, JournalFixture::Read(fixture.NewId(), "q", "a")).ok());
}

TEST_CASE("the newest checkpoint of a directory is read without opening the journal") {
  JournalFixture f;
  CHECK(Newest(f.dir.File("none")).empty());
  auto journal = f.Open();
  const std::string note = journal->reader().Checkpoint();
  CHECK(Newest(f.Options().directory) == note);
  const auto other =
      NewestOwnCheckpoint(f.Options().directory, "VN:GOV:G01:ndxp",
                          {crypto::Ed25519PrivateKey::FromSeed(std::string(32, 'x')).value()});
  CHECK(absl::IsPermissionDenied(other.status()));
}

TEST_CASE(
    "a journal older than the file is refused, also one that is gone or of an earlier epoch") {
  JournalFixture f;
  const std::string path = f.dir.File("continuity");
  auto journal = f.Open();
  const std::string older = f.CopyDirectory("older");
  AppendOne(f, *journal);
  {
    const auto file = ContinuityFile::Open(path);
    REQUIRE(file.ok());
    CHECK((*file)->Check("").ok());  // the first start of all
    REQUIRE((*file)->Keep(journal->reader().Checkpoint()).ok());
  }
  const auto file = ContinuityFile::Open(path).value();
  CHECK(file->Check(Newest(f.Options().directory)).ok());
  AppendOne(f, *journal);
  CHECK(file->Check(Newest(f.Options().directory)).ok());
  const absl::Status refused = file->Check(Newest(older));
  CHECK(absl::IsDataLoss(refused));
  CHECK_THAT(std::string(refused.message()),
             Catch::Contains("has signed 1 records in epoch 1") && Catch::Contains("knows of 2"));
  CHECK(absl::IsDataLoss(file->Check("")));

  journal.reset();
  RocksJournalOptions options = f.Options();
  options.open_new_epoch = true;
  const auto second = f.Open(std::move(options));
  REQUIRE(second.ok());
  REQUIRE(file->Check((*second)->reader().Checkpoint()).ok());
  REQUIRE(file->Keep((*second)->reader().Checkpoint()).ok());
  CHECK(absl::IsDataLoss(file->Check(Newest(older))));
}

TEST_CASE("another journal's file, and one that cannot be read, are refused") {
  JournalFixture f;
  const std::string path = f.dir.File("continuity");
  RocksJournalOptions options = f.OptionsFor(f.dir.File("other"));
  options.node = "VN:GOV:H55:lgsp";
  const auto other = f.Open(std::move(options));
  REQUIRE(other.ok());
  {
    const auto file = ContinuityFile::Open(path).value();
    REQUIRE(file->Keep((*other)->reader().Checkpoint()).ok());
    CHECK(absl::IsInvalidArgument(file->Check(f.Open()->reader().Checkpoint())));
  }
  std::ofstream(path, std::ios::binary) << "x";
  CHECK(absl::IsDataLoss(ContinuityFile::Open(path).status()));
}

}  // namespace
}  // namespace ndx::journal
