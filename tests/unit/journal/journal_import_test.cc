// An auditor's copy, made of exports alone.
#include "ndx/journal/journal_import.h"

#include <catch2/catch.hpp>
#include <fstream>

#include "journal_fixture.h"
#include "ndx/journal/evidence_bundle.h"
#include "ndx/journal/leaf_line.h"
#include "ndx/journal/tile_export.h"
#include "ndx/tests/support/status_text.h"

namespace ndx::journal {
namespace {

namespace fs = std::filesystem;

// A journal of some reads, and what it exports.
struct Exporting : JournalFixture {
  Exporting() : journal(Open()), vkey(journal->vkey()) {}

  void Append(int count) {
    for (int i = 0; i < count; ++i) {
      ids.push_back(NewId());
      REQUIRE(AppendAndWait(*journal, Read(ids.back(), "q", "a")).ok());
    }
  }
  std::string Tiles(const std::string& name) {
    auto tiles = TileExport::Open(dir.File(name));
    REQUIRE(tiles.ok());
    for (uint64_t i = tiles->size(); i < journal->reader().size(); ++i) {
      REQUIRE(tiles->Add(journal->reader().Leaf(i)->bytes).ok());
    }
    REQUIRE(tiles->Finish(journal->reader().Checkpoint()).ok());
    return dir.File(name);
  }
  std::string Lines(const std::string& name, uint64_t first, uint64_t end) {
    std::ofstream file(dir.File(name));
    for (uint64_t i = first; i < end; ++i) {
      file << FormatLeafLine(i, journal->reader().Leaf(i)->bytes).value() << "\n";
    }
    return dir.File(name);
  }
  std::string Bundle(const std::string& name, const std::vector<uint64_t>& leaves) {
    auto writer = EvidenceWriter::Create(dir.File(name));
    REQUIRE(writer.ok());
    for (const uint64_t index : leaves) {
      EvidenceWriter::Exchange exchange{.exchange_id = "x", .consumer = kTestConsumer};
      exchange.leaves.push_back({.index = index,
                                 .bytes = journal->reader().Leaf(index)->bytes,
                                 .receipt = journal->reader().Receipt(index).value()});
      REQUIRE(writer->Add(exchange).ok());
    }
    REQUIRE(writer
                ->Finish({.checkpoint = journal->reader().Checkpoint(),
                          .vkey = vkey,
                          .origin = "VN:GOV:G01:ndxp/journal/1",
                          .tree_size = journal->reader().size()})
                .ok());
    return dir.File(name);
  }
  std::string Checkpoint(const std::string& name) {
    std::ofstream(dir.File(name)) << journal->reader().Checkpoint();
    return dir.File(name);
  }
  absl::StatusOr<ImportSummary> Import(std::vector<std::string> sources,
                                       std::vector<std::string> checkpoints = {},
                                       bool take_unproved = false) {
    return ImportJournal({.sources = std::move(sources),
                          .checkpoint_files = std::move(checkpoints),
                          .to = dir.File("copy"),
                          .vkeys = {vkey},
                          .take_unproved = take_unproved});
  }
  std::unique_ptr<ImportedJournal> Copy() const {
    auto copy = ImportedJournal::Open(dir.File("copy"));
    REQUIRE(copy.ok());
    return *std::move(copy);
  }

