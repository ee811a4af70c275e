#include "ndx/store/segment_store.h"

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "ndx/tests/support/file_faults.h"
#include "ndx/tests/support/temp_dir.h"

namespace ndx::store {
namespace {

namespace fs = std::filesystem;

const std::string& Label() {
  static const std::string label(kSegmentLabelBytes, 'l');
  return label;
}

absl::StatusOr<SegmentPlace> Append(SegmentStore& store, const std::string& content) {
  return store.Append(Label(), content, crypto::Sha256Of({content}));
}

TEST_CASE("contents come back from where they were put, also after reopening") {
  const tests::TempDir dir;
  const SegmentOptions options{.directory = dir.File("segments")};
  std::vector<SegmentPlace> places;
  const std::vector<std::string> contents = {"first", "", std::string(100'000, 'x')};
  {
    auto store = SegmentStore::Open(options).value();
    for (const std::string& content : contents) places.push_back(Append(*store, content).value());
    REQUIRE(store->Sync().ok());
  }
  auto store = SegmentStore::Open(options).value();
  for (size_t i = 0; i < contents.size(); ++i) CHECK(store->Read(places[i])->bytes == contents[i]);
  // Never behind what another run wrote.
  CHECK(Append(*store, "later")->segment == 2);
  CHECK(store->Segments().value() == std::vector<uint64_t>{1, 2});
}

TEST_CASE("a file that has reached its size is followed by another") {
  const tests::TempDir dir;
  auto store = SegmentStore::Open({.directory = dir.File("s"), .bytes_max = 100}).value();
  const uint64_t record = kSegmentRecordHeaderBytes + 12;
  REQUIRE(kSegmentHeaderBytes + record == 100);
  CHECK(Append(*store, std::string(12, 'a'))->segment == 1);  // reaches 100 exactly
  CHECK(Append(*store, std::string(11, 'b'))->segment == 2);  // reaches 99
  CHECK(Append(*store, "c")->segment == 2);
  CHECK(Append(*store, "d")->segment == 3);
}

TEST_CASE("every changed byte of a segment is found by reading or by walking") {
  const tests::TempDir dir;
  const SegmentOptions options{.directory = dir.File("s")};
  {
    auto store = SegmentStore::Open(options).value();
    REQUIRE(Append(*store, "some content").ok());
    REQUIRE(Append(*store, "more content").ok());
  }
  const std::string path = dir.File("s/00000001.seg");
  const auto walk = [&] {
    const auto store =
        SegmentStore::Open({.directory = options.directory, .read_only = true}).value();
    return store->Walk(1, [](const SegmentRecord&) {});
  };
  CHECK(walk().ok());
  for (uint64_t offset = 0; offset < fs::file_size(path); ++offset) {
    tests::FlipBit(path, offset);
    INFO("offset " << offset);
    CHECK(walk().code() == absl::StatusCode::kDataLoss);
    tests::FlipBit(path, offset);
  }
  CHECK(walk().ok());
}

TEST_CASE("a file that a crash cut off is walked to its end and told apart from a changed one") {
  const tests::TempDir dir;
  const SegmentOptions options{.directory = dir.File("s")};
  SegmentPlace second;
  {
    auto store = SegmentStore::Open(options).value();
    REQUIRE(Append(*store, "one").ok());
    second = Append(*store, "two").value();
  }
  const std::string path = dir.File("s/00000001.seg");
  const uint64_t whole = fs::file_size(path);
  const auto walk = [&] {
    const auto store =
        SegmentStore::Open({.directory = options.directory, .read_only = true}).value();
    CHECK_FALSE(store->Read(second).ok());
    int seen = 0;
    const absl::Status walked =
        store->Walk(1, [&](const SegmentRecord& record) { seen += record.label == Label(); });
    CHECK(seen == 1);
    return walked.code();
  };
  for (uint64_t size = whole - 1; size > second.offset; --size) {
    fs::resize_file(path, size);
    CHECK(walk() == absl::StatusCode::kOutOfRange);
  }
  fs::resize_file(path, second.offset);
  fs::resize_file(path, whole);  // a power cut may leave zeros where nothing was written
  CHECK(walk() == absl::StatusCode::kOutOfRange);
}

TEST_CASE("a place that points elsewhere and a failing sync are errors") {
  const tests::TempDir dir;
  tests::TestFileFaults faults;
  auto store = SegmentStore::Open({.directory = dir.File("s"), .faults = &faults}).value();
  SegmentPlace place = Append(*store, "content").value();
  REQUIRE(store->Sync().ok());
  place.length += 1;
  CHECK(store->Read(place).status().code() == absl::StatusCode::kDataLoss);
  place = {.segment = 9, .offset = place.offset, .length = 7};
  CHECK_FALSE(store->Read(place).ok());
  REQUIRE(Append(*store, "again").ok());
  faults.FailSyncs(".seg");
  CHECK_FALSE(store->Sync().ok());
}

TEST_CASE("records are gathered for one write, and read back before it") {
  const tests::TempDir dir;
  tests::TestFileFaults faults;
  auto store = SegmentStore::Open({.directory = dir.File("s"), .faults = &faults}).value();
  const std::string path = dir.File("s/00000001.seg");
  const SegmentPlace first = Append(*store, "first").value();
  const SegmentPlace second = Append(*store, "second").value();
  CHECK(fs::file_size(path) == kSegmentHeaderBytes);
  SECTION("by reading") { CHECK(store->Read(first)->bytes == "first"); }
  SECTION("by asking for the size") {
    CHECK(store->SizeOf(1).value() == second.offset + kSegmentRecordHeaderBytes + 6);
  }
  SECTION("by syncing, a file that was rolled too") {
    store->Roll();
    const SegmentPlace third = Append(*store, "third").value();
    CHECK(third.segment == 2);
    REQUIRE(store->Sync().ok());
    CHECK(store->Read(third)->bytes == "third");
  }
  SECTION("by one that is too large to be gathered") {
    const std::string large(size_t{2} << 20, 'x');
    const SegmentPlace third = Append(*store, large).value();
    CHECK(fs::file_size(path) == third.offset + kSegmentRecordHeaderBytes + large.size());
    CHECK(store->Read(third)->bytes == large);
  }
  CHECK(fs::file_size(path) >= second.offset + kSegmentRecordHeaderBytes + 6);
  CHECK(store->Read(second)->bytes == "second");
}

TEST_CASE("a failing write is told by Sync, or by Append where it writes, and is made again") {
  const tests::TempDir dir;
  tests::TestFileFaults faults;
  auto store = SegmentStore::Open({.directory = dir.File("s"), .faults = &faults}).value();
  const SegmentPlace first = Append(*store, "first").value();
  faults.FailWrites(".seg");
  CHECK(absl::IsResourceExhausted(store->Sync()));
  CHECK(absl::IsResourceExhausted(store->Read(first).status()));
  CHECK_FALSE(Append(*store, std::string(size_t{2} << 20, 'x')).ok());
  faults.FailWrites("");
  REQUIRE(store->Sync().ok());
  CHECK(store->Read(first)->bytes == "first");
}

TEST_CASE("a file that is complete can be removed, the newest and the one being written cannot") {
  const tests::TempDir dir;
  const SegmentOptions options{.directory = dir.File("s")};
  auto store = SegmentStore::Open(options).value();
  CHECK(store->WrittenFrom() == 1);
  const SegmentPlace first = Append(*store, "first").value();
  CHECK(store->WrittenFrom() == 1);
  CHECK(absl::IsFailedPrecondition(store->Remove(1)));
  store->Roll();
  CHECK(store->WrittenFrom() == 2);
  CHECK(absl::IsFailedPrecondition(store->Remove(1)));  // its number would be given again
  CHECK(store->Read(first)->bytes == "first");
  CHECK(Append(*store, "second")->segment == 2);
  REQUIRE(store->Sync().ok());  // of both
  CHECK(store->SizeOf(1).value() == kSegmentHeaderBytes + kSegmentRecordHeaderBytes + 5);
  REQUIRE(store->Remove(1).ok());
  CHECK(store->Remove(1).ok());
  CHECK(absl::IsDataLoss(store->Read(first).status()));
  CHECK(absl::IsNotFound(store->SizeOf(1).status()));
  CHECK(store->Segments().value() == std::vector<uint64_t>{2});
  store.reset();
  store = SegmentStore::Open(options).value();
  CHECK(store->WrittenFrom() == 3);
  CHECK(absl::IsFailedPrecondition(store->Remove(2)));
}

TEST_CASE("headers are walked where a content was changed") {
  const tests::TempDir dir;
  auto store = SegmentStore::Open({.directory = dir.File("s")}).value();
  REQUIRE(Append(*store, "first").ok());
  const SegmentPlace second = Append(*store, "second").value();
  REQUIRE(store->Sync().ok());
  tests::FlipBit(dir.File("s") + "/00000001.seg", kSegmentHeaderBytes + kSegmentRecordHeaderBytes);
  std::vector<uint64_t> offsets;
  const auto see = [&](const SegmentRecord& record) { offsets.push_back(record.place.offset); };
  CHECK(absl::IsDataLoss(store->Walk(1, see)));
  CHECK(offsets.empty());
  CHECK(store->WalkHeaders(1, see).ok());
  CHECK(offsets == std::vector<uint64_t>{kSegmentHeaderBytes, second.offset});
  tests::FlipBit(dir.File("s") + "/00000001.seg", second.offset + 5);
  CHECK(absl::IsDataLoss(store->WalkHeaders(1, see)));
}

}  // namespace
}  // namespace ndx::store
