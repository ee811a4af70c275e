#include "ndx/tests/support/mem_journal_reader.h"

namespace ndx::tests {

using journal::StoredLeaf;

absl::StatusOr<StoredLeaf> MemJournalReader::Leaf(uint64_t index) const {
  const auto entries = journal_.entries();
  if (index >= entries.size()) return absl::NotFoundError("no such leaf");
  const journal::v1::JournalLeaf& leaf = entries[index].leaf;
  return StoredLeaf{.index = index, .bytes = leaf.SerializeAsString(), .leaf = leaf};
}

absl::StatusOr<std::vector<StoredLeaf>> MemJournalReader::LeavesOf(
    core::ExchangeId exchange_id, const std::string& consumer) const {
  if (!failure_.ok()) return failure_;
  std::vector<StoredLeaf> leaves;
  const auto entries = journal_.entries();
  for (uint64_t i = 0; i < entries.size(); ++i) {
    const journal::v1::JournalLeaf& leaf = entries[i].leaf;
    if (leaf.exchange_id() != exchange_id.bytes()) continue;
    if (!consumer.empty() && leaf.consumer() != consumer) continue;
    leaves.push_back({.index = i, .bytes = leaf.SerializeAsString(), .leaf = leaf});
  }
  if (leaves.empty()) return absl::NotFoundError("no such exchange");
  return leaves;
}

absl::Status MemJournalReader::Scan(const journal::ScanRange& range,
                                    absl::FunctionRef<bool(const StoredLeaf&)> see) const {
  const bool forward = range.direction == journal::ScanDirection::kForward;
  const uint64_t size = this->size();
  for (uint64_t step = 0; step < size; ++step) {
    const uint64_t index = forward ? step : size - 1 - step;
    if (forward ? index < range.from_index : index > range.from_index) continue;
    if (!see(*Leaf(index))) break;
  }
  return absl::OkStatus();
}

absl::StatusOr<std::map<journal::v1::JournalEvent, uint64_t>> MemJournalReader::Count(
    const journal::ScanRange& range) const {
  std::map<journal::v1::JournalEvent, uint64_t> counts;
  const absl::Status scanned = Scan(range, [&counts](const StoredLeaf& leaf) {
    ++counts[leaf.leaf.event()];
    return true;
  });
  if (!scanned.ok()) return scanned;
  return counts;
}

absl::StatusOr<journal::OpenedPayload> MemJournalReader::OpenPayload(uint64_t index) const {
  const auto entries = journal_.entries();
  if (index >= entries.size()) return absl::NotFoundError("no such leaf");
  journal::OpenedPayload payload{.request = entries[index].request,
                                 .response = entries[index].response,
                                 .consumer_signature = entries[index].consumer_signature};
  // The request of an exchange that was opened stands with the leaf before.
  for (uint64_t i = 0; i < index && payload.request.empty(); ++i) {
    const bool same = entries[i].leaf.exchange_id() == entries[index].leaf.exchange_id() &&
                      entries[i].leaf.consumer() == entries[index].leaf.consumer();
    if (same) payload.request = entries[i].request;
  }
  return payload;
}

}  // namespace ndx::tests
