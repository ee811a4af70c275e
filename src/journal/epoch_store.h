// One epoch's files, opened and checked against the newest signed checkpoint. Private to this
// folder.
//
// Thread-safety: what it holds is thread-safe as its type says; the tree and the slot file belong
// to the journal's own threads.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "checkpoint_signer.h"
#include "master_key_change.h"
#include "ndx/core/clock.h"
#include "ndx/journal/tile_tree.h"
#include "ndx/store/database.h"
#include "ndx/store/segment_store.h"
#include "ndx/store/slot_file.h"

namespace ndx::journal {

struct EpochStoreOptions {
  std::string directory;  // of the journal; must exist
  std::string node;
  SigningKeyPair signing;
  const MasterKeys& masters;          // must outlive the call
  std::string unrecorded_key_change;  // kept by an epoch that follows another
  bool open_new_epoch = false;
  std::string program_version;
  uint64_t segment_bytes_max = 0;
  size_t block_cache_bytes = 0;
  store::FileFaults* faults = nullptr;
};

struct EpochStore {
  std::string directory;
  uint32_t epoch = 1;
  std::unique_ptr<CheckpointSigner> signer;
  std::unique_ptr<store::Database> database;
  std::unique_ptr<store::SegmentStore> segments;
  std::unique_ptr<store::SlotFile> slots;
  TileTree tree;
  // The newest signed checkpoint, as note; its size may be below the tree's after a crash.
  std::string checkpoint;
  uint64_t checkpoint_size = 0;
  bool created = false;
  bool clean_stop = true;
  bool rewrap = false;  // its keys are under the previous master key
  // For the record of the start, at most kLeafNoteBytesMax bytes: the checkpoint of the epoch
  // before, where this one is new; from which backup it comes, where it was restored.
  std::string start_note;
  bool restored = false;  // and its mark is to be removed once that record is durable
};

// Opens the newest epoch, or creates the first or (open_new_epoch) the next one. Refuses with
// kDataLoss a store that is shorter than its newest signed checkpoint or disagrees with it, with
// kFailedPrecondition a restored one that nobody accepted, and leaves such a store untouched.
absl::StatusOr<std::unique_ptr<EpochStore>> OpenEpochStore(EpochStoreOptions options,
                                                           const core::Clock& clock);

// Reads tiles from the database, and the partial tile of level 0 from the leaves.
TileTree::Loader TilesOf(const store::Database& database);

// Leaves according to the tree's edge record; 0 if there is none yet. kDataLoss if the leaves do
// not end there.
absl::StatusOr<uint64_t> StoredSize(const store::Database& database);

// The edge record of a tree.
std::string EncodeEdge(const TileTree& tree);

store::DatabaseOptions JournalDatabaseOptions(const std::string& epoch_directory);

}  // namespace ndx::journal
