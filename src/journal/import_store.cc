#include "import_store.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "ndx/core/big_endian.h"
#include "ndx/core/status_macros.h"
#include "ndx/journal/leaf_codec.h"
#include "store_layout.h"

namespace ndx::journal {
namespace {

constexpr char kLayoutKey[] = "layout";
constexpr char kLayout[] = "1";
constexpr char kOriginKey[] = "origin";
constexpr char kCheckpointKey[] = "checkpoint";
constexpr char kLeavesKey[] = "leaves";
constexpr char kUnprovedKey[] = "unproved";
constexpr size_t kRowsAtOnce = 4096;

store::DatabaseOptions Options(const std::string& directory) {
  return {.directory = directory,
          .families = {{.name = "leaves", .compress = true}, {.name = "exchanges"}}};
}

absl::StatusOr<std::string> GetOrEmpty(const store::Database& database, absl::string_view key) {
  auto value = database.Get(store::kDefaultFamily, key);
  if (absl::IsNotFound(value.status())) return std::string();
  return value;
}

absl::StatusOr<uint64_t> GetNumber(const store::Database& database, absl::string_view key) {
  NDX_ASSIGN_OR_RETURN(const std::string bytes, GetOrEmpty(database, key));
  return bytes.size() == sizeof(uint64_t) ? core::ReadBigEndian<uint64_t>(bytes) : 0;
}

}  // namespace

absl::StatusOr<ImportStore> ImportStore::Open(const std::string& directory) {
  const bool there = store::Database::Exists(directory);
  NDX_ASSIGN_OR_RETURN(auto database,
                       store::Database::Open(Options(directory), store::LogCheck::kWhole));
  if (!there) {
    store::Batch batch;
    batch.Put(store::kDefaultFamily, kLayoutKey, kLayout);
    NDX_RETURN_IF_ERROR(database->WriteSynced(batch));
  }
  ImportStore imported(std::move(database));
  NDX_RETURN_IF_ERROR(imported.Load());
  return imported;
}

absl::StatusOr<ImportStore> ImportStore::OpenReadOnly(const std::string& directory) {
  if (!store::Database::Exists(directory)) {
    return absl::NotFoundError(absl::StrCat(directory, " holds nothing that was imported"));
  }
  NDX_ASSIGN_OR_RETURN(auto database,
                       store::Database::OpenReadOnly(Options(directory), store::LogCheck::kWhole));
  ImportStore imported(std::move(database));
  NDX_RETURN_IF_ERROR(imported.Load());
  return imported;
}

absl::Status ImportStore::Load() {
  NDX_ASSIGN_OR_RETURN(const std::string layout, GetOrEmpty(*database_, kLayoutKey));
  if (layout != kLayout) {
    return absl::FailedPreconditionError(absl::StrCat("the imported journal has layout '", layout,
                                                      "'; this program reads layout ", kLayout,
                                                      ". Import the exports anew."));
  }
  NDX_ASSIGN_OR_RETURN(summary_.origin, GetOrEmpty(*database_, kOriginKey));
  NDX_ASSIGN_OR_RETURN(note_, GetOrEmpty(*database_, kCheckpointKey));
  NDX_ASSIGN_OR_RETURN(summary_.leaves, GetNumber(*database_, kLeavesKey));
  NDX_ASSIGN_OR_RETURN(summary_.unproved, GetNumber(*database_, kUnprovedKey));
  if (note_.empty()) return absl::OkStatus();
  NDX_ASSIGN_OR_RETURN(const Note note, ParseNote(note_));
  NDX_ASSIGN_OR_RETURN(const Checkpoint checkpoint, ParseCheckpoint(note.text));
  summary_.tree_size = checkpoint.head.size;
  return absl::OkStatus();
}

absl::Status ImportStore::SetHead(const SignedCheckpoint& head) {
  note_ = head.note;
  summary_.origin = head.checkpoint.origin;
  summary_.tree_size = head.checkpoint.head.size;
  store::Batch batch;
  batch.Put(store::kDefaultFamily, kOriginKey, summary_.origin);
  batch.Put(store::kDefaultFamily, kCheckpointKey, note_);
  return database_->WriteSynced(batch);
}

absl::StatusOr<bool> ImportStore::IsProved(uint64_t index, absl::string_view leaf) const {
  const auto stored = database_->Get(kImportedLeafFamily, LeafKey(index));
  if (absl::IsNotFound(stored.status())) return false;
  NDX_RETURN_IF_ERROR(stored.status());
  if (absl::string_view(*stored).substr(1) == leaf) return (*stored)[0] == 1;
  return absl::DataLossError(absl::StrCat("record ", index,
                                          " is another than the one that was "
                                          "imported before: the two contradict each other"));
}

absl::Status ImportStore::Add(uint64_t index, absl::string_view leaf, bool proved) {
  const auto stored = database_->Get(kImportedLeafFamily, LeafKey(index));
  if (stored.ok() && ((*stored)[0] == 1 || !proved)) return absl::OkStatus();
  NDX_ASSIGN_OR_RETURN(const v1::JournalLeaf decoded, DecodeLeaf(leaf));
  if (stored.ok()) {
    --summary_.unproved;
  } else {
    ++summary_.added;
    ++summary_.leaves;
    if (!proved) ++summary_.unproved;
  }
  batch_.Put(kImportedLeafFamily, LeafKey(index),
             absl::StrCat(std::string(1, proved ? '\1' : '\0'), leaf));
  if (!decoded.exchange_id().empty()) {
    batch_.Put(kImportedExchangeFamily, absl::StrCat(decoded.exchange_id(), LeafKey(index)), "");
  }
  return ++batch_rows_ < kRowsAtOnce ? absl::OkStatus() : Flush();
}

absl::Status ImportStore::Flush() {
  batch_.Put(store::kDefaultFamily, kLeavesKey, core::BigEndian(summary_.leaves));
  batch_.Put(store::kDefaultFamily, kUnprovedKey, core::BigEndian(summary_.unproved));
  NDX_RETURN_IF_ERROR(database_->WriteSynced(batch_));
  batch_ = store::Batch();
  batch_rows_ = 0;
  return absl::OkStatus();
}

}  // namespace ndx::journal
