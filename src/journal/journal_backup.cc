#include "ndx/journal/journal_backup.h"

#include <algorithm>
#include <filesystem>
#include <optional>
#include <system_error>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "backup_directory.h"
#include "backup_staging.h"
#include "json_text.h"
#include "ndx/core/status_macros.h"
#include "ndx/journal/checkpoint.h"
#include "ndx/journal/rocks_journal.h"
#include "ndx/store/file_copy.h"
#include "ndx/store/slot_file.h"
#include "ndx/store/whole_file.h"
#include "restored_mark.h"
#include "rocks_journal_parts.h"
#include "store_layout.h"

namespace ndx::journal {
namespace {

namespace fs = std::filesystem;

constexpr size_t kBackupIdBytes = 16;

bool IsInside(const fs::path& path, const fs::path& directory) {
  const std::string relative = path.lexically_relative(directory).string();
  return relative == "." || (!relative.empty() && !absl::StartsWith(relative, ".."));
}

// What a backup does not take of an epoch's directory, or takes in a way of its own.
bool IsTakenElsewhere(const std::string& name) {
  return name == "db" || name == "keys" || name == "segments" || name == "index" ||
         name == "replay" || name == "checkpoint" || name == kRestoredMarkFile;
}

std::string TimeText(absl::Time time) {
  return absl::FormatTime(absl::RFC3339_sec, time, absl::FixedTimeZone(7 * 3600));
}

class Backup {
 public:
  Backup(const RocksJournal& journal, const BackupOptions& options, const core::Clock& clock)
      : options_(options),
        parts_(journal.parts()),
        epoch_(journal.findings().epoch),
        journal_directory_(fs::path(parts_.epoch_directory).parent_path().string()),
        made_(clock.Now()) {}

  absl::StatusOr<BackupSummary> Run(core::Random& random);

 private:
  BackupProgress Progress() {
    return [this](uint64_t bytes) {
      done_ += bytes;
      return !options_.progress || options_.progress(done_, std::max(all_, done_));
    };
  }
  absl::Status Stage(BackupStaging& staging, BackupWriter* keys);
  absl::Status CopyEpoch(uint32_t epoch, const BackupStaging& staging, BackupWriter& journal);
  absl::Status WriteHead(BackupWriter& journal) const;
  v1::BackupManifest Manifest(v1::BackupContent content) const;

