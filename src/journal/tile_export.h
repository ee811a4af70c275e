// Writes a log as a directory of tiles (C2SP tlog-tiles: tile/, tile/entries/, checkpoint), leaf
// after leaf, the checkpoint last. Done again later, it goes on where the directory ends, which
// proves on the way that the new tree begins with the old one.
//
// Thread-safety: thread-compatible; blocks on the disk.
// Errors: kDataLoss if what is in the directory, or the leaves added, do not have the root that the
// checkpoint states; kFailedPrecondition for a checkpoint older than the directory's;
// kInvalidArgument for a leaf over kEntryBytesMax; kUnavailable if a file cannot be written.
// Signatures are for the caller to check. Files are replaced whole and not synced: a power cut may
// tear an export, never a journal, and a verification finds it.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "ndx/journal/checkpoint.h"
#include "ndx/journal/tile_tree.h"

namespace ndx::journal {

inline constexpr size_t kEntryBytesMax = 65535;

class TileExport {
 public:
  // Creates the directory if it is absent; its parent must exist.
  static absl::StatusOr<TileExport> Open(const std::string& directory);

  // Leaves written so far: the index of the next one to add.
  uint64_t size() const { return tree_.size(); }
  // The checkpoint found in the directory; nullopt in a new one.
  const std::optional<Checkpoint>& found() const { return found_; }

  absl::Status Add(absl::string_view leaf);

  // Writes what is not full yet and the checkpoint, whose size must be the leaves added; removes
  // the partial files of the size before.
  absl::Status Finish(absl::string_view checkpoint);

 private:
  TileExport(std::string directory, TileTree tree)
      : directory_(std::move(directory)), tree_(std::move(tree)) {}
  absl::Status TakeFullTiles();
  absl::Status WritePartials();
  void RemoveOldPartials(uint64_t size) const;
  std::string PathOf(const std::string& name) const;

  std::string directory_;
  TileTree tree_;
  std::optional<Checkpoint> found_;
  std::string hashes_;                          // of the partial tile of level 0
  std::string bundle_;                          // of the same leaves
  std::map<TileId, std::string> higher_tiles_;  // partial tiles that changed
};

}  // namespace ndx::journal
