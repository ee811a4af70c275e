// Reads what a MemJournal holds.
//
// Thread-safety: thread-safe. Ownership: the journal must outlive it.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "ndx/journal/journal_reader.h"
#include "ndx/tests/support/mem_journal.h"

namespace ndx::tests {

class MemJournalReader final : public journal::JournalReader {
 public:
  explicit MemJournalReader(const MemJournal& journal) : journal_(journal) {}

  // From now on LeavesOf() fails with this; OK ends it. Not while another thread reads.
  void Fail(absl::Status status) { failure_ = std::move(status); }

  uint64_t size() const override { return journal_.entries().size(); }
  absl::StatusOr<journal::StoredLeaf> Leaf(uint64_t index) const override;
  absl::StatusOr<std::vector<journal::StoredLeaf>> LeavesOf(
      core::ExchangeId exchange_id, const std::string& consumer) const override;
  absl::Status Scan(const journal::ScanRange& range,
                    absl::FunctionRef<bool(const journal::StoredLeaf&)> see) const override;
  absl::StatusOr<std::map<journal::v1::JournalEvent, uint64_t>> Count(
      const journal::ScanRange& range) const override;
  absl::StatusOr<journal::OpenedPayload> OpenPayload(uint64_t index) const override;
  absl::StatusOr<std::string> Receipt(uint64_t index) const override {
    return MemJournal::ReceiptText(index);
  }
  std::string Checkpoint() const override { return "checkpoint"; }
  absl::StatusOr<std::vector<journal::TreeHash>> ConsistencyProof(uint64_t,
                                                                  uint64_t) const override {
    return absl::UnimplementedError("a MemJournal has no tree");
  }

 private:
  const MemJournal& journal_;
  absl::Status failure_;
};

}  // namespace ndx::tests
