#include "ndx/journal/journal_copy.h"

#include <optional>

#include "absl/strings/str_cat.h"
#include "epoch_store.h"
#include "ndx/core/status_macros.h"
#include "ndx/journal/newest_checkpoint.h"
#include "ndx/journal/receipt.h"
#include "ndx/journal/tile_tree.h"
#include "ndx/store/database.h"
#include "store_layout.h"

namespace ndx::journal {
namespace {

class RocksJournalCopy final : public JournalCopy {
 public:
  RocksJournalCopy(SignedCheckpoint newest, std::unique_ptr<store::Database> database)
      : newest_(std::move(newest)), database_(std::move(database)) {}

  const std::string& note() const override { return newest_.note; }
  const Checkpoint& checkpoint() const override { return newest_.checkpoint; }
  const std::string& vkey() const override { return newest_.vkey; }

  absl::Status Scan(uint64_t from_index,
                    absl::FunctionRef<bool(uint64_t, absl::string_view)> see) const override {
    const auto cursor = database_->NewCursor(kLeafFamily);
    cursor->Seek(LeafKey(from_index));
    for (uint64_t index = from_index; index < size(); ++index, cursor->Next()) {
      if (!cursor->Valid() || cursor->key() != LeafKey(index)) {
        NDX_RETURN_IF_ERROR(cursor->status());
        return absl::DataLossError(absl::StrCat("leaf ", index, " is missing"));
      }
      if (!see(index, cursor->value())) break;
    }
    return absl::OkStatus();
  }

  absl::StatusOr<std::string> Receipt(uint64_t index) const override {
    if (index >= size()) return absl::NotFoundError(absl::StrCat("no leaf ", index));
    journal::Receipt receipt{.index = index, .checkpoint = newest_.note};
    NDX_ASSIGN_OR_RETURN(const std::string leaf, database_->Get(kLeafFamily, LeafKey(index)));
    receipt.opening.set_leaf(leaf);
    if (!tree_.has_value()) {
      NDX_ASSIGN_OR_RETURN(tree_, TileTree::Load(size(), TilesOf(*database_)));
    }
    NDX_ASSIGN_OR_RETURN(receipt.proof, InclusionProof(index, size(), *tree_));
    return FormatReceipt(receipt);
  }

 private:
  uint64_t size() const { return newest_.checkpoint.head.size; }

  const SignedCheckpoint newest_;
  const std::unique_ptr<store::Database> database_;
  mutable std::optional<TileTree> tree_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<JournalCopy>> JournalCopy::Open(
    const std::string& directory, const std::vector<std::string>& vkeys) {
  if (vkeys.empty()) return absl::InvalidArgumentError("no verifier key is given");
  NDX_ASSIGN_OR_RETURN(const uint32_t epoch, NewestEpoch(directory));
  if (epoch == 0) return absl::NotFoundError(absl::StrCat(directory, " holds no journal"));
  const std::string epoch_directory = EpochDirectory(directory, epoch);
  NDX_ASSIGN_OR_RETURN(SignedCheckpoint newest,
                       NewestCheckpointIn(CheckpointPath(epoch_directory), vkeys));
  const store::DatabaseOptions options = JournalDatabaseOptions(epoch_directory);
  auto database = store::Database::OpenReadOnly(options, store::LogCheck::kWhole);
  // What stands before the damage is still evidence, as far as the checkpoint vouches for it.
  if (!database.ok()) {
    database = store::Database::OpenReadOnly(options, store::LogCheck::kPointInTime);
  }
  NDX_RETURN_IF_ERROR(database.status());
  return std::make_unique<RocksJournalCopy>(std::move(newest), *std::move(database));
}

}  // namespace ndx::journal
