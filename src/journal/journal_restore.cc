#include "ndx/journal/journal_restore.h"

#include <algorithm>
#include <filesystem>
#include <optional>
#include <system_error>

#include "absl/strings/str_cat.h"
#include "backup_directory.h"
#include "epoch_store.h"
#include "erase_again.h"
#include "family_copy.h"
#include "ndx/core/status_macros.h"
#include "ndx/journal/newest_checkpoint.h"
#include "ndx/journal/receipt.h"
#include "ndx/journal/tile_tree.h"
#include "ndx/store/database.h"
#include "ndx/store/file_copy.h"
#include "ndx/store/slot_file.h"
#include "ndx/store/whole_file.h"
#include "restored_mark.h"
#include "store_layout.h"
#include "subject_keys.h"

namespace ndx::journal {
namespace {

namespace fs = std::filesystem;

uint64_t BytesOf(const v1::BackupManifest& manifest) {
  uint64_t bytes = 0;
  for (const v1::BackupFile& file : manifest.files()) bytes += file.bytes();
  return bytes;
}

// The manifest of the keys, if they belong to the backup and may still be used.
absl::StatusOr<v1::BackupManifest> ReadKeys(const RestoreOptions& options,
                                            const v1::BackupManifest& journal) {
  NDX_ASSIGN_OR_RETURN(const auto keys,
                       ReadBackupManifest(options.keys_directory, v1::BACKUP_CONTENT_KEYS));
  if (keys.backup_id() != journal.backup_id()) {
    return absl::InvalidArgumentError(absl::StrCat(
        options.keys_directory, " holds the keys of another backup (made ", keys.made(),
        "), not of the one in ", options.from, " (made ", journal.made(), ")"));
  }
  absl::Time not_after;
  std::string error;
  if (!absl::ParseTime(absl::RFC3339_full, keys.not_after(), &not_after, &error)) {
    return absl::DataLossError(absl::StrCat(options.keys_directory, ": no expiry can be read"));
  }
  if (options.now > not_after && !options.take_expired_keys) {
    return absl::FailedPreconditionError(absl::StrCat(
        "the keys in ", options.keys_directory, " were to be destroyed by ", keys.not_after(),
        ": persons erased since the backup would come back with them. Restore without keys, or "
        "say --take-expired-keys and answer for it."));
  }
  return keys;
}

// A journal being restored, in <to>.partial; removed unless it is finished.
class Restoration {
 public:
  explicit Restoration(const RestoreOptions& options)
      : options_(options), partial_(absl::StrCat(options.to, ".partial")) {}
  ~Restoration() {
    std::error_code ignored;
    if (made_) fs::remove_all(partial_, ignored);
  }
  Restoration(const Restoration&) = delete;
  Restoration& operator=(const Restoration&) = delete;

  absl::StatusOr<RestoreSummary> Run();

 private:
  absl::Status MakeDirectory();
  absl::Status CopyIn(const v1::BackupManifest& journal,
                      const std::optional<v1::BackupManifest>& keys);
  absl::Status PutKeysBack();
  absl::Status Mark(const v1::BackupManifest& journal) const;
  absl::Status EraseAgainIn(RestoreSummary* summary) const;
  absl::Status Verify(VerifyReport* report) const;

