// Verifies a directory of tiles (C2SP tlog-tiles) against a signed tree head: every tile from the
// leaves' hashes up to the root, and the entries' bundles where there are any.
//
// Thread-safety: thread-compatible; blocks on the disk.
// Memory: 32 bytes for each 256 leaves.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "ndx/journal/merkle.h"
#include "ndx/journal/tile_tree.h"
#include "ndx/tools/verify/verdict.h"

namespace ndx::tools::verify {

struct TileOptions {
  // Tiles and bundles that lie wholly below this leaf may be missing (pruned logs).
  uint64_t minimum_index = 0;
  // Every bundle from the minimum index on must be there.
  bool entries_required = false;
};

class TileVerification {
 public:
  // directory holds tile/. head: what the checkpoint says.
  TileVerification(std::filesystem::path directory, journal::TreeHead head, TileOptions options,
                   Verdict& verdict);

  // Verifies all of it and says so in the verdict.
  void Run();

  // After Run() held: the tree begins with this earlier one. what names it for people.
  void CheckEarlier(const journal::TreeHead& earlier, const Bilingual& what);

 private:
  using Hashes = std::vector<std::optional<journal::TreeHash>>;

  void CheckLevels();
  // Verifies one level; below holds the hashes that the level below makes for this one.
  Hashes CheckLevel(uint32_t level, const Hashes& below);
  std::optional<journal::TreeHash> CheckTile(const journal::TileId& tile, uint32_t width,
                                             const Hashes& below);
  void CheckEntries(uint64_t index, uint32_t width, const std::optional<std::string>& hashes);
  void CheckRoot();
  void CheckLeftovers();
  void CheckLeftover(const std::string& path);
  void Summarise();

  // The first width hashes of a tile: from the file of this width or, the tree having grown, of the
  // full tile. nullopt, noted or as a problem, if there is none.
  std::optional<std::string> ReadTile(const journal::TileId& tile, uint32_t width);
  // The file at this path within the directory or, if it is absent, the one of the full tile.
  std::optional<std::string> ReadEither(const std::string& partial, const std::string& full);
  void Wrong(const std::string& path, const Bilingual& what);
  uint32_t WidthOf(uint32_t level, uint64_t index) const;

  const std::filesystem::path directory_;
  const journal::TreeHead head_;
  const TileOptions options_;
  Verdict& verdict_;
  std::set<std::string> seen_;  // paths within the directory
  uint64_t tiles_ = 0;
  uint64_t tiles_pruned_ = 0;
  uint64_t bundles_ = 0;
  uint64_t bundles_missing_ = 0;
  uint64_t bundles_pruned_ = 0;
  uint64_t entries_ = 0;
  uint64_t older_partials_ = 0;
  std::vector<std::string> leftovers_;
};

}  // namespace ndx::tools::verify
