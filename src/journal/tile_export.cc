#include "ndx/journal/tile_export.h"

#include <filesystem>
#include <fstream>
#include <system_error>

#include "absl/strings/str_cat.h"
#include "ndx/core/big_endian.h"
#include "ndx/core/status_macros.h"
#include "ndx/journal/signed_note.h"

namespace ndx::journal {
namespace {

namespace fs = std::filesystem;

constexpr char kCheckpointName[] = "checkpoint";

absl::StatusOr<std::string> ReadFile(const std::string& path) {
  std::error_code error;
  const uintmax_t size = fs::file_size(path, error);
  std::string bytes(error ? 0 : size, '\0');
  std::ifstream in(path, std::ios::binary);
  in.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  if (error || !in) return absl::DataLossError(absl::StrCat(path, " cannot be read"));
  return bytes;
}

// Whole or not at all, as far as other processes can see.
absl::Status ReplaceFile(const std::string& path, absl::string_view bytes) {
  const fs::path target(path);
  std::error_code error;
  fs::create_directories(target.parent_path(), error);
  const std::string fresh = absl::StrCat(path, ".new");
  std::ofstream out(fresh, std::ios::binary | std::ios::trunc);
  out.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  out.close();
  if (out) fs::rename(fresh, target, error);
  if (!out || error) return absl::UnavailableError(absl::StrCat(path, " cannot be written"));
  return absl::OkStatus();
}

absl::StatusOr<Checkpoint> CheckpointIn(absl::string_view note) {
  NDX_ASSIGN_OR_RETURN(const Note parsed, ParseNote(note));
  NDX_ASSIGN_OR_RETURN(ForeignCheckpoint foreign, ParseForeignCheckpoint(parsed.text));
  return std::move(foreign.checkpoint);
}

absl::Status NotThatTree(const std::string& directory) {
  return absl::DataLossError(
      absl::StrCat(directory, " does not hold the tree that its checkpoint states"));
}

}  // namespace

std::string TileExport::PathOf(const std::string& name) const {
  return absl::StrCat(directory_, "/", name);
}

absl::StatusOr<TileExport> TileExport::Open(const std::string& directory) {
  std::error_code error;
  fs::create_directory(directory, error);
  if (error) return absl::UnavailableError(absl::StrCat(directory, " cannot be created"));
  const std::string path = absl::StrCat(directory, "/", kCheckpointName);
  if (!fs::exists(path, error)) return TileExport(directory, TileTree::Empty());
  NDX_ASSIGN_OR_RETURN(const std::string note, ReadFile(path));
  NDX_ASSIGN_OR_RETURN(Checkpoint found, CheckpointIn(note));
  const auto load = [directory](const TileId& tile, uint32_t width) {
    return ReadFile(absl::StrCat(directory, "/", TilePath(tile, width)));
  };
  auto tree = TileTree::Load(found.head.size, load);
  if (!tree.ok() || tree->Root() != found.head.root) return NotThatTree(directory);
  TileExport made(directory, *std::move(tree));
  const auto width = static_cast<uint32_t>(found.head.size % kTileWidth);
  if (width > 0) {
    const uint64_t index = found.head.size / kTileWidth;
    NDX_ASSIGN_OR_RETURN(made.hashes_, load({.level = 0, .index = index}, width));
    NDX_ASSIGN_OR_RETURN(made.bundle_, ReadFile(made.PathOf(EntryBundlePath(index, width))));
    if (made.bundle_.empty()) return NotThatTree(directory);
  }
  made.found_ = std::move(found);
  return made;
}

absl::Status TileExport::Add(absl::string_view leaf) {
  if (leaf.size() > kEntryBytesMax) {
    return absl::InvalidArgumentError(
        absl::StrCat("a leaf has at most ", kEntryBytesMax, " bytes"));
  }
  const TreeHash hash = LeafHash(leaf);
  absl::StrAppend(&hashes_, crypto::AsBytes(hash));
  absl::StrAppend(&bundle_, core::BigEndian(static_cast<uint16_t>(leaf.size())), leaf);
  tree_.Append(hash);
  return tree_.size() % kTileWidth == 0 ? TakeFullTiles() : absl::OkStatus();
}

absl::Status TileExport::TakeFullTiles() {
  for (TileTree::TileWrite& write : tree_.TakeWrites()) {
    if (write.hashes.size() < size_t{kTileWidth} * crypto::kDigestBytes) {
      higher_tiles_[write.tile] = std::move(write.hashes);
      continue;
    }
    higher_tiles_.erase(write.tile);
    NDX_RETURN_IF_ERROR(ReplaceFile(PathOf(TilePath(write.tile, kTileWidth)), write.hashes));
  }
  const uint64_t index = tree_.size() / kTileWidth - 1;
  NDX_RETURN_IF_ERROR(ReplaceFile(PathOf(EntryBundlePath(index, kTileWidth)), bundle_));
  hashes_.clear();
  bundle_.clear();
  return absl::OkStatus();
}

absl::Status TileExport::WritePartials() {
  for (const auto& [tile, hashes] : higher_tiles_) {
    const auto width = static_cast<uint32_t>(hashes.size() / crypto::kDigestBytes);
    NDX_RETURN_IF_ERROR(ReplaceFile(PathOf(TilePath(tile, width)), hashes));
  }
  if (hashes_.empty()) return absl::OkStatus();
  const auto width = static_cast<uint32_t>(tree_.size() % kTileWidth);
  const uint64_t index = tree_.size() / kTileWidth;
  NDX_RETURN_IF_ERROR(ReplaceFile(PathOf(TilePath({.level = 0, .index = index}, width)), hashes_));
  return ReplaceFile(PathOf(EntryBundlePath(index, width)), bundle_);
}

// Of the tiles at the right edge of a tree of this size, every partial file that the tree of now
// does not need.
void TileExport::RemoveOldPartials(uint64_t size) const {
  std::error_code error;
  const auto clean = [&](const std::string& path, const std::string& needed) {
    const fs::path directory = PathOf(path.substr(0, path.find(".p/") + 2));
    for (fs::directory_iterator at(directory, error), end; !error && at != end;
         at.increment(error)) {
      if (at->path() != fs::path(PathOf(needed))) fs::remove(at->path(), error);
    }
    if (fs::is_empty(directory, error) && !error) fs::remove(directory, error);
  };
  for (uint32_t level = 0; HashesAtLevel(level, size) > 0; ++level) {
    const TileId edge{.level = level, .index = HashesAtLevel(level, size) / kTileWidth};
    const uint64_t now = HashesAtLevel(level, tree_.size());
    const auto width = static_cast<uint32_t>(now % kTileWidth);
    const bool still_edge = edge.index == now / kTileWidth && width > 0;
    clean(TilePath(edge, 1), still_edge ? TilePath(edge, width) : "");
    if (level > 0) continue;
    clean(EntryBundlePath(edge.index, 1), still_edge ? EntryBundlePath(edge.index, width) : "");
  }
}

absl::Status TileExport::Finish(absl::string_view checkpoint) {
  NDX_ASSIGN_OR_RETURN(const Checkpoint stated, CheckpointIn(checkpoint));
  if (found_.has_value() && found_->origin != stated.origin) {
    return absl::FailedPreconditionError(
        absl::StrCat(directory_, " holds the log ", found_->origin, ", not ", stated.origin));
  }
  if (found_.has_value() && found_->head.size > stated.head.size) {
    return absl::FailedPreconditionError(absl::StrCat(directory_, " holds ", found_->head.size,
                                                      " leaves, the checkpoint states only ",
                                                      stated.head.size, ": the log was shortened"));
  }
  if (stated.head.size != tree_.size() || stated.head.root != tree_.Root()) {
    return absl::DataLossError(
        "the leaves do not have the root that the checkpoint states: the log was changed");
  }
  NDX_RETURN_IF_ERROR(WritePartials());
  NDX_RETURN_IF_ERROR(ReplaceFile(PathOf(kCheckpointName), checkpoint));
  if (found_.has_value()) RemoveOldPartials(found_->head.size);
  RemoveOldPartials(tree_.size());
  found_ = stated;
  return absl::OkStatus();
}

}  // namespace ndx::journal
