// The tree kept as tiles of 256 hashes (C2SP tlog-tiles): appending, roots, and every node for
// proofs.
//
// Thread-safety: thread-compatible; Node() is const but fills a cache, so it belongs to one thread.
// Level 0 tiles hold leaf hashes; the hash at level l >= 1 is the tree hash of one full tile below.
#pragma once

#include <cstdint>
#include <functional>
#include <list>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "ndx/journal/merkle.h"

namespace ndx::journal {

inline constexpr uint32_t kTileHeight = 8;
inline constexpr uint32_t kTileWidth = 1U << kTileHeight;

struct TileId {
  uint32_t level = 0;
  uint64_t index = 0;
  friend auto operator<=>(const TileId&, const TileId&) = default;
};

// Hashes at a tile level in a tree of this size: size / 256^level.
uint64_t HashesAtLevel(uint32_t level, uint64_t size);

// tile/L/N, or tile/L/N.p/W for a width below 256.
std::string TilePath(const TileId& tile, uint32_t width);
// tile/entries/N[.p/W].
std::string EntryBundlePath(uint64_t index, uint32_t width);

class TileTree final : public HashSource {
 public:
  // Gets the first width hashes of a tile, concatenated.
  using Loader = std::function<absl::StatusOr<std::string>(const TileId&, uint32_t width)>;

  struct TileWrite {
    TileId tile;
    std::string hashes;  // concatenated; a partial tile of a higher level grows at its end
  };

  // A tree of this size, its right edge loaded. kDataLoss if the loader gives a wrong length.
  static absl::StatusOr<TileTree> Load(uint64_t size, Loader loader);

  // A tree without leaves, to be appended to. It keeps no tiles but those at its edge: older nodes
  // cannot be asked for.
  static TileTree Empty();

  void Append(const TreeHash& leaf_hash);

  uint64_t size() const { return size_; }
  TreeHash Root() const;

  absl::StatusOr<TreeHash> Node(uint32_t level, uint64_t index) const override;

  // Tiles to keep since the last call: level 0 tiles that became full, and tiles of higher levels
  // that changed. The partial tile of level 0 is not kept: it is the hashes of the last leaves.
  std::vector<TileWrite> TakeWrites();

 private:
  // Nodes of one tile by height: rows[0] are the tile's own hashes, rows[7] the two below its root.
  struct Expanded {
    std::vector<TreeHash> rows[kTileHeight];
  };
  static constexpr size_t kCachedTiles = 64;

  explicit TileTree(Loader loader) : loader_(std::move(loader)) {}
  void AppendAt(uint32_t level, const TreeHash& hash);
  static absl::StatusOr<Expanded> Expand(const std::string& hashes, uint32_t width);
  static std::string Concatenate(const Expanded& tile);
  absl::StatusOr<const Expanded*> FullTile(const TileId& tile) const;
  void Remember(const TileId& tile, Expanded expanded) const;

  Loader loader_;
  uint64_t size_ = 0;
  std::vector<Expanded> edge_;  // the tile being filled, of each level
  std::map<TileId, std::string> writes_;
  mutable std::map<TileId, Expanded> cache_;
  mutable std::list<TileId> cache_order_;  // oldest first
};

}  // namespace ndx::journal
