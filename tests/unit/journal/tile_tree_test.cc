#include "ndx/journal/tile_tree.h"

#include <catch2/catch.hpp>
#include <map>
#include <string>

#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "memory_tree.h"
#include "ndx/tests/support/vectors.h"

namespace ndx::journal {
namespace {

using Tiles = std::map<TileId, std::string>;

// A loader as the store's: tiles as written, the partial tile of level 0 from the leaves.
TileTree::Loader LoaderOf(const Tiles& tiles, const MemoryTree& truth) {
  return [&](const TileId& tile, uint32_t width) -> absl::StatusOr<std::string> {
    if (tile.level == 0 && width < kTileWidth) {
      std::string hashes;
      for (uint32_t i = 0; i < width; ++i) {
        hashes += std::string(crypto::AsBytes(truth.leaf(tile.index * kTileWidth + i)));
      }
      return hashes;
    }
    const auto found = tiles.find(tile);
    if (found == tiles.end()) return absl::DataLossError("no such tile");
    return found->second;
  };
}

TEST_CASE("tile paths are those of the C2SP document") {
  CHECK(TilePath({.level = 0, .index = 1234067}, 256) == "tile/0/x001/x234/067");
  CHECK(TilePath({.level = 3, .index = 0}, 256) == "tile/3/000");
  CHECK(TilePath({.level = 1, .index = 999}, 17) == "tile/1/999.p/17");
  CHECK(TilePath({.level = 1, .index = 1000}, 1) == "tile/1/x001/000.p/1");
  CHECK(EntryBundlePath(1234067, 112) == "tile/entries/x001/x234/067.p/112");
  // The widths of the document's example of 70,000 leaves.
  CHECK(HashesAtLevel(0, 70000) / 256 == 273);
  CHECK(HashesAtLevel(0, 70000) % 256 == 112);
  CHECK(HashesAtLevel(1, 70000) / 256 == 1);
  CHECK(HashesAtLevel(1, 70000) % 256 == 17);
  CHECK(HashesAtLevel(2, 70000) == 1);
  CHECK(HashesAtLevel(8, 70000) == 0);
}

TEST_CASE("published examples of paths and widths") {
  for (const auto& value : tests::List(tests::ReadJsonVector("notes/tile-paths.json"), "c2sp")) {
    const auto& example = value.struct_value();
    if (const std::string path = tests::Text(example, "path_elements"); !path.empty()) {
      const auto index = static_cast<uint64_t>(tests::Number(example, "index"));
      CHECK(TilePath({.level = 0, .index = index}, kTileWidth) == "tile/0/" + path);
      CHECK(EntryBundlePath(index, kTileWidth) == "tile/entries/" + path);
      continue;
    }
    const auto size = static_cast<uint64_t>(tests::Number(example, "tree_size"));
    const auto check = [&](const char* field, uint64_t is) {
      if (example.fields().count(field) > 0) {
        CHECK(static_cast<double>(is) == tests::Number(example, field));
      }
    };
    check("level0_full_tiles", HashesAtLevel(0, size) / kTileWidth);
    check("level0_partial_width", HashesAtLevel(0, size) % kTileWidth);
    check("level1_full_tiles", HashesAtLevel(1, size) / kTileWidth);
    check("level1_partial_width", HashesAtLevel(1, size) % kTileWidth);
    check("level2_partial_width", HashesAtLevel(2, size) % kTileWidth);
  }
}

TEST_CASE("appending gives the golden roots of large trees") {
  const auto roots = tests::ReadJsonVector("merkle/roots.json");
  const auto& golden = roots.fields()
                           .at("golden_large")
                           .struct_value()
                           .fields()
                           .at("root_b64_by_size")
                           .struct_value();
  const MemoryTree truth(65535);
  TileTree tree = TileTree::Empty();
  size_t compared = 0;
  for (uint64_t size = 1; size <= 65535; ++size) {
    tree.Append(truth.leaf(size - 1));
    const auto found = golden.fields().find(std::to_string(size));
    if (found == golden.fields().end()) continue;
    ++compared;
    INFO(size);
    CHECK(absl::Base64Escape(crypto::AsBytes(tree.Root())) == found->second.string_value());
  }
  CHECK(compared == golden.fields().size());
}

TEST_CASE("a tree loaded from its tiles goes on as if it had never stopped") {
  const MemoryTree truth(70'000);
  Tiles tiles;
  TileTree tree = TileTree::Load(0, LoaderOf(tiles, truth)).value();
  const std::vector<uint64_t> stops = {1,    255,   256,   257,   511,   512,
                                       4000, 65535, 65536, 65537, 70'000};
  for (const uint64_t stop : stops) {
    while (tree.size() < stop) tree.Append(truth.leaf(tree.size()));
    for (auto& write : tree.TakeWrites()) tiles[write.tile] = write.hashes;
    CHECK(tree.TakeWrites().empty());
    tree = TileTree::Load(stop, LoaderOf(tiles, truth)).value();
    CHECK(tree.Root() == truth.Root(stop));
    const TreeHash root = tree.Root();
    for (const uint64_t index : {uint64_t{0}, stop / 3, stop / 2, stop - 1}) {
      const auto proof = InclusionProof(index, stop, tree);
      REQUIRE(proof.ok());
      CHECK(VerifyInclusion(index, stop, truth.leaf(index), *proof, root).ok());
    }
    const auto consistency = ConsistencyProof((stop + 1) / 2, stop, tree);
    REQUIRE(consistency.ok());
    const uint64_t half = (stop + 1) / 2;
    CHECK(VerifyConsistency({.size = half, .root = truth.Root(half)}, {.size = stop, .root = root},
                            *consistency)
              .ok());
  }
  // Level 0 tiles are kept when full, higher ones as they grow.
  CHECK(tiles.size() == 273 + 2 + 1);
  CHECK(tiles.at({.level = 1, .index = 1}).size() == 17 * 32);
}

TEST_CASE("a tile that is missing or too short is an error, not a wrong root") {
  const MemoryTree truth(600);
  Tiles tiles;
  CHECK_FALSE(TileTree::Load(600, LoaderOf(tiles, truth)).ok());
  tiles[{.level = 1, .index = 0}] = std::string(32, 'x');
  CHECK_FALSE(TileTree::Load(600, LoaderOf(tiles, truth)).ok());
  tiles[{.level = 1, .index = 0}] = std::string(64, 'x');
  const auto tree = TileTree::Load(600, LoaderOf(tiles, truth));
  REQUIRE(tree.ok());
  CHECK_FALSE(tree->Node(3, 0).ok());
}

}  // namespace
}  // namespace ndx::journal
