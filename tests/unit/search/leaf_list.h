// A journal's reader over leaves that a test made up, and the making of them.
//
// Thread-safety: thread-compatible.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "ndx/core/exchange_id.h"
#include "ndx/journal/journal_reader.h"

namespace ndx::search {

inline const absl::Time kTestStart = absl::FromUnixSeconds(1'750'000'000);

class LeafList final : public journal::JournalReader {
 public:
  // The leaf's time is set to that of the list, which moves on by step.
  uint64_t Put(journal::v1::JournalLeaf leaf) {
    leaf.set_leaf_version(1);
    leaf.set_time_unix_ns(absl::ToUnixNanos(now));
    now += step;
    std::string bytes = leaf.SerializeAsString();
    leaves_.push_back({leaves_.size(), std::move(bytes), std::move(leaf)});
    return leaves_.size() - 1;
  }
  void Clear() { leaves_.clear(); }

  uint64_t size() const override { return leaves_.size(); }
  absl::StatusOr<journal::StoredLeaf> Leaf(uint64_t index) const override {
    ++reads;
    if (index >= leaves_.size()) return absl::NotFoundError("no such leaf");
    return leaves_[index];
  }
  absl::StatusOr<std::vector<journal::StoredLeaf>> LeavesOf(core::ExchangeId id,
                                                            const std::string&) const override {
    std::vector<journal::StoredLeaf> found;
    for (const auto& leaf : leaves_) {
      if (leaf.leaf.exchange_id() == std::string(id.bytes())) found.push_back(leaf);
    }
    if (found.empty()) return absl::NotFoundError("no such exchange");
    return found;
  }
  absl::Status Scan(const journal::ScanRange& range,
                    absl::FunctionRef<bool(const journal::StoredLeaf&)> see) const override {
    const bool forward = range.direction == journal::ScanDirection::kForward;
    for (uint64_t i = 0; i < leaves_.size(); ++i) {
      const auto& leaf = leaves_[forward ? i : leaves_.size() - 1 - i];
      const absl::Time time = absl::FromUnixNanos(leaf.leaf.time_unix_ns());
      if (forward ? leaf.index < range.from_index : leaf.index > range.from_index) continue;
      if (time < range.not_before || time > range.not_after) continue;
      ++reads;
      if (!see(leaf)) break;
    }
    return absl::OkStatus();
  }
  absl::StatusOr<std::map<journal::v1::JournalEvent, uint64_t>> Count(
      const journal::ScanRange&) const override {
    return absl::UnimplementedError("not for these tests");
  }
  absl::StatusOr<journal::OpenedPayload> OpenPayload(uint64_t) const override {
    return absl::UnimplementedError("not for these tests");
  }
  absl::StatusOr<std::string> Receipt(uint64_t) const override {
    return absl::UnimplementedError("not for these tests");
  }
  absl::StatusOr<std::vector<journal::TreeHash>> ConsistencyProof(uint64_t,
                                                                  uint64_t) const override {
    return absl::UnimplementedError("not for these tests");
  }
  std::string Checkpoint() const override { return ""; }

  absl::Time now = kTestStart;
  absl::Duration step = absl::Milliseconds(100);
  // Leaves read since the test set it to 0.
  mutable uint64_t reads = 0;

 private:
  std::vector<journal::StoredLeaf> leaves_;
};

// 16 bytes of an exchange id made from a number, and its text.
inline core::ExchangeId TestId(uint32_t number) {
  std::string bytes(core::ExchangeId::kBytes, '\0');
  bytes[6] = 0x70;
  bytes[8] = static_cast<char>(0x80);
  for (size_t i = 0; i < 4; ++i) bytes[15 - i] = static_cast<char>(number >> (8 * i));
  return core::ExchangeId::FromBytes(bytes).value();
}

inline journal::v1::JournalLeaf TestLeaf(journal::v1::JournalEvent event, uint32_t number,
                                         const std::string& consumer = "VN:GOV:H55:mot-cua") {
  journal::v1::JournalLeaf leaf;
  leaf.set_event(event);
  leaf.set_exchange_id(std::string(TestId(number).bytes()));
  leaf.set_consumer(consumer);
  leaf.set_provider("VN:GOV:G01:dancu");
  leaf.set_method("/ndx.population.v1.PopulationService/VerifyCitizen");
  leaf.set_purpose("TTHC");
  return leaf;
}

}  // namespace ndx::search