  std::unique_ptr<RocksJournal> journal;
  std::string vkey;
  std::vector<core::ExchangeId> ids;
};

TEST_CASE("tiles are imported whole, and what is added later continues them") {
  Exporting e;
  e.Append(300);
  auto summary = e.Import({e.Tiles("tiles")});
  INFO(summary.status());
  REQUIRE(summary.ok());
  CHECK(summary->origin == "VN:GOV:G01:ndxp/journal/1");
  CHECK(summary->added == 301);
  CHECK(summary->tree_size == 301);
  CHECK(summary->unproved == 0);
  e.Append(5);
  summary = e.Import({e.Tiles("tiles")});
  REQUIRE(summary.ok());
  CHECK(summary->added == 5);
  CHECK(summary->leaves == 306);

  const auto copy = e.Copy();
  CHECK(copy->size() == 306);
  CHECK(copy->Leaf(17)->bytes == e.journal->reader().Leaf(17)->bytes);
  CHECK(copy->LeavesOf(e.ids[3], "")->size() == 1);
  CHECK(copy->LeavesOf(e.ids[3], kTestConsumer)->at(0).index == 4);
  CHECK(absl::IsNotFound(copy->LeavesOf(e.ids[3], "VN:GOV:H99:x").status()));
  CHECK(copy->Checkpoint() == e.journal->reader().Checkpoint());
  std::vector<uint64_t> seen;
  REQUIRE(copy->Scan({.from_index = 305, .direction = ScanDirection::kBackward},
                     [&](const StoredLeaf& leaf) {
                       seen.push_back(leaf.index);
                       return seen.size() < 3;
                     })
              .ok());
  CHECK(seen == std::vector<uint64_t>{305, 304, 303});
  CHECK(copy->Count({})->at(v1::JOURNAL_EVENT_ANSWERED) == 305);
  CHECK(absl::IsUnimplemented(copy->OpenPayload(4).status()));
}

TEST_CASE("bundles are merged; records that are in none are no records") {
  Exporting e;
  e.Append(10);
  const std::string first = e.Bundle("case-1", {3, 5});
  e.Append(2);
  const std::string second = e.Bundle("case-2.tar", {5, 9});
  const auto summary = e.Import({first, second});
  INFO(summary.status());
  REQUIRE(summary.ok());
  CHECK(summary->leaves == 3);
  CHECK(summary->unproved == 0);
  CHECK(summary->tree_size == 13);
  const auto copy = e.Copy();
  CHECK(copy->size() == 10);
  CHECK(copy->Leaf(5).ok());
  CHECK(absl::IsNotFound(copy->Leaf(4).status()));
}

TEST_CASE("lines are taken where something proves them") {
  Exporting e;
  e.Append(20);
  const std::string whole = e.Lines("whole", 0, 21);
  const std::string some = e.Lines("some", 5, 8);
  CHECK(absl::IsFailedPrecondition(e.Import({whole}).status()));  // whose are they?
  CHECK_FALSE(fs::exists(e.dir.File("copy")));
  const auto proved = e.Import({whole}, {e.Checkpoint("checkpoint")});
  INFO(proved.status());
  REQUIRE(proved.ok());
  CHECK(proved->leaves == 21);
  CHECK(proved->unproved == 0);
  CHECK(e.Import({some}).ok());  // there and proved already

  fs::remove_all(e.dir.File("copy"));
  const auto part = e.Import({some}, {e.dir.File("checkpoint")});
  REQUIRE(absl::IsFailedPrecondition(part.status()));
  CHECK(tests::Says(part.status(), "nothing proves record 5"));
  const auto taken = e.Import({some}, {e.dir.File("checkpoint")}, /*take_unproved=*/true);
  REQUIRE(taken.ok());
  CHECK(taken->unproved == 3);
  // The tiles prove them afterwards.
  const auto later = e.Import({e.Tiles("tiles")});
  REQUIRE(later.ok());
  CHECK(later->unproved == 0);
  CHECK(later->added == 18);
  CHECK(e.Copy()->summary().leaves == 21);

  // Lines past the checkpoint are proved up to it and no further.
  fs::remove_all(e.dir.File("copy"));
  e.Append(1);
  const auto longer = e.Import({e.Lines("longer", 0, 22)}, {e.dir.File("checkpoint")});
  CHECK(tests::Says(longer.status(), "nothing proves record 21"));
}

TEST_CASE("exports that contradict each other are refused, and the record is named") {
  Exporting e;
  e.Append(4);
  Exporting other;
  other.clock.Advance(absl::Seconds(5));
  other.Append(6);
  REQUIRE(e.vkey == other.vkey);
  REQUIRE(e.Import({e.Tiles("tiles")}).ok());
  const auto bundle = e.Import({other.Bundle("bundle", {3})});
  REQUIRE(absl::IsDataLoss(bundle.status()));
  CHECK(tests::Says(bundle.status(), "record 3 is another"));
  const auto tiles = e.Import({other.Tiles("tiles")});
  REQUIRE(absl::IsDataLoss(tiles.status()));
  CHECK(tests::Says(tiles.status(), "first 5 records are not those"));
  const auto lines = e.Import({other.Lines("lines", 2, 4)}, {}, true);
  CHECK(absl::IsDataLoss(lines.status()));
  Exporting same_size;
  same_size.clock.Advance(absl::Seconds(9));
  same_size.Append(4);
  CHECK(tests::Says(e.Import({same_size.Tiles("tiles")}).status(), "shown in two versions"));
  CHECK(e.Copy()->summary().leaves == 5);
}

TEST_CASE("what was changed, is of another journal or is no export is refused") {
  Exporting e;
  e.Append(4);
  const std::string tiles = e.Tiles("tiles");
  const auto with_key = [&](const std::string& vkey) {
    return ImportJournal({.sources = {tiles}, .to = e.dir.File("copy"), .vkeys = {vkey}}).status();
  };
  CHECK_FALSE(with_key("VN:GOV:G01:other/journal/1" + e.vkey.substr(e.vkey.find('+'))).ok());
  CHECK(absl::IsInvalidArgument(e.Import({}).status()));
  CHECK(absl::IsInvalidArgument(e.Import({e.dir.File("journal")}).status()));
  CHECK(absl::IsInvalidArgument(e.Import({e.dir.File("none")}).status()));

  tests::FlipBit(tiles + "/tile/entries/000.p/5", 40);
  CHECK(tests::Says(e.Import({tiles}).status(), "does not hold the records"));
  const std::string bundle = e.Bundle("bundle", {3});
  tests::FlipBit(bundle + "/receipts/3.tlog-proof", 60);
  CHECK(tests::Says(e.Import({bundle}).status(), "receipts/3.tlog-proof"));
  const std::string lines = e.Lines("lines", 0, 5);
  tests::FlipBit(lines, 30);
  CHECK(tests::Says(e.Import({lines}, {e.Checkpoint("c")}).status(), "line 1"));
  CHECK_FALSE(fs::exists(e.dir.File("copy")));
  CHECK(absl::IsNotFound(ImportedJournal::Open(e.dir.File("copy")).status()));
}

}  // namespace
}  // namespace ndx::journal