  const BackupOptions& options_;
  const RocksJournalParts parts_;
  const uint32_t epoch_;
  const std::string journal_directory_;
  const absl::Time made_;
  std::string id_;
  Checkpoint checkpoint_;
  std::vector<uint32_t> epochs_;
  std::vector<std::string> left_out_;
  uint64_t done_ = 0;
  uint64_t all_ = 0;
};

v1::BackupManifest Backup::Manifest(v1::BackupContent content) const {
  v1::BackupManifest manifest;
  manifest.set_content(content);
  manifest.set_backup_id(id_);
  manifest.set_origin(checkpoint_.origin);
  manifest.set_tree_size(checkpoint_.head.size);
  manifest.set_root(absl::BytesToHexString(crypto::AsBytes(checkpoint_.head.root)));
  manifest.set_layout(kStoreLayout);
  manifest.set_program_version(options_.program_version);
  manifest.set_made(TimeText(made_));
  if (content == v1::BACKUP_CONTENT_KEYS) {
    manifest.set_not_after(TimeText(made_ + options_.keys_kept));
  }
  for (const std::string& one : left_out_) manifest.add_left_out(one);
  return manifest;
}

// A damaged earlier epoch must not stand in the way of backing up what the node works with.
absl::Status Backup::Stage(BackupStaging& staging, BackupWriter* keys) {
  for (uint32_t epoch = 1; epoch < epoch_; ++epoch) {
    std::error_code error;
    if (!fs::exists(EpochDirectory(journal_directory_, epoch), error)) continue;
    const absl::Status staged = staging.StageClosed(epoch, keys);
    if (absl::IsCancelled(staged)) return staged;
    if (staged.ok()) {
      epochs_.push_back(epoch);
    } else {
      left_out_.push_back(absl::StrCat("epoch ", epoch, ": ", staged.message()));
    }
  }
  epochs_.push_back(epoch_);
  return parts_.while_still([&] { return staging.StageOpen(parts_, epoch_, keys); });
}

// The checkpoint by which everything in the copy is judged, and the mark that it is a copy.
absl::Status Backup::WriteHead(BackupWriter& journal) const {
  const std::string name = fs::path(EpochDirectory("", epoch_)).filename().string();
  v1::RestoredMark mark;
  mark.set_backup_id(id_);
  mark.set_made(TimeText(made_));
  mark.set_tree_size(checkpoint_.head.size);
  NDX_RETURN_IF_ERROR(journal.Write(absl::StrCat(name, "/", kRestoredMarkFile), FormatJson(mark)));
  const std::string slots = absl::StrCat(name, "/checkpoint");
  {
    NDX_ASSIGN_OR_RETURN(const auto file, store::SlotFile::Open(journal.PathOf(slots), nullptr));
    NDX_RETURN_IF_ERROR(file->Write(parts_.head.note));
  }
  return journal.TakeIn(slots);
}

absl::Status Backup::CopyEpoch(uint32_t epoch, const BackupStaging& staging,
                               BackupWriter& journal) {
  NDX_RETURN_IF_ERROR(staging.CopyTo(epoch, journal));
  const std::string directory = EpochDirectory(journal_directory_, epoch);
  const std::string name = fs::path(directory).filename().string();
  if (epoch != epoch_) {
    NDX_RETURN_IF_ERROR(
        journal.Copy(CheckpointPath(directory), absl::StrCat(name, "/checkpoint"), UINT64_MAX));
  }
  std::error_code error;
  for (fs::directory_iterator at(directory, error), end; !error && at != end; at.increment(error)) {
    const std::string entry = at->path().filename().string();
    if (IsTakenElsewhere(entry) || absl::EndsWith(entry, store::kUnfinishedSuffix)) continue;
    const std::string inside = absl::StrCat(name, "/", entry);
    NDX_RETURN_IF_ERROR(at->is_directory() ? journal.CopyTree(at->path().string(), inside)
                                           : journal.Copy(at->path().string(), inside, UINT64_MAX));
  }
  return error ? store::PathFailed(directory, error) : absl::OkStatus();
}

absl::StatusOr<BackupSummary> Backup::Run(core::Random& random) {
  NDX_RETURN_IF_ERROR(CheckBackupPlaces(journal_directory_, options_));
  // What is signed now is in the database already, and so in every copy taken later.
  NDX_ASSIGN_OR_RETURN(const Note note, ParseNote(parts_.head.note));
  NDX_ASSIGN_OR_RETURN(checkpoint_, ParseCheckpoint(note.text));
  std::string id(kBackupIdBytes, '\0');
  random.Fill(id.data(), id.size());
  id_ = absl::BytesToHexString(id);
  NDX_ASSIGN_OR_RETURN(BackupWriter journal, BackupWriter::Create(options_.directory, Progress()));
  std::optional<BackupWriter> keys;
  if (!options_.keys_directory.empty()) {
    NDX_ASSIGN_OR_RETURN(BackupWriter made,
                         BackupWriter::Create(options_.keys_directory, Progress()));
    keys.emplace(std::move(made));
  }
  NDX_ASSIGN_OR_RETURN(BackupStaging staging, BackupStaging::Create(journal_directory_));
  NDX_RETURN_IF_ERROR(Stage(staging, keys.has_value() ? &*keys : nullptr));
  all_ = done_ + staging.bytes();
  for (const uint32_t epoch : epochs_) {
    NDX_RETURN_IF_ERROR(CopyEpoch(epoch, staging, journal));
  }
  NDX_RETURN_IF_ERROR(WriteHead(journal));
  BackupSummary summary{.backup_id = id_,
                        .origin = checkpoint_.origin,
                        .tree_size = checkpoint_.head.size,
                        .files = journal.files(),
                        .bytes = done_,
                        .left_out = left_out_};
  // The keys first: a journal's backup that says it has keys somewhere is not without them.
  if (keys.has_value()) {
    summary.keys_not_after = made_ + options_.keys_kept;
    NDX_RETURN_IF_ERROR(keys->Finish(Manifest(v1::BACKUP_CONTENT_KEYS)));
  }
  const absl::Status finished = journal.Finish(Manifest(v1::BACKUP_CONTENT_JOURNAL));
  if (!finished.ok() && keys.has_value()) {
    std::error_code ignored;
    fs::remove_all(options_.keys_directory, ignored);
  }
  NDX_RETURN_IF_ERROR(finished);
  return summary;
}

}  // namespace

absl::Status CheckBackupPlaces(const std::string& journal_directory, const BackupOptions& options) {
  std::error_code error;
  const fs::path journal = fs::weakly_canonical(journal_directory, error);
  std::vector<fs::path> places{journal};
  for (const std::string& named : {options.directory, options.keys_directory}) {
    if (named.empty() && &named != &options.directory) continue;
    if (!fs::path(named).is_absolute()) {
      return absl::InvalidArgumentError(
          absl::StrCat("'", named, "' is not an absolute path on the node's machine"));
    }
    const fs::path place = fs::weakly_canonical(named, error);
    for (const fs::path& other : places) {
      if (!IsInside(place, other) && !IsInside(other, place)) continue;
      return absl::InvalidArgumentError(absl::StrCat(
          "the journal, its backup and the backup of its keys must lie apart: ", place.string(),
          " and ", other.string(), " do not"));
    }
    places.push_back(place);
  }
  const bool kept_ok =
      options.keys_kept >= absl::Hours(1) && options.keys_kept <= kBackupKeysKeptMax;
  if (kept_ok) return absl::OkStatus();
  return absl::InvalidArgumentError("keys are kept for at least an hour and at most 90 days");
}

absl::StatusOr<BackupSummary> BackUpJournal(const RocksJournal& journal,
                                            const BackupOptions& options, const core::Clock& clock,
                                            core::Random& random) {
  return Backup(journal, options, clock).Run(random);
}

}  // namespace ndx::journal
