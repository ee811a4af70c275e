#include "ndx/journal/evidence_bundle.h"

#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "ndx/journal/leaf_codec.h"
#include "ndx/journal/leaf_line.h"
#include "ndx/journal/sealing.h"
#include "ndx/tests/support/temp_dir.h"

namespace ndx::journal {
namespace {

EvidenceWriter::Exchange SomeExchange(uint64_t index) {
  v1::JournalLeaf leaf;
  leaf.set_leaf_version(kLeafVersion);
  leaf.set_event(v1::JOURNAL_EVENT_ANSWERED);
  return {.exchange_id = "01930a5d-ac96-774b-bcce-b302099a8057",
          .consumer = "VN:GOV:H55:mot-cua",
          .leaves = {{index, EncodeLeaf(leaf).value(), "receipt"}},
          .request = {"ask", ""}};
}

TEST_CASE("messages come back from their frames, empty ones too") {
  const std::vector<std::string> messages = {"one", "", std::string(70000, 'x')};
  CHECK(UnframeMessages(FrameMessages(messages)).value() == messages);
  CHECK(UnframeMessages("").value().empty());
  const std::string frames = FrameMessages({"one"});
  CHECK(frames == std::string("\0\0\0\3one", 7));
  for (size_t size = 1; size < frames.size(); ++size) {
    CHECK_FALSE(UnframeMessages(frames.substr(0, size)).ok());
  }
}

TEST_CASE("a bundle names every file by its digest") {
  const tests::TempDir space;
  auto writer = EvidenceWriter::Create(space.File("b"));
  REQUIRE(writer.ok());
  REQUIRE(writer->Add(SomeExchange(17)).ok());
  const auto digest = writer->Finish({.checkpoint = "note",
                                      .vkey = "key",
                                      .origin = "node/journal/1",
                                      .tree_size = 20,
                                      .made = "2026-03-02T08:00:00+07:00",
                                      .selection = "case 17"});
  REQUIRE(digest.ok());
  CHECK(digest->size() == 64);
  const auto bundle = BundleReader::Open(space.File("b")).value();
  std::vector<std::string> names;
  for (const auto& [name, size] : bundle.files()) names.push_back(name);
  CHECK(names == std::vector<std::string>{"checkpoint", "leaves.ndjson", "manifest.json",
                                          "payloads/17.request", "receipts/17.tlog-proof", "vkey"});
  const auto manifest = ParseManifest(bundle.Read(kBundleManifest).value()).value();
  CHECK(manifest.format_version() == kBundleFormatVersion);
  CHECK(manifest.tree_size() == 20);
  CHECK(manifest.files_size() == 5);
  REQUIRE(manifest.exchanges_size() == 1);
  CHECK(manifest.exchanges(0).request_file() == "payloads/17.request");
  CHECK(manifest.exchanges(0).response_file().empty());
  CHECK(bundle.Read("vkey").value() == "key\n");
  CHECK(ParseLeafLine(bundle.Read(kBundleLeaves).value()).value().index == 17);
  CHECK_FALSE(ParseManifest("{").ok());
}

TEST_CASE("a leaf stands once in a bundle, and an exchange has one") {
  const tests::TempDir space;
  auto writer = EvidenceWriter::Create(space.File("b"));
  REQUIRE(writer.ok());
  CHECK(writer->Add(SomeExchange(17)).ok());
  CHECK(absl::IsAlreadyExists(writer->Add(SomeExchange(17))));
  CHECK(absl::IsInvalidArgument(writer->Add({.exchange_id = "x"})));
}

}  // namespace
}  // namespace ndx::journal
