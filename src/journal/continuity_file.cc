#include "ndx/journal/continuity_file.h"

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "ndx/core/status_macros.h"
#include "ndx/journal/checkpoint.h"
#include "ndx/store/slot_file.h"

namespace ndx::journal {
namespace {

// Epoch and size: what orders the checkpoints of one node.
struct Reached {
  std::string node;
  uint64_t epoch = 0;
  uint64_t size = 0;
};

absl::StatusOr<Reached> ReachedIn(const std::string& note_text) {
  NDX_ASSIGN_OR_RETURN(const Note note, ParseNote(note_text));
  NDX_ASSIGN_OR_RETURN(const Checkpoint checkpoint, ParseCheckpoint(note.text));
  Reached reached{.size = checkpoint.head.size};
  const size_t slash = checkpoint.origin.rfind('/');
  if (slash == std::string::npos ||
      !absl::SimpleAtoi(checkpoint.origin.substr(slash + 1), &reached.epoch)) {
    return absl::InvalidArgumentError("the origin names no epoch");
  }
  reached.node = checkpoint.origin.substr(0, slash);
  return reached;
}

}  // namespace

ContinuityFile::ContinuityFile(std::string path, std::string kept,
                               std::unique_ptr<store::SlotFile> slots)
    : path_(std::move(path)), kept_(std::move(kept)), slots_(std::move(slots)) {}

ContinuityFile::~ContinuityFile() = default;

absl::StatusOr<std::unique_ptr<ContinuityFile>> ContinuityFile::Open(const std::string& path) {
  std::string kept;
  const auto slots = store::ReadSlots(path);
  if (slots.ok()) {
    const store::Slot* newest = store::NewestSlot(*slots);
    if (newest != nullptr) kept = newest->content;
    for (const store::Slot& slot : *slots) {
      if (newest != nullptr || slot.state != store::SlotState::kDamaged) continue;
      return absl::DataLossError(absl::StrCat(
          path,
          " cannot be read, so it does not tell whether the journal is the newest. Look at "
          "the journal by other means (witnesses, receipts), then remove the file."));
    }
  } else if (!absl::IsNotFound(slots.status())) {
    return slots.status();
  }
  NDX_ASSIGN_OR_RETURN(auto file, store::SlotFile::Open(path, nullptr));
  return std::unique_ptr<ContinuityFile>(
      new ContinuityFile(path, std::move(kept), std::move(file)));
}

absl::Status ContinuityFile::Check(const std::string& newest) const {
  if (kept_.empty()) return absl::OkStatus();
  NDX_ASSIGN_OR_RETURN(const Reached kept, ReachedIn(kept_));
  Reached here;
  if (!newest.empty()) {
    NDX_ASSIGN_OR_RETURN(here, ReachedIn(newest));
    if (here.node != kept.node) {
      return absl::InvalidArgumentError(
          absl::StrCat(path_, " is of the journal ", kept.node, ", not of ", here.node));
    }
  }
  if (here.epoch > kept.epoch || (here.epoch == kept.epoch && here.size >= kept.size)) {
    return absl::OkStatus();
  }
  return absl::DataLossError(absl::StrCat(
      "the journal does not start: it has signed ", here.size, " records in epoch ", here.epoch,
      ", and ", path_, " knows of ", kept.size, " in epoch ", kept.epoch,
      ". This is an older copy of the journal. Put the newest one in its place, or open a new "
      "epoch, whose first record names the last checkpoint of this copy (ndxd --open-new-epoch)."));
}

absl::Status ContinuityFile::Keep(const std::string& newest) {
  if (newest == kept_) return absl::OkStatus();
  NDX_RETURN_IF_ERROR(slots_->Write(newest));
  kept_ = newest;
  return absl::OkStatus();
}

}  // namespace ndx::journal
