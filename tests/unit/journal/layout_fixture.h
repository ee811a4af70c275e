// The journal that is kept in tests/vectors/journal-layout-1: what is in it, and how it is made.
//
//   ninja make_kept_journal && build/dev/tests/make_kept_journal   writes ./journal-layout-1
//
// It was made once, by the first program that wrote this layout, and is not made again while the
// layout is the same: that old bytes are still read is what it is for. Clock, keys and random
// numbers are fixed; the names of RocksDB's files and the machine's boot id are not.
//
// Thread-safety: thread-compatible.
#pragma once

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "follow_fixture.h"

namespace ndx::journal {

inline constexpr char kKeptJournal[] = "journal-layout-1";
inline constexpr int kKeptRefusals = 256;     // a full tile with the start of the node
inline constexpr uint64_t kKeptRead = 257;    // a read about two persons, one of them erased
inline constexpr uint64_t kKeptLarge = 258;   // its payload lies in a segment
inline constexpr uint64_t kKeptOpened = 260;  // opened and not closed
inline constexpr uint64_t kKeptSize = 261;
inline constexpr char kKeptErased[] = "999000000001";
inline constexpr char kKeptOther[] = "999000000002";

inline std::string KeptLargeText() { return "L" + std::string(3000, 'o') + "ng"; }

inline void WriteFile(const std::string& path, const std::string& bytes) {
  std::ofstream(path, std::ios::binary) << bytes;
}

// Makes the journal, its public key and a receipt in the directory; gives the key.
inline std::string MakeKeptJournal(const std::string& directory) {
  FollowFixture f;
  std::filesystem::create_directory(directory);
  auto journal = f.OpenFollowedIn(directory + "/journal");
  for (int i = 0; i < kKeptRefusals; ++i) {
    REQUIRE(
        AppendAndWait(*journal, JournalFixture::MakeRecord(v1::JOURNAL_EVENT_REFUSED, f.NewId()))
            .ok());
  }
  const auto read = AppendAndWait(
      *journal, f.ReadOf(f.NewId(), R"(number: "999000000009" text: "list")",
                         R"(head: "two" people { number: "999000000001" name: "First" }
                            people { number: "999000000002" name: "Second" })"));
  REQUIRE(read.ok());
  REQUIRE(read->index == kKeptRead);
  const auto large = AppendAndWait(*journal, f.ReadOf(f.NewId(), R"(number: "999000000002")",
                                                      "head: \"" + KeptLargeText() + "\""));
  REQUIRE(large->index == kKeptLarge);
  FollowFixture::Follow(*journal);
  PayloadKeeper& keeper = journal->payload_keeper();
  const auto order = keeper.AddErasureOrder(kKeptErased, {.order = "1", .operator_name = "an"});
  REQUIRE(
      keeper.CarryOutErasure(order->number, journal->reader().size(), absl::Seconds(30)).value());
  REQUIRE(keeper.ForgetErasureOrder(order->number).ok());
  REQUIRE(keeper.AddHold(kKeptOther, {.order = "2", .operator_name = "an"}).ok());
  Record erased;
  erased.leaf.set_event(v1::JOURNAL_EVENT_PAYLOAD_ERASED);
  REQUIRE(AppendAndWait(*journal, std::move(erased)).ok());
  REQUIRE(AppendAndWait(*journal, f.OpeningOf(f.NewId(), R"(number: "999000000002")"))->index ==
          kKeptOpened);
  std::string vkey = journal->vkey();
  WriteFile(directory + "/node.vkey", vkey + "\n");
  WriteFile(directory + "/read.receipt", read->receipt);
  journal.reset();
  // RocksDB's own logs and options hold no record, and the ballast only zeros.
  for (const auto& entry : std::filesystem::recursive_directory_iterator(directory)) {
    const std::string name = entry.path().filename().string();
    if (name.rfind("LOG", 0) == 0 || name.rfind("OPTIONS", 0) == 0 || name == "ballast") {
      std::filesystem::remove(entry.path());
    }
  }
  return vkey;
}

}  // namespace ndx::journal