  const RestoreOptions& options_;
  const std::string partial_;
  bool made_ = false;
  uint32_t epoch_ = 0;
};

absl::Status Restoration::MakeDirectory() {
  std::error_code error;
  if (fs::exists(options_.to, error) &&
      !(fs::is_directory(options_.to, error) && fs::is_empty(options_.to, error))) {
    return absl::AlreadyExistsError(absl::StrCat(
        options_.to, " is not empty; a journal is restored to a new or an empty directory"));
  }
  if (fs::exists(partial_, error)) {
    return absl::AlreadyExistsError(
        absl::StrCat(partial_, " is left of an earlier attempt; remove it first"));
  }
  made_ = fs::create_directory(partial_, error);
  if (made_) fs::permissions(partial_, fs::perms::owner_all, error);
  return error ? store::PathFailed(partial_, error) : absl::OkStatus();
}

absl::Status Restoration::CopyIn(const v1::BackupManifest& journal,
                                 const std::optional<v1::BackupManifest>& keys) {
  const uint64_t all = BytesOf(journal) + (keys.has_value() ? BytesOf(*keys) : 0);
  uint64_t done = 0;
  const BackupProgress progress = [&](uint64_t bytes) {
    done += bytes;
    return !options_.progress || options_.progress(done, all);
  };
  NDX_RETURN_IF_ERROR(CopyBackup(options_.from, journal, partial_, progress));
  if (keys.has_value()) {
    NDX_RETURN_IF_ERROR(CopyBackup(options_.keys_directory, *keys, partial_, progress));
  }
  NDX_ASSIGN_OR_RETURN(epoch_, NewestEpoch(partial_));
  for (uint32_t epoch = 1; epoch <= epoch_; ++epoch) {
    const std::string directory = EpochDirectory(partial_, epoch);
    std::error_code error;
    if (fs::exists(directory, error)) fs::create_directory(SegmentDirectory(directory), error);
    if (error) return store::PathFailed(directory, error);
  }
  return epoch_ > 0 ? absl::OkStatus()
                    : absl::DataLossError(absl::StrCat(options_.from, " holds no epoch"));
}

// The wraps go back into the databases that they were taken from.
absl::Status Restoration::PutKeysBack() {
  for (uint32_t epoch = 1; epoch <= epoch_; ++epoch) {
    const std::string directory = EpochDirectory(partial_, epoch);
    const std::string path = absl::StrCat(directory, "/", kWrapsName);
    if (!store::Database::Exists(path)) continue;
    {
      NDX_ASSIGN_OR_RETURN(
          const auto wraps,
          store::Database::OpenReadOnly(WrapDatabaseOptions(path), store::LogCheck::kWhole));
      NDX_ASSIGN_OR_RETURN(
          const auto database,
          store::Database::Open(JournalDatabaseOptions(directory), store::LogCheck::kWhole));
      NDX_RETURN_IF_ERROR(CopyFamily(*wraps, store::kDefaultFamily, *database, kKeyFamily));
    }
    std::error_code error;
    fs::remove_all(path, error);
    if (error) return store::PathFailed(path, error);
  }
  return absl::OkStatus();
}

absl::Status Restoration::Mark(const v1::BackupManifest& journal) const {
  v1::RestoredMark mark;
  mark.set_backup_id(journal.backup_id());
  mark.set_made(journal.made());
  mark.set_tree_size(journal.tree_size());
  return WriteRestoredMark(EpochDirectory(partial_, epoch_), mark);
}

absl::Status Restoration::EraseAgainIn(RestoreSummary* summary) const {
  std::error_code error;
  for (uint32_t epoch = 1; epoch <= epoch_; ++epoch) {
    const std::string restored = EpochDirectory(partial_, epoch);
    const std::string later = EpochDirectory(options_.erased_by, epoch);
    if (!fs::exists(SubjectKeyDirectory(restored), error)) continue;
    NDX_ASSIGN_OR_RETURN(const ErasedAgain erased, EraseAgain(restored, later));
    summary->subjects_erased += erased.subjects;
    summary->exchanges_erased += erased.exchanges;
  }
  return absl::OkStatus();
}

absl::Status Restoration::Verify(VerifyReport* report) const {
  NDX_ASSIGN_OR_RETURN(*report, VerifyJournal(partial_, {.vkeys = options_.vkeys, .progress = {}}));
  if (report->ok()) return absl::OkStatus();
  return absl::DataLossError(
      absl::StrCat("the restored journal is not intact, ", report->problems.size(),
                   " problems; the first: ", report->problems.front().ToString()));
}

absl::StatusOr<RestoreSummary> Restoration::Run() {
  NDX_ASSIGN_OR_RETURN(const auto journal,
                       ReadBackupManifest(options_.from, v1::BACKUP_CONTENT_JOURNAL));
  NDX_RETURN_IF_ERROR(CheckLayout(journal.layout(), journal.program_version()));
  std::optional<v1::BackupManifest> keys;
  if (!options_.keys_directory.empty()) {
    NDX_ASSIGN_OR_RETURN(keys, ReadKeys(options_, journal));
  } else if (!options_.erased_by.empty()) {
    return absl::InvalidArgumentError("without keys there is nothing to erase again");
  }
  NDX_RETURN_IF_ERROR(MakeDirectory());
  NDX_RETURN_IF_ERROR(CopyIn(journal, keys));
  NDX_RETURN_IF_ERROR(PutKeysBack());
  RestoreSummary summary{.origin = journal.origin(),
                         .made = journal.made(),
                         .tree_size = journal.tree_size(),
                         .with_keys = keys.has_value()};
  if (!options_.erased_by.empty()) NDX_RETURN_IF_ERROR(EraseAgainIn(&summary));
  NDX_RETURN_IF_ERROR(Mark(journal));
  NDX_RETURN_IF_ERROR(Verify(&summary.verified));
  NDX_RETURN_IF_ERROR(store::PublishDirectory(partial_, options_.to));
  made_ = false;
  return summary;
}

// The checkpoint in a receipt, a note or a file of slots, signed by one of the keys.
absl::StatusOr<Checkpoint> KnownCheckpoint(const std::string& file,
                                           const std::vector<std::string>& vkeys) {
  const auto explain = [&](const absl::Status& status) {
    return absl::Status(status.code(), absl::StrCat(file, ": ", status.message()));
  };
  NDX_ASSIGN_OR_RETURN(const std::string text, store::ReadWholeFile(file, kReceiptBytesMax));
  if (text.size() == 2 * store::kSlotBytes) {
    const auto newest = NewestCheckpointIn(file, vkeys);
    if (!newest.ok()) return explain(newest.status());
    return newest->checkpoint;
  }
  std::vector<NoteVerifier> verifiers;
  for (const std::string& vkey : vkeys) {
    NDX_ASSIGN_OR_RETURN(NoteVerifier verifier, NoteVerifier::FromVkey(vkey));
    verifiers.push_back(std::move(verifier));
  }
  const auto receipt = ParseReceipt(text);
  const auto checkpoint = OpenCheckpoint(receipt.ok() ? receipt->checkpoint : text, verifiers);
  if (!checkpoint.ok()) return explain(checkpoint.status());
  return checkpoint;
}

absl::Status CheckContinues(const TileTree& tree, const Checkpoint& known,
                            const std::string& file) {
  if (known.head.size > tree.size()) {
    return absl::DataLossError(absl::StrCat(
        file, " signs ", known.head.size, " records, and this copy holds ", tree.size(),
        ": records came later. Open a new epoch (ndxd --open-new-epoch)."));
  }
  const auto root = RootAt(known.head.size, tree);
  if (root.ok() && *root == known.head.root) return absl::OkStatus();
  return absl::DataLossError(absl::StrCat(
      file, " signs other records than those of this copy: one of the two was changed"));
}

}  // namespace

absl::StatusOr<RestoreSummary> RestoreJournal(const RestoreOptions& options) {
  if (options.vkeys.empty()) return absl::InvalidArgumentError("no verifier key is given");
  return Restoration(options).Run();
}

absl::StatusOr<std::string> AcceptRestoredJournal(const std::string& directory,
                                                  const std::vector<std::string>& vkeys,
                                                  const std::vector<std::string>& known_files,
                                                  absl::Time now) {
  NDX_ASSIGN_OR_RETURN(const uint32_t epoch, NewestEpoch(directory));
  const std::string epoch_directory = EpochDirectory(directory, epoch);
  NDX_ASSIGN_OR_RETURN(auto mark, ReadRestoredMark(epoch_directory));
  if (!mark.has_value()) {
    return absl::FailedPreconditionError(absl::StrCat(directory, " was not restored"));
  }
  if (!store::Database::Exists(SubjectKeyDirectory(epoch_directory))) {
    return absl::FailedPreconditionError(
        "the journal was restored without its keys, so this epoch cannot go on. Open a new one "
        "(ndxd --open-new-epoch).");
  }
  NDX_ASSIGN_OR_RETURN(const auto database,
                       store::Database::OpenReadOnly(JournalDatabaseOptions(epoch_directory),
                                                     store::LogCheck::kWhole));
  NDX_ASSIGN_OR_RETURN(const uint64_t size, StoredSize(*database));
  NDX_ASSIGN_OR_RETURN(const TileTree tree, TileTree::Load(size, TilesOf(*database)));
  uint64_t newest = 0;
  for (const std::string& file : known_files) {
    NDX_ASSIGN_OR_RETURN(const Checkpoint known, KnownCheckpoint(file, vkeys));
    NDX_RETURN_IF_ERROR(CheckContinues(tree, known, file));
    newest = std::max(newest, known.head.size);
  }
  if (known_files.empty() || newest < mark->tree_size()) {
    return absl::InvalidArgumentError(absl::StrCat(
        "what is known signs ", newest, " records and the backup ", mark->tree_size(),
        ": that tells nothing about what came later. Give a receipt or checkpoint from after the "
        "backup, for example the file 'checkpoint' of the journal that was lost."));
  }
  mark->set_accepted(absl::StrCat(
      "accepted ", absl::FormatTime(absl::RFC3339_sec, now, absl::FixedTimeZone(7 * 3600)),
      " against a checkpoint of ", newest, " records"));
  NDX_RETURN_IF_ERROR(WriteRestoredMark(epoch_directory, *mark));
  return mark->accepted();
}

}  // namespace ndx::journal
