// A journal in memory: keeps leaves and payloads in order, signs its checkpoint with a fixed key
// and encrypts nothing. For tests of what stands on a journal, not of journals.
//
// Thread-safety: thread-safe. Callbacks run before Append() returns, on the caller's thread.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "ndx/core/clock.h"
#include "ndx/core/mutex.h"
#include "ndx/journal/journal.h"
#include "ndx/journal/journal_reader.h"

namespace ndx::tests {

class LeafJournal final : public journal::Journal, public journal::JournalReader {
 public:
  explicit LeafJournal(const core::Clock& clock) : clock_(clock) {}

  // From now on Append() fails with this, or works again with OK.
  void FailAppends(absl::Status status);
  // From now on AcceptsNewExchanges() says this.
  void SetAccepts(absl::Status status);
  // The public key of the checkpoint, and the root that it states.
  static std::string Vkey();
  std::string Root() const;
  // The payload at this leaf can no longer be opened.
  void ErasePayload(uint64_t index);
  // The payload at this leaf opens as this from now on: what is left after an erasure.
  void ReplacePayload(uint64_t index, journal::OpenedPayload left);

  // Appends a leaf and says where it stands.
  uint64_t Put(journal::v1::JournalLeaf leaf, std::vector<std::string> request = {},
               std::vector<std::string> response = {});

  // Journal. Recall() always says kUnknown and StartSpill() kUnimplemented.
  void Append(journal::Record record, journal::AppendCallback done) override;
  void Recall(journal::RecallQuery query, journal::RecallCallback done) override;
  void GetReceipt(std::string consumer, core::ExchangeId exchange_id,
                  journal::ReceiptCallback done) override;
  absl::Status AcceptsNewExchanges() const override;
  absl::StatusOr<journal::v1::KeyedReference> Reference(journal::ReferenceKind kind,
                                                        absl::string_view value) override;
  absl::StatusOr<std::unique_ptr<journal::PayloadSpill>> StartSpill(
      absl::string_view consumer, core::ExchangeId exchange_id,
      const google::protobuf::Descriptor* descriptor,
      std::shared_ptr<const void> descriptor_owner) override;

  // JournalReader. Receipt(i) is "receipt <i>\n"; the checkpoint's origin is mem/journal/1.
  uint64_t size() const override;
  absl::StatusOr<journal::StoredLeaf> Leaf(uint64_t index) const override;
  absl::StatusOr<std::vector<journal::StoredLeaf>> LeavesOf(
      core::ExchangeId exchange_id, const std::string& consumer) const override;
  absl::Status Scan(const journal::ScanRange& range,
                    absl::FunctionRef<bool(const journal::StoredLeaf&)> see) const override;
  absl::StatusOr<std::map<journal::v1::JournalEvent, uint64_t>> Count(
      const journal::ScanRange& range) const override;
  absl::StatusOr<journal::OpenedPayload> OpenPayload(uint64_t index) const override;
  absl::StatusOr<std::string> Receipt(uint64_t index) const override;
  std::string Checkpoint() const override;
  absl::StatusOr<std::vector<journal::TreeHash>> ConsistencyProof(uint64_t,
                                                                  uint64_t) const override {
    return absl::UnimplementedError("a LeafJournal has no tree");
  }

 private:
  uint64_t PutLocked(journal::v1::JournalLeaf leaf, std::vector<std::string> request,
                     std::vector<std::string> response) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const core::Clock& clock_;
  mutable core::Mutex mutex_;
  std::vector<journal::StoredLeaf> leaves_ ABSL_GUARDED_BY(mutex_);
  std::map<uint64_t, journal::OpenedPayload> payloads_ ABSL_GUARDED_BY(mutex_);
  absl::Status append_status_ ABSL_GUARDED_BY(mutex_);
  absl::Status accepts_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace ndx::tests
