#include "ndx/tools/verify/tile_verification.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "ndx/core/big_endian.h"
#include "ndx/tools/verify/input_file.h"

namespace ndx::tools::verify {
namespace {

using journal::kTileWidth;
using journal::TileId;
using journal::TreeHash;

constexpr size_t kHashBytes = crypto::kDigestBytes;
// 256 entries of at most 65,535 bytes, each with its length.
constexpr size_t kBundleBytesMax = size_t{kTileWidth} * (65535 + 2);
constexpr size_t kLeftoversShown = 5;

TreeHash HashAt(const std::string& hashes, size_t index) {
  return crypto::DigestFromBytes(absl::string_view(hashes).substr(index * kHashBytes, kHashBytes));
}

TreeHash RootOfTile(const std::string& hashes) {
  std::vector<TreeHash> leaves;
  for (size_t i = 0; i < hashes.size() / kHashBytes; ++i) leaves.push_back(HashAt(hashes, i));
  return journal::RootOf(leaves);
}

// Leaves below one hash of a level.
uint64_t LeavesPerHash(uint32_t level) { return uint64_t{1} << (journal::kTileHeight * level); }

// Entries of a bundle, each behind its length; nullopt if they are not whole.
std::optional<std::vector<absl::string_view>> SplitBundle(absl::string_view bundle) {
  std::vector<absl::string_view> entries;
  while (!bundle.empty()) {
    if (bundle.size() < 2) return std::nullopt;
    const auto size = core::ReadBigEndian<uint16_t>(bundle);
    if (bundle.size() < size_t{2} + size) return std::nullopt;
    entries.push_back(bundle.substr(2, size));
    bundle.remove_prefix(size_t{2} + size);
  }
  return entries;
}

}  // namespace

TileVerification::TileVerification(std::filesystem::path directory, journal::TreeHead head,
                                   TileOptions options, Verdict& verdict)
    : directory_(std::move(directory)), head_(head), options_(options), verdict_(verdict) {}

void TileVerification::Wrong(const std::string& path, const Bilingual& what) {
  verdict_.Problem({absl::StrCat(path, ": ", what.en), absl::StrCat(path, ": ", what.vi)});
}

uint32_t TileVerification::WidthOf(uint32_t level, uint64_t index) const {
  const uint64_t count = journal::HashesAtLevel(level, head_.size);
  return static_cast<uint32_t>(std::min<uint64_t>(kTileWidth, count - index * kTileWidth));
}

std::optional<std::string> TileVerification::ReadEither(const std::string& partial,
                                                        const std::string& full) {
  for (const std::string& path : {partial, full}) {
    std::error_code error;
    if (!std::filesystem::exists(directory_ / path, error)) continue;
    auto bytes = ReadInput((directory_ / path).string(), kBundleBytesMax);
    if (!bytes.ok()) {
      Wrong(path, Translate(std::string(bytes.status().message())));
      return std::nullopt;
    }
    seen_.insert(path);
    return *std::move(bytes);
  }
  return std::nullopt;
}

std::optional<std::string> TileVerification::ReadTile(const TileId& tile, uint32_t width) {
  const std::string path = journal::TilePath(tile, width);
  auto bytes = ReadEither(path, journal::TilePath(tile, kTileWidth));
  if (!bytes.has_value()) {
    const uint64_t end = (tile.index + 1) * kTileWidth * LeavesPerHash(tile.level);
    if (width == kTileWidth && end <= options_.minimum_index) {
      ++tiles_pruned_;
    } else {
      Wrong(path, {"is missing", "bị thiếu"});
    }
    return std::nullopt;
  }
  const bool whole =
      bytes->size() == width * kHashBytes || bytes->size() == kTileWidth * kHashBytes;
  if (!whole) {
    Wrong(path, {absl::StrCat("has ", bytes->size(), " bytes, not ", width * kHashBytes),
                 absl::StrCat("có ", bytes->size(), " byte, phải là ", width * kHashBytes)});
    return std::nullopt;
  }
  bytes->resize(width * kHashBytes);
  ++tiles_;
  return bytes;
}

void TileVerification::CheckEntries(uint64_t index, uint32_t width,
                                    const std::optional<std::string>& hashes) {
  const std::string path = journal::EntryBundlePath(index, width);
  const auto bundle = ReadEither(path, journal::EntryBundlePath(index, kTileWidth));
  if (!bundle.has_value()) {
    const bool pruned = (index + 1) * kTileWidth <= options_.minimum_index;
    ++(pruned ? bundles_pruned_ : bundles_missing_);
    if (!pruned && options_.entries_required) Wrong(path, {"is missing", "bị thiếu"});
    return;
  }
  const auto entries = SplitBundle(*bundle);
  if (!entries.has_value() || (entries->size() != width && entries->size() != kTileWidth)) {
    Wrong(path, {absl::StrCat("does not hold ", width, " whole entries"),
                 absl::StrCat("không chứa đủ ", width, " bản ghi nguyên vẹn")});
    return;
  }
  ++bundles_;
  if (!hashes.has_value()) return;
  for (uint32_t i = 0; i < width; ++i) {
    if (journal::LeafHash((*entries)[i]) == HashAt(*hashes, i)) {
      ++entries_;
      continue;
    }
    const uint64_t leaf = index * kTileWidth + i;
    const std::string tile = journal::TilePath({.level = 0, .index = index}, width);
    Wrong(path, {absl::StrCat("leaf ", leaf, " is not the one that ", tile, " names"),
                 absl::StrCat("bản ghi ", leaf, " không phải bản ghi mà ", tile, " nêu")});
  }
}

std::optional<TreeHash> TileVerification::CheckTile(const TileId& tile, uint32_t width,
                                                    const Hashes& below) {
  const auto hashes = ReadTile(tile, width);
  if (tile.level == 0) CheckEntries(tile.index, width, hashes);
  if (!hashes.has_value()) return std::nullopt;
  for (uint32_t i = 0; tile.level > 0 && i < width; ++i) {
    const uint64_t child = tile.index * kTileWidth + i;
    if (!below[child].has_value() || *below[child] == HashAt(*hashes, i)) continue;
    const std::string under = journal::TilePath({tile.level - 1, child}, kTileWidth);
    Wrong(journal::TilePath(tile, width),
          {absl::StrCat("hash ", i, " is not that of ", under),
           absl::StrCat("giá trị băm ", i, " không khớp với ", under)});
  }
  if (width < kTileWidth) return std::nullopt;
  return RootOfTile(*hashes);
}

TileVerification::Hashes TileVerification::CheckLevel(uint32_t level, const Hashes& below) {
  const uint64_t count = journal::HashesAtLevel(level, head_.size);
  Hashes above;
  for (uint64_t index = 0; index * kTileWidth < count; ++index) {
    const uint32_t width = WidthOf(level, index);
    auto root = CheckTile({.level = level, .index = index}, width, below);
    if (width == kTileWidth) above.push_back(root);
  }
  return above;
}

void TileVerification::CheckLevels() {
  Hashes below;
  for (uint32_t level = 0; journal::HashesAtLevel(level, head_.size) > 0; ++level) {
    below = CheckLevel(level, below);
  }
}

void TileVerification::CheckRoot() {
  if (!verdict_.holds()) return;  // what is wrong is named already
  const auto tree = journal::TileTree::Load(
      head_.size, [this](const TileId& tile, uint32_t width) -> absl::StatusOr<std::string> {
        const auto bytes =
            ReadEither(journal::TilePath(tile, width), journal::TilePath(tile, kTileWidth));
        if (!bytes.has_value()) return absl::NotFoundError(journal::TilePath(tile, width));
        return *bytes;
      });
  if (!tree.ok() || tree->Root() != head_.root) {
    verdict_.Problem({"the tiles do not lead to the root that is signed",
                      "các ô băm (tile) không dẫn đến giá trị gốc được ký"});
  }
}

void TileVerification::CheckEarlier(const journal::TreeHead& earlier, const Bilingual& what) {
  if (!verdict_.holds()) return;
  if (earlier.size > head_.size) {
    verdict_.Problem({absl::StrCat(what.en, " states ", earlier.size, " leaves, the log has ",
                                   head_.size, ": it was shortened"),
                      absl::StrCat(what.vi, " nói có ", earlier.size, " bản ghi, nhật ký chỉ có ",
                                   head_.size, ": đã bị cắt bớt")});
    return;
  }
  const auto tree = journal::TileTree::Load(
      head_.size, [this](const TileId& tile, uint32_t width) -> absl::StatusOr<std::string> {
        const auto bytes =
            ReadEither(journal::TilePath(tile, width), journal::TilePath(tile, kTileWidth));
        if (!bytes.has_value()) return absl::NotFoundError(journal::TilePath(tile, width));
        return *bytes;
      });
  const auto root = tree.ok() ? journal::RootAt(earlier.size, *tree) : tree.status();
  if (!root.ok()) {
    verdict_.Problem({absl::StrCat(what.en, " cannot be compared, a tile is missing: ",
                                   std::string(root.status().message())),
                      absl::StrCat(what.vi, " không so sánh được, thiếu ô băm: ",
                                   std::string(root.status().message()))});
  } else if (*root != earlier.root) {
    verdict_.Problem({absl::StrCat(what.en, " was signed over another tree: among the first ",
                                   earlier.size, " leaves one was changed, removed or moved since"),
                      absl::StrCat(what.vi, " được ký trên một cây khác: trong ", earlier.size,
                                   " bản ghi đầu đã có bản ghi bị sửa, xóa hoặc đổi chỗ")});
  } else {
    verdict_.Checked(
        {absl::StrCat("the log still begins with the ", earlier.size, " leaves of ", what.en),
         absl::StrCat("nhật ký vẫn bắt đầu bằng ", earlier.size, " bản ghi của ", what.vi)});
  }
}

// A partial tile or bundle from when the tree was smaller must be the beginning of what is there
// now.
void TileVerification::CheckLeftover(const std::string& path) {
  const size_t dot = path.find(".p/");
  std::string now;
  if (dot != std::string::npos) {
    const auto known = seen_.lower_bound(path.substr(0, dot));
    if (known != seen_.end() &&
        (*known == path.substr(0, dot) || absl::StartsWith(*known, path.substr(0, dot + 3)))) {
      now = *known;
    }
  }
  if (now.empty()) {
    leftovers_.push_back(path);
    return;
  }
  const auto older = ReadInput((directory_ / path).string(), kBundleBytesMax);
  const auto newer = ReadInput((directory_ / now).string(), kBundleBytesMax);
  if (older.ok() && newer.ok() && older->size() > newer->size()) {
    leftovers_.push_back(path);  // wider than the signed tree: not of this checkpoint
    return;
  }
  if (!older.ok() || !newer.ok() || !absl::StartsWith(*newer, *older)) {
    Wrong(path, {absl::StrCat("is not the beginning of ", now),
                 absl::StrCat("không phải phần đầu của ", now)});
    return;
  }
  ++older_partials_;
}

void TileVerification::CheckLeftovers() {
  std::vector<std::string> paths;
  std::error_code error;
  for (std::filesystem::recursive_directory_iterator at(directory_ / "tile", error), end;
       !error && at != end; at.increment(error)) {
    if (at->is_directory()) continue;
    const std::string path = at->path().lexically_relative(directory_).generic_string();
    if (seen_.count(path) == 0) paths.push_back(path);
  }
  std::sort(paths.begin(), paths.end());
  for (const std::string& path : paths) CheckLeftover(path);
}

void TileVerification::Summarise() {
  if (verdict_.holds()) {
    verdict_.Checked({absl::StrCat(tiles_, " tiles, every hash from the leaves up to the root"),
                      absl::StrCat(tiles_, " ô băm, mọi giá trị băm từ bản ghi đến gốc")});
  }
  if (bundles_ > 0) {
    verdict_.Checked({absl::StrCat(entries_, " entries in ", bundles_, " bundles"),
                      absl::StrCat(entries_, " bản ghi trong ", bundles_, " gói")});
  }
  if (older_partials_ > 0) {
    verdict_.Checked({absl::StrCat(older_partials_, " partial files of earlier sizes"),
                      absl::StrCat(older_partials_, " tệp dở dang của các kích thước trước")});
  }
  if (bundles_missing_ > 0 && !options_.entries_required) {
    verdict_.NotChecked(
        {absl::StrCat("entries of ", bundles_missing_, " bundles that are not there"),
         absl::StrCat("nội dung của ", bundles_missing_, " gói không có trong thư mục")});
  }
  if (tiles_pruned_ + bundles_pruned_ > 0) {
    verdict_.NotChecked({absl::StrCat(tiles_pruned_, " tiles and ", bundles_pruned_,
                                      " bundles pruned below leaf ", options_.minimum_index),
                         absl::StrCat(tiles_pruned_, " ô băm và ", bundles_pruned_,
                                      " gói đã lược bỏ trước bản ghi ", options_.minimum_index)});
  }
  for (size_t i = 0; i < std::min(leftovers_.size(), kLeftoversShown); ++i) {
    verdict_.NotChecked({absl::StrCat(leftovers_[i], ", which the signed tree does not need"),
                         absl::StrCat(leftovers_[i], ", cây được ký không cần đến")});
  }
  if (leftovers_.size() > kLeftoversShown) {
    const size_t more = leftovers_.size() - kLeftoversShown;
    verdict_.NotChecked(
        {absl::StrCat(more, " more such files"), absl::StrCat("thêm ", more, " tệp như vậy")});
  }
}

void TileVerification::Run() {
  if (head_.size == 0 && head_.root != journal::EmptyRoot()) {
    verdict_.Problem({"the root is not that of a tree without leaves",
                      "giá trị gốc không phải của cây không có bản ghi"});
  }
  CheckLevels();
  CheckRoot();
  CheckLeftovers();
  Summarise();
}

}  // namespace ndx::tools::verify
