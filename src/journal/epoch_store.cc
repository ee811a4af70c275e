#include "epoch_store.h"

#include <bit>

#include "absl/strings/str_cat.h"
#include "ndx/core/status_macros.h"
#include "ndx/journal/leaf_codec.h"
#include "ndx/journal/master_key.h"
#include "ndx/journal/v1/journal_store.pb.h"
#include "ndx/store/directory.h"
#include "restored_mark.h"
#include "store_layout.h"

namespace ndx::journal {
namespace {

// What is written last of some fifteen thousand exchanges.
constexpr size_t kJournalBufferBytes = size_t{32} << 20;

absl::Status Refuse(absl::string_view why) {
  return absl::DataLossError(absl::StrCat(
      "the journal does not start: ", why,
      ". Keep a copy of its directory. Restore a backup that holds all records, or open a new "
      "epoch, whose first record names the last checkpoint of this one."));
}

absl::StatusOr<std::string> HashesOfLeaves(const store::Database& database, uint64_t first,
                                           uint32_t count) {
  std::string hashes;
  const auto cursor = database.NewCursor(kLeafFamily);
  cursor->Seek(LeafKey(first));
  for (uint32_t i = 0; i < count; ++i, cursor->Next()) {
    if (!cursor->Valid()) {
      NDX_RETURN_IF_ERROR(cursor->status());
      return absl::DataLossError(absl::StrCat("leaf ", first + i, " is missing"));
    }
    if (cursor->key() != LeafKey(first + i)) {
      return absl::DataLossError(absl::StrCat("leaf ", first + i, " is missing"));
    }
    const TreeHash hash = LeafHash(cursor->value());
    absl::StrAppend(&hashes, crypto::AsBytes(hash));
  }
  return hashes;
}

// Whether the keys are under the previous master key.
absl::StatusOr<bool> CheckHeader(const store::Database& database, const std::string& origin,
                                 const MasterKeys& masters) {
  NDX_ASSIGN_OR_RETURN(const std::string bytes, database.Get(kMetaFamily, kHeaderKey));
  v1::StoreHeader header;
  if (!header.ParseFromString(bytes)) {
    return absl::DataLossError("the header of the journal's store is damaged");
  }
  NDX_RETURN_IF_ERROR(CheckLayout(header.layout(), header.program_version()));
  if (header.origin() != origin) {
    return absl::InvalidArgumentError(
        absl::StrCat("the journal is of ", header.origin(), ", not of ", origin));
  }
  return MustRewrap("this journal", {header.master_key_check(), header.next_master_key_check()},
                    masters);
}

// Peaks of the tree: roots of its complete subtrees, largest first.
absl::StatusOr<std::vector<TreeHash>> PeaksOf(const TileTree& tree) {
  std::vector<TreeHash> peaks;
  uint64_t begin = 0;
  for (uint64_t rest = tree.size(); rest > 0;) {
    const auto level = static_cast<uint32_t>(std::bit_width(rest) - 1);
    NDX_ASSIGN_OR_RETURN(const TreeHash peak, tree.Node(level, begin >> level));
    peaks.push_back(peak);
    begin += uint64_t{1} << level;
    rest -= uint64_t{1} << level;
  }
  return peaks;
}

// The tree as stored, its edge recomputed from leaves and tiles and compared with the edge record.
absl::StatusOr<TileTree> LoadTree(const store::Database& database) {
  NDX_ASSIGN_OR_RETURN(const uint64_t size, StoredSize(database));
  NDX_ASSIGN_OR_RETURN(TileTree tree, TileTree::Load(size, TilesOf(database)));
  if (size == 0) return tree;
  NDX_ASSIGN_OR_RETURN(const std::string recorded, database.Get(kMetaFamily, kEdgeKey));
  v1::TreeEdge edge;
  NDX_ASSIGN_OR_RETURN(const std::vector<TreeHash> peaks, PeaksOf(tree));
  bool same = edge.ParseFromString(recorded) && edge.peaks_size() == static_cast<int>(peaks.size());
  for (int i = 0; same && i < edge.peaks_size(); ++i) {
    same = edge.peaks(i) == crypto::AsBytes(peaks[static_cast<size_t>(i)]);
  }
  if (!same) return absl::DataLossError("the last leaves are not those the tree was made of");
  return tree;
}

struct Signed {
  std::string note;
  TreeHead head;
};

absl::Status RefuseSignature(const CheckpointSigner& signer, const absl::Status& why) {
  std::string keys;
  for (const NoteVerifier& verifier : signer.verifiers()) {
    absl::StrAppend(&keys, keys.empty() ? "" : " or ", verifier.vkey());
  }
  return Refuse(absl::StrCat(
      "its newest checkpoint is not signed with this node's key ", keys, " (", why.message(),
      "). Configure the key that signed it as journal.signing_key; a new one goes into "
      "journal.next_signing_key beside it"));
}

// The newest checkpoint in the slots, its signature verified. nullopt if none was ever written.
absl::StatusOr<std::optional<Signed>> NewestCheckpoint(const std::string& path,
                                                       const CheckpointSigner& signer) {
  const auto slots = store::ReadSlots(path);
  if (absl::IsNotFound(slots.status())) return std::optional<Signed>();
  if (!slots.ok()) return slots.status();
  const store::Slot* newest = store::NewestSlot(*slots);
  if (newest == nullptr) {
    for (const store::Slot& slot : *slots) {
      if (slot.state == store::SlotState::kDamaged) {
        return Refuse("no signed checkpoint can be read");
      }
    }
    return std::optional<Signed>();
  }
  const auto checkpoint = OpenCheckpoint(newest->content, signer.verifiers());
  if (!checkpoint.ok()) return RefuseSignature(signer, checkpoint.status());
  return std::optional<Signed>({.note = newest->content, .head = checkpoint->head});
}

absl::Status CheckAgainst(const TileTree& tree, const std::optional<Signed>& checkpoint) {
  if (!checkpoint.has_value()) {
    if (tree.size() == 0) return absl::OkStatus();
    return Refuse("it holds records and no signed checkpoint");
  }
  if (tree.size() < checkpoint->head.size) {
    return Refuse(absl::StrCat("it holds ", tree.size(),
                               " records, and its newest checkpoint signs ",
                               checkpoint->head.size));
  }
  const auto root = RootAt(checkpoint->head.size, tree);
  if (!root.ok() || *root != checkpoint->head.root) {
    return Refuse(absl::StrCat("its first ", checkpoint->head.size,
                               " records are not those that its newest checkpoint signs"));
  }
  return absl::OkStatus();
}

// Checks a store that may only be read. A damaged log shortens what is seen.
absl::Status CheckReadOnly(const store::DatabaseOptions& database_options,
                           const std::optional<Signed>& checkpoint) {
  const auto database =
      store::Database::OpenReadOnly(database_options, store::LogCheck::kPointInTime);
  if (!database.ok()) return Refuse(database.status().message());
  const auto tree = LoadTree(**database);
  if (!tree.ok()) return Refuse(tree.status().message());
  return CheckAgainst(*tree, checkpoint);
}

// A store of another layout may have other families, with which it is not opened for writing at
// all. Its header says which program is needed.
absl::Status ExplainRefusal(store::DatabaseOptions options, const absl::Status& refused) {
  options.families.clear();
  const auto database = store::Database::OpenReadOnly(options, store::LogCheck::kPointInTime);
  if (!database.ok()) return refused;
  const auto bytes = (*database)->Get(kMetaFamily, kHeaderKey);
  v1::StoreHeader header;
  if (!bytes.ok() || !header.ParseFromString(*bytes)) return refused;
  NDX_RETURN_IF_ERROR(CheckLayout(header.layout(), header.program_version()));
  return refused;
}

// Opens an existing database for writing. A write-ahead log that cannot be read to its end is
// accepted only if nothing that was signed is lost by it, which is found out before anything is
// changed.
absl::StatusOr<std::unique_ptr<store::Database>> OpenDatabase(
    const store::DatabaseOptions& options, const std::optional<Signed>& checkpoint) {
  auto database = store::Database::Open(options, store::LogCheck::kWhole);
  if (absl::IsInvalidArgument(database.status())) {
    return ExplainRefusal(options, database.status());
  }
  if (database.ok() || !absl::IsDataLoss(database.status())) return database;
  NDX_RETURN_IF_ERROR(CheckReadOnly(options, checkpoint));
  return store::Database::Open(options, store::LogCheck::kPointInTime);
}

absl::Status WriteHeader(store::Database& database, const std::string& origin,
                         const std::string& master_key_check, const v1::SigningKeys& keys,
                         const std::string& unrecorded_key_change, const std::string& version) {
  v1::StoreHeader header;
  header.set_layout(kStoreLayout);
  header.set_program_version(version);
  header.set_origin(origin);
  header.set_master_key_check(master_key_check);
  store::Batch batch;
  batch.Put(kMetaFamily, kHeaderKey, header.SerializeAsString());
  batch.Put(kMetaFamily, kSigningKeysKey, keys.SerializeAsString());
  if (!unrecorded_key_change.empty()) {
    batch.Put(kMetaFamily, kUnrecordedKeyChangeKey, unrecorded_key_change);
  }
  return database.WriteSynced(batch);
}

// Tells the signer what the store records of its keys; a store older than this record gets one.
absl::Status AdoptSigningKeys(store::Database& database, CheckpointSigner& signer) {
  v1::SigningKeys record;
  const auto bytes = database.Get(kMetaFamily, kSigningKeysKey);
  if (absl::IsNotFound(bytes.status())) {
    record = signer.FirstRecord(false);
    store::Batch batch;
    batch.Put(kMetaFamily, kSigningKeysKey, record.SerializeAsString());
    NDX_RETURN_IF_ERROR(database.WriteSynced(batch));
  } else if (!bytes.ok()) {
    return bytes.status();
  } else if (!record.ParseFromString(*bytes)) {
    record.Clear();
  }
  return signer.Adopt(record);
}

// The checkpoint of the epoch before, as far as it can be read and fits a leaf.
std::string CheckpointBefore(const std::string& directory, uint32_t epoch) {
  if (epoch <= 1) return "";
  const auto slots = store::ReadSlots(CheckpointPath(EpochDirectory(directory, epoch - 1)));
  const store::Slot* newest = slots.ok() ? store::NewestSlot(*slots) : nullptr;
  auto note = newest == nullptr ? absl::NotFoundError("") : ParseNote(newest->content);
  if (!note.ok()) return "unreadable";
  // The signature of one key is enough, where a long name leaves no room for that of a second.
  std::string text = FormatNote(*note);
  if (text.size() > kLeafNoteBytesMax) {
    note->signatures.resize(1);
    text = FormatNote(*note);
  }
  return text.size() > kLeafNoteBytesMax ? "unreadable" : text;
}

absl::StatusOr<uint32_t> ChooseEpoch(const EpochStoreOptions& options) {
  NDX_ASSIGN_OR_RETURN(const uint32_t newest, NewestEpoch(options.directory));
  if (newest == 0) return 1;
  return options.open_new_epoch ? newest + 1 : newest;
}

}  // namespace

TileTree::Loader TilesOf(const store::Database& database) {
  return [&database](const TileId& tile, uint32_t width) -> absl::StatusOr<std::string> {
    if (tile.level == 0 && width < kTileWidth) {
      return HashesOfLeaves(database, tile.index * kTileWidth, width);
    }
    auto hashes = database.Get(kTileFamily, TileKey(tile));
    if (absl::IsNotFound(hashes.status())) {
      return absl::DataLossError(absl::StrCat(TilePath(tile, width), " is missing"));
    }
    return hashes;
  };
}

absl::StatusOr<uint64_t> StoredSize(const store::Database& database) {
  uint64_t size = 0;
  const auto bytes = database.Get(kMetaFamily, kEdgeKey);
  if (bytes.ok()) {
    v1::TreeEdge edge;
    if (!edge.ParseFromString(*bytes)) return absl::DataLossError("the tree's edge is unreadable");
    size = edge.size();
  } else if (!absl::IsNotFound(bytes.status())) {
    return bytes.status();
  }
  const auto cursor = database.NewCursor(kLeafFamily);
  cursor->SeekToLast();
  NDX_RETURN_IF_ERROR(cursor->status());
  const uint64_t end = cursor->Valid() ? LeafIndexOf(cursor->key()) + 1 : 0;
  if (end != size) {
    return absl::DataLossError(absl::StrCat("the leaves end at ", end, ", the tree has ", size));
  }
  return size;
}

std::string EncodeEdge(const TileTree& tree) {
  v1::TreeEdge edge;
  edge.set_size(tree.size());
  const auto peaks = PeaksOf(tree);
  NDX_CHECK(peaks.ok());  // the right edge is in memory
  for (const TreeHash& peak : *peaks) edge.add_peaks(peak.data(), peak.size());
  return edge.SerializeAsString();
}

store::DatabaseOptions JournalDatabaseOptions(const std::string& epoch_directory) {
  return {.directory = DatabaseDirectory(epoch_directory),
          .families = JournalFamilies(),
          .write_buffer_bytes = kJournalBufferBytes};
}

absl::StatusOr<std::unique_ptr<EpochStore>> OpenEpochStore(EpochStoreOptions options,
                                                           const core::Clock& clock) {
  NDX_ASSIGN_OR_RETURN(const uint32_t epoch, ChooseEpoch(options));
  const std::string directory = EpochDirectory(options.directory, epoch);
  const std::string origin = OriginOf(options.node, epoch);
  NDX_RETURN_IF_ERROR(store::MakeDirectory(directory, options.faults));
  NDX_ASSIGN_OR_RETURN(const std::string restored, CheckRestoredMark(directory));
  NDX_ASSIGN_OR_RETURN(auto signer, CheckpointSigner::Create(origin, options.signing, clock));
  NDX_ASSIGN_OR_RETURN(std::optional<Signed> checkpoint,
                       NewestCheckpoint(CheckpointPath(directory), *signer));
  store::DatabaseOptions database_options = JournalDatabaseOptions(directory);
  database_options.block_cache_bytes = options.block_cache_bytes;
  database_options.faults = options.faults;
  if (!store::Database::Exists(database_options.directory) && checkpoint.has_value()) {
    return Refuse("its database is gone, and a signed checkpoint is there");
  }
  NDX_ASSIGN_OR_RETURN(auto database, OpenDatabase(database_options, checkpoint));
  absl::StatusOr<bool> rewrap = CheckHeader(*database, origin, options.masters);
  const bool created = absl::IsNotFound(rewrap.status()) && !checkpoint.has_value();
  if (created) {
    NDX_RETURN_IF_ERROR(
        WriteHeader(*database, origin, MasterKeyCheck(options.masters.current.view()),
                    signer->FirstRecord(true), epoch > 1 ? options.unrecorded_key_change : "",
                    options.program_version));
    rewrap = false;
  }
  NDX_RETURN_IF_ERROR(rewrap.status());
  auto tree = LoadTree(*database);
  if (!tree.ok()) return Refuse(tree.status().message());
  NDX_RETURN_IF_ERROR(CheckAgainst(*tree, checkpoint));
  NDX_RETURN_IF_ERROR(AdoptSigningKeys(*database, *signer));
  if (checkpoint.has_value()) {
    const absl::Status newest = signer->CheckNewest(checkpoint->note, checkpoint->head.size);
    if (!newest.ok()) return RefuseSignature(*signer, newest);
  }
  NDX_ASSIGN_OR_RETURN(auto slots,
                       store::SlotFile::Open(CheckpointPath(directory), options.faults));
  if (!checkpoint.has_value()) {
    checkpoint = Signed{.head = {.size = 0, .root = EmptyRoot()}};
    checkpoint->note = signer->Sign({.origin = origin, .head = checkpoint->head});
    NDX_RETURN_IF_ERROR(slots->Write(checkpoint->note));
  }
  NDX_ASSIGN_OR_RETURN(auto segments,
                       store::SegmentStore::Open({.directory = SegmentDirectory(directory),
                                                  .bytes_max = options.segment_bytes_max,
                                                  .faults = options.faults}));
  const bool clean = created || database->Get(kMetaFamily, kCleanStopKey).ok();
  return std::make_unique<EpochStore>(
      EpochStore{.directory = directory,
                 .epoch = epoch,
                 .signer = std::move(signer),
                 .database = std::move(database),
                 .segments = std::move(segments),
                 .slots = std::move(slots),
                 .tree = *std::move(tree),
                 .checkpoint = checkpoint->note,
                 .checkpoint_size = checkpoint->head.size,
                 .created = created,
                 .clean_stop = clean,
                 .rewrap = *rewrap,
                 .start_note = created ? CheckpointBefore(options.directory, epoch) : restored,
                 .restored = !restored.empty()});
}

}  // namespace ndx::journal
