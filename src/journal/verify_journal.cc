#include "ndx/journal/verify_journal.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "epoch_store.h"
#include "journal_walk.h"
#include "key_mover.h"
#include "ndx/core/status_macros.h"
#include "ndx/journal/checkpoint.h"
#include "ndx/journal/rocks_journal.h"
#include "ndx/store/database.h"
#include "ndx/store/segment_store.h"
#include "ndx/store/slot_file.h"
#include "rocks_journal_parts.h"
#include "store_layout.h"
#include "verify_signing_keys.h"
#include "verify_subject_keys.h"

namespace ndx::journal {
namespace {

absl::StatusOr<std::vector<NoteVerifier>> ParseVkeys(const VerifyOptions& options) {
  if (options.vkeys.empty()) return absl::InvalidArgumentError("no verifier key is given");
  std::vector<NoteVerifier> verifiers;
  for (const std::string& vkey : options.vkeys) {
    NDX_ASSIGN_OR_RETURN(NoteVerifier verifier, NoteVerifier::FromVkey(vkey));
    verifiers.push_back(std::move(verifier));
  }
  return verifiers;
}

struct SignedCheckpoint {
  Checkpoint checkpoint;
  std::string note;
};

// Checks both slots and returns the newest checkpoint with a good signature; size 0 if there is
// none.
SignedCheckpoint CheckSlots(const std::string& path, const std::vector<NoteVerifier>& verifiers,
                            ProblemList* problems) {
  SignedCheckpoint newest;
  const auto slots = store::ReadSlots(path);
  if (!slots.ok()) {
    problems->Add({.file = "checkpoint",
                   .what = absl::StrCat("cannot be read, so no record is covered by a signature: ",
                                        slots.status().message())});
    return newest;
  }
  bool any = false;
  for (size_t i = 0; i < slots->size(); ++i) {
    const store::Slot& slot = (*slots)[i];
    const std::string name = absl::StrCat("slot ", i + 1);
    if (slot.state == store::SlotState::kNeverWritten) continue;
    if (slot.state == store::SlotState::kDamaged) {
      problems->Add({.file = "checkpoint", .what = absl::StrCat(name, " was changed")});
      continue;
    }
    const auto checkpoint = OpenCheckpoint(slot.content, verifiers);
    if (!checkpoint.ok()) {
      problems->Add(
          {.file = "checkpoint", .what = absl::StrCat(name, ": ", checkpoint.status().message())});
    } else if (!any || checkpoint->head.size > newest.checkpoint.head.size) {
      any = true;
      newest = {.checkpoint = *checkpoint, .note = slot.content};
    }
  }
  if (!any) {
    problems->Add(
        {.file = "checkpoint", .what = "no slot holds a checkpoint with a good signature"});
  }
  return newest;
}

// What a damaged slot leaves open: its records, up to the size of the other slot's checkpoint.
void NameSlotRange(uint64_t leaves, ProblemList* problems) {
  for (VerifyProblem& problem : problems->mutable_problems()) {
    if (problem.file != "checkpoint" || problem.first_leaf.has_value()) continue;
    problem.first_leaf = 0;
    problem.end_leaf = leaves;
  }
}

struct OpenedCopy {
  std::unique_ptr<store::Database> database;
  std::unique_ptr<store::SegmentStore> segments;
};

// Opens read-only. A write-ahead log that cannot be read to its end is a problem; what stands
// before the damage is verified all the same. nullopt if nothing can be read.
absl::StatusOr<OpenedCopy> OpenCopy(const std::string& epoch_directory, bool* log_damaged,
                                    ProblemList* problems) {
  const store::DatabaseOptions options = JournalDatabaseOptions(epoch_directory);
  OpenedCopy copy;
  auto database = store::Database::OpenReadOnly(options, store::LogCheck::kWhole);
  if (!database.ok()) {
    *log_damaged = true;
    problems->Add({.file = "db", .what = std::string(database.status().message())});
    database = store::Database::OpenReadOnly(options, store::LogCheck::kPointInTime);
  }
  NDX_RETURN_IF_ERROR(database.status());
  copy.database = *std::move(database);
  const std::string segments = SegmentDirectory(epoch_directory);
  NDX_ASSIGN_OR_RETURN(copy.segments,
                       store::SegmentStore::Open({.directory = segments, .read_only = true}));
  return copy;
}

absl::Status GaveUp() { return absl::CancelledError("the verification was given up"); }

}  // namespace

std::string VerifyProblem::ToString() const {
  std::string where;
  if (first_leaf.has_value() && end_leaf.has_value()) {
    where = *end_leaf == *first_leaf + 1
                ? absl::StrCat("record ", *first_leaf)
                : absl::StrCat("records ", *first_leaf, " to ", *end_leaf == 0 ? 0 : *end_leaf - 1);
  }
  if (!exchange_id.empty()) absl::StrAppend(&where, " (exchange ", exchange_id, ")");
  if (!file.empty()) absl::StrAppend(&where, where.empty() ? "" : ", ", "file ", file);
  return absl::StrCat(where, where.empty() ? "" : ": ", what);
}

absl::StatusOr<VerifyReport> VerifyJournal(const std::string& directory,
                                           const VerifyOptions& options) {
  NDX_ASSIGN_OR_RETURN(const auto verifiers, ParseVkeys(options));
  NDX_ASSIGN_OR_RETURN(const uint32_t epoch, NewestEpoch(directory));
  if (epoch == 0) return absl::NotFoundError(absl::StrCat(directory, " holds no journal"));
  const std::string epoch_directory = EpochDirectory(directory, epoch);
  VerifyReport report;
  ProblemList problems(&report);
  const SignedCheckpoint newest = CheckSlots(CheckpointPath(epoch_directory), verifiers, &problems);
  const Checkpoint& checkpoint = newest.checkpoint;
  report.origin = checkpoint.origin;
  report.checkpoint_size = checkpoint.head.size;
  bool log_damaged = false;
  const auto copy = OpenCopy(epoch_directory, &log_damaged, &problems);
  if (!copy.ok()) {
    problems.Add({.first_leaf = 0,
                  .end_leaf = checkpoint.head.size,
                  .file = "db",
                  .what = absl::StrCat("nothing can be read: ", copy.status().message())});
    NameSlotRange(checkpoint.head.size, &problems);
    return report;
  }
  JournalWalk walk(*copy->database, *copy->segments, options.progress, &report, &problems);
  walk.Run(checkpoint.head, true);
  if (walk.gave_up()) return GaveUp();
  if (log_damaged) walk.NameLogDamage(checkpoint.head.size);
  CheckSigningKeys(*copy->database, walk, newest.note, &problems);
  const auto moved_to = KeyMover::MovedTo(*copy->database);
  CheckSubjectKeys(epoch_directory, report.leaves, moved_to.value_or(0), &report, &problems);
  NameSlotRange(std::max(report.leaves, checkpoint.head.size), &problems);
  return report;
}

absl::StatusOr<VerifyReport> VerifyJournal(const RocksJournal& journal,
                                           const VerifyOptions& options) {
  NDX_ASSIGN_OR_RETURN(const auto verifiers, ParseVkeys(options));
  const RocksJournalParts parts = journal.parts();
  VerifyReport report;
  ProblemList problems(&report);
  const auto checkpoint = OpenCheckpoint(parts.head.note, verifiers);
  if (!checkpoint.ok()) return checkpoint.status();
  report.origin = checkpoint->origin;
  report.checkpoint_size = checkpoint->head.size;
  JournalWalk walk(parts.database, parts.segments, options.progress, &report, &problems);
  walk.Run(checkpoint->head, false);
  if (walk.gave_up()) return GaveUp();
  CheckSigningKeys(parts.database, walk, parts.head.note, &problems);
  return report;
}

}  // namespace ndx::journal
