#include "ndx/journal/tile_tree.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "ndx/core/status_macros.h"

namespace ndx::journal {
namespace {

std::string NumberPath(uint64_t index) {
  std::string path = absl::StrFormat("%03d", index % 1000);
  for (uint64_t rest = index / 1000; rest > 0; rest /= 1000) {
    path = absl::StrFormat("x%03d/%s", rest % 1000, path);
  }
  return path;
}

std::string PartialSuffix(uint32_t width) {
  return width < kTileWidth ? absl::StrCat(".p/", width) : std::string();
}

// Adds a hash to the lowest row and every row that it completes a pair for.
template <typename Rows>
void Push(Rows& rows, TreeHash hash) {
  for (uint32_t row = 0; row < kTileHeight; ++row) {
    rows[row].push_back(hash);
    const size_t count = rows[row].size();
    if (count % 2 == 1) return;
    hash = NodeHash(rows[row][count - 2], rows[row][count - 1]);
  }
}

}  // namespace

uint64_t HashesAtLevel(uint32_t level, uint64_t size) {
  const uint32_t shift = level * kTileHeight;
  return shift >= 64 ? 0 : size >> shift;
}

std::string TilePath(const TileId& tile, uint32_t width) {
  return absl::StrCat("tile/", tile.level, "/", NumberPath(tile.index), PartialSuffix(width));
}

std::string EntryBundlePath(uint64_t index, uint32_t width) {
  return absl::StrCat("tile/entries/", NumberPath(index), PartialSuffix(width));
}

absl::StatusOr<TileTree> TileTree::Load(uint64_t size, Loader loader) {
  TileTree tree(std::move(loader));
  tree.size_ = size;
  for (uint32_t level = 0; HashesAtLevel(level, size) > 0; ++level) {
    const uint64_t count = HashesAtLevel(level, size);
    const auto width = static_cast<uint32_t>(count % kTileWidth);
    tree.edge_.emplace_back();
    if (width == 0) continue;
    const TileId tile{.level = level, .index = count / kTileWidth};
    NDX_ASSIGN_OR_RETURN(const std::string hashes, tree.loader_(tile, width));
    NDX_ASSIGN_OR_RETURN(tree.edge_.back(), Expand(hashes, width));
  }
  return tree;
}

TileTree TileTree::Empty() {
  return TileTree([](const TileId& tile, uint32_t width) -> absl::StatusOr<std::string> {
    return absl::NotFoundError(absl::StrCat(TilePath(tile, width), " is not kept"));
  });
}

void TileTree::Append(const TreeHash& leaf_hash) {
  AppendAt(0, leaf_hash);
  ++size_;
}

void TileTree::AppendAt(uint32_t level, const TreeHash& hash) {
  if (edge_.size() <= level) edge_.resize(level + 1);
  const TileId tile{.level = level, .index = HashesAtLevel(level, size_) / kTileWidth};
  Expanded& edge = edge_[level];
  Push(edge.rows, hash);
  const bool full = edge.rows[0].size() == kTileWidth;
  if (level > 0 || full) writes_[tile] = Concatenate(edge);
  if (!full) return;
  const auto& top = edge.rows[kTileHeight - 1];
  const TreeHash root = NodeHash(top[0], top[1]);
  Remember(tile, std::move(edge));
  edge_[level] = Expanded();
  AppendAt(level + 1, root);
}

TreeHash TileTree::Root() const {
  // Everything on the right edge is in memory, so this cannot fail on a loaded tree.
  return RootAt(size_, *this).value();
}

absl::StatusOr<TreeHash> TileTree::Node(uint32_t level, uint64_t index) const {
  const uint32_t tile_level = level / kTileHeight;
  const uint32_t row = level % kTileHeight;
  const uint32_t row_bits = kTileHeight - row;  // a full tile has 2^row_bits nodes in this row
  const TileId tile{.level = tile_level, .index = index >> row_bits};
  const uint64_t at = index & ((uint64_t{1} << row_bits) - 1);
  NDX_CHECK(level < 64 && (index + 1) <= (size_ >> level));
  if (tile.index == HashesAtLevel(tile_level, size_) / kTileWidth) {
    return edge_[tile_level].rows[row][at];
  }
  NDX_ASSIGN_OR_RETURN(const Expanded* expanded, FullTile(tile));
  return expanded->rows[row][at];
}

std::vector<TileTree::TileWrite> TileTree::TakeWrites() {
  std::vector<TileWrite> writes;
  for (auto& [tile, hashes] : writes_) writes.push_back({tile, std::move(hashes)});
  writes_.clear();
  return writes;
}

absl::StatusOr<TileTree::Expanded> TileTree::Expand(const std::string& hashes, uint32_t width) {
  if (hashes.size() < size_t{width} * crypto::kDigestBytes) {
    return absl::DataLossError("a tile of the tree is shorter than the tree needs");
  }
  Expanded tile;
  for (uint32_t i = 0; i < width; ++i) {
    Push(tile.rows, crypto::DigestFromBytes(absl::string_view(hashes).substr(
                        size_t{i} * crypto::kDigestBytes, crypto::kDigestBytes)));
  }
  return tile;
}

std::string TileTree::Concatenate(const Expanded& tile) {
  std::string hashes;
  hashes.reserve(tile.rows[0].size() * crypto::kDigestBytes);
  for (const TreeHash& hash : tile.rows[0]) absl::StrAppend(&hashes, crypto::AsBytes(hash));
  return hashes;
}

absl::StatusOr<const TileTree::Expanded*> TileTree::FullTile(const TileId& tile) const {
  if (const auto found = cache_.find(tile); found != cache_.end()) return &found->second;
  NDX_ASSIGN_OR_RETURN(const std::string hashes, loader_(tile, kTileWidth));
  NDX_ASSIGN_OR_RETURN(Expanded expanded, Expand(hashes, kTileWidth));
  Remember(tile, std::move(expanded));
  return &cache_.at(tile);
}

void TileTree::Remember(const TileId& tile, Expanded expanded) const {
  if (cache_order_.size() >= kCachedTiles) {
    cache_.erase(cache_order_.front());
    cache_order_.pop_front();
  }
  if (cache_.insert_or_assign(tile, std::move(expanded)).second) cache_order_.push_back(tile);
}

}  // namespace ndx::journal
