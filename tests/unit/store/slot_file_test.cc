#include "ndx/store/slot_file.h"

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <string>

#include "ndx/tests/support/file_faults.h"
#include "ndx/tests/support/temp_dir.h"

namespace ndx::store {
namespace {

std::string Newest(const std::string& path) {
  const Slots slots = ReadSlots(path).value();
  const Slot* newest = NewestSlot(slots);
  return newest == nullptr ? "none" : newest->content;
}

TEST_CASE("slots are written in turn, and the newest is found after reopening") {
  const tests::TempDir dir;
  const std::string path = dir.File("slots");
  CHECK(ReadSlots(path).status().code() == absl::StatusCode::kNotFound);
  {
    auto file = SlotFile::Open(path, nullptr).value();
    CHECK(Newest(path) == "none");
    for (const char* content : {"one", "two", "three"}) {
      REQUIRE(file->Write(content).ok());
      CHECK(Newest(path) == content);
    }
  }
  auto file = SlotFile::Open(path, nullptr).value();
  CHECK(Newest(path) == "three");
  REQUIRE(file->Write("four").ok());
  const Slots slots = ReadSlots(path).value();
  CHECK(slots[0].content == "three");
  CHECK(slots[1].content == "four");
}

TEST_CASE("the longest content fits, one byte more is refused") {
  const tests::TempDir dir;
  auto file = SlotFile::Open(dir.File("slots"), nullptr).value();
  CHECK(file->Write(std::string(kSlotContentBytesMax, 'c')).ok());
  CHECK(Newest(dir.File("slots")).size() == kSlotContentBytesMax);
  CHECK_FALSE(file->Write(std::string(kSlotContentBytesMax + 1, 'c')).ok());
}

TEST_CASE("any changed byte damages its slot and no other, and is written over first") {
  const tests::TempDir dir;
  const std::string path = dir.File("slots");
  {
    auto file = SlotFile::Open(path, nullptr).value();
    REQUIRE(file->Write("one").ok());
    REQUIRE(file->Write("two").ok());
  }
  for (uint64_t offset = 0; offset < 2 * kSlotBytes; offset += 13) {
    tests::FlipBit(path, offset);
    const Slots slots = ReadSlots(path).value();
    const size_t hit = offset / kSlotBytes;
    INFO("offset " << offset);
    CHECK(slots[hit].state == SlotState::kDamaged);
    CHECK(slots[1 - hit].state == SlotState::kValid);
    tests::FlipBit(path, offset);
  }
  tests::FlipBit(path, kSlotBytes + 30);  // "two" is lost
  auto file = SlotFile::Open(path, nullptr).value();
  CHECK(Newest(path) == "one");
  REQUIRE(file->Write("three").ok());
  const Slots slots = ReadSlots(path).value();
  CHECK(slots[0].content == "one");
  CHECK(slots[1].content == "three");
}

TEST_CASE("a file of another length is damaged, and a failed sync is reported") {
  const tests::TempDir dir;
  const std::string path = dir.File("slots");
  tests::TestFileFaults faults;
  auto file = SlotFile::Open(path, &faults).value();
  faults.FailSyncs("slots");
  CHECK_FALSE(file->Write("one").ok());
  std::filesystem::resize_file(path, 2 * kSlotBytes - 1);
  CHECK(ReadSlots(path)->at(0).state == SlotState::kDamaged);
}

}  // namespace
}  // namespace ndx::store
