// Reads what was imported.
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "import_store.h"
#include "ndx/core/status_macros.h"
#include "ndx/journal/journal_import.h"
#include "ndx/journal/leaf_codec.h"
#include "store_layout.h"

namespace ndx::journal {
namespace {

absl::Status NeedsTheNode(absl::string_view what) {
  return absl::UnimplementedError(
      absl::StrCat("an imported journal holds no ", what, "; ask the node, or ndx-verify bundle"));
}

bool InTime(const v1::JournalLeaf& leaf, const ScanRange& range) {
  const absl::Time time = absl::FromUnixNanos(leaf.time_unix_ns());
  return time >= range.not_before && time <= range.not_after;
}

class StoredImport final : public ImportedJournal {
 public:
  StoredImport(ImportStore store, uint64_t end) : store_(std::move(store)), end_(end) {}

  const ImportSummary& summary() const override { return store_.summary(); }
  uint64_t size() const override { return end_; }
  std::string Checkpoint() const override { return store_.note(); }

  absl::StatusOr<StoredLeaf> Leaf(uint64_t index) const override {
    const auto value = store_.database().Get(kImportedLeafFamily, LeafKey(index));
    if (absl::IsNotFound(value.status())) {
      return absl::NotFoundError(absl::StrCat("record ", index, " was not imported"));
    }
    NDX_RETURN_IF_ERROR(value.status());
    return Decode(index, *value);
  }

  absl::StatusOr<std::vector<StoredLeaf>> LeavesOf(core::ExchangeId exchange_id,
                                                   const std::string& consumer) const override {
    std::vector<StoredLeaf> leaves;
    const auto cursor = store_.database().NewCursor(kImportedExchangeFamily);
    for (cursor->Seek(exchange_id.bytes());
         cursor->Valid() && absl::StartsWith(cursor->key(), exchange_id.bytes()); cursor->Next()) {
      const uint64_t index = LeafIndexOf(cursor->key().substr(exchange_id.bytes().size()));
      NDX_ASSIGN_OR_RETURN(StoredLeaf leaf, Leaf(index));
      if (consumer.empty() || leaf.leaf.consumer() == consumer) leaves.push_back(std::move(leaf));
    }
    NDX_RETURN_IF_ERROR(cursor->status());
    if (leaves.empty()) return absl::NotFoundError("no record of this exchange was imported");
    return leaves;
  }

  absl::Status Scan(const ScanRange& range,
                    absl::FunctionRef<bool(const StoredLeaf&)> see) const override {
    const auto cursor = store_.database().NewCursor(kImportedLeafFamily);
    const bool forward = range.direction == ScanDirection::kForward;
    if (forward) {
      cursor->Seek(LeafKey(range.from_index));
    } else {
      cursor->SeekForPrev(LeafKey(range.from_index));
    }
    while (cursor->Valid()) {
      NDX_ASSIGN_OR_RETURN(const StoredLeaf leaf,
                           Decode(LeafIndexOf(cursor->key()), cursor->value()));
      if (InTime(leaf.leaf, range) && !see(leaf)) return absl::OkStatus();
      forward ? cursor->Next() : cursor->Prev();
    }
    return cursor->status();
  }

  absl::StatusOr<std::map<v1::JournalEvent, uint64_t>> Count(
      const ScanRange& range) const override {
    std::map<v1::JournalEvent, uint64_t> counts;
    NDX_RETURN_IF_ERROR(Scan(range, [&](const StoredLeaf& leaf) {
      ++counts[leaf.leaf.event()];
      return true;
    }));
    return counts;
  }

  absl::StatusOr<OpenedPayload> OpenPayload(uint64_t) const override {
    return NeedsTheNode("payloads");
  }
  absl::StatusOr<std::string> Receipt(uint64_t) const override { return NeedsTheNode("receipts"); }
  absl::StatusOr<std::vector<TreeHash>> ConsistencyProof(uint64_t, uint64_t) const override {
    return NeedsTheNode("proofs");
  }

 private:
  static absl::StatusOr<StoredLeaf> Decode(uint64_t index, absl::string_view value) {
    StoredLeaf leaf{.index = index, .bytes = std::string(value.substr(1)), .leaf = {}};
    NDX_ASSIGN_OR_RETURN(leaf.leaf, DecodeLeaf(leaf.bytes));
    return leaf;
  }

  const ImportStore store_;
  const uint64_t end_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<ImportedJournal>> ImportedJournal::Open(
    const std::string& directory) {
  NDX_ASSIGN_OR_RETURN(ImportStore store, ImportStore::OpenReadOnly(directory));
  uint64_t end = 0;
  {
    const auto cursor = store.database().NewCursor(kImportedLeafFamily);
    cursor->SeekToLast();
    NDX_RETURN_IF_ERROR(cursor->status());
    if (cursor->Valid()) end = LeafIndexOf(cursor->key()) + 1;
  }
  return std::make_unique<StoredImport>(std::move(store), end);
}

}  // namespace ndx::journal
