#include "ndx/tests/unit/console/leaf_journal.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "ndx/journal/checkpoint.h"
#include "ndx/journal/merkle.h"

namespace ndx::tests {
namespace {

using journal::StoredLeaf;

constexpr char kOrigin[] = "mem/journal/1";

journal::NoteSigner Signer() {
  return journal::NoteSigner::Create(
             kOrigin, crypto::Ed25519PrivateKey::FromSeed(std::string(32, 'm')).value())
      .value();
}

void Commit(const std::vector<std::string>& messages, journal::v1::PayloadCommitment& commitment) {
  if (messages.empty()) return;
  commitment.set_messages(static_cast<uint32_t>(messages.size()));
  for (const std::string& message : messages) {
    commitment.set_bytes(commitment.bytes() + message.size());
  }
}

std::vector<std::string> MessagesOf(const std::optional<journal::Payload>& payload) {
  std::vector<std::string> messages;
  if (!payload.has_value()) return messages;
  for (const auto& message : payload->messages) messages.push_back(*message);
  return messages;
}

bool InTime(const StoredLeaf& leaf, const journal::ScanRange& range) {
  const absl::Time time = absl::FromUnixNanos(leaf.leaf.time_unix_ns());
  return range.not_before <= time && time <= range.not_after;
}

}  // namespace

void LeafJournal::FailAppends(absl::Status status) {
  core::MutexLock lock(mutex_);
  append_status_ = std::move(status);
}

void LeafJournal::SetAccepts(absl::Status status) {
  core::MutexLock lock(mutex_);
  accepts_ = std::move(status);
}

void LeafJournal::ErasePayload(uint64_t index) {
  core::MutexLock lock(mutex_);
  payloads_.erase(index);
}

void LeafJournal::ReplacePayload(uint64_t index, journal::OpenedPayload left) {
  core::MutexLock lock(mutex_);
  payloads_[index] = std::move(left);
}

uint64_t LeafJournal::PutLocked(journal::v1::JournalLeaf leaf, std::vector<std::string> request,
                                std::vector<std::string> response) {
  const uint64_t index = leaves_.size();
  leaf.set_leaf_version(1);
  leaf.set_time_unix_ns(absl::ToUnixNanos(clock_.Now()));
  leaf.set_monotonic_ns(clock_.MonotonicNanos());
  Commit(request, *leaf.mutable_request());
  Commit(response, *leaf.mutable_response());
  payloads_[index] = {.request = std::move(request), .response = std::move(response)};
  std::string bytes = leaf.SerializeAsString();
  leaves_.push_back({.index = index, .bytes = std::move(bytes), .leaf = std::move(leaf)});
  return index;
}

uint64_t LeafJournal::Put(journal::v1::JournalLeaf leaf, std::vector<std::string> request,
                          std::vector<std::string> response) {
  core::MutexLock lock(mutex_);
  return PutLocked(std::move(leaf), std::move(request), std::move(response));
}

void LeafJournal::Append(journal::Record record, journal::AppendCallback done) {
  absl::StatusOr<journal::Appended> result = journal::Appended();
  {
    core::MutexLock lock(mutex_);
    if (append_status_.ok()) {
      result->index = PutLocked(std::move(record.leaf), MessagesOf(record.request),
                                MessagesOf(record.response));
      result->tree_size = leaves_.size();
      result->receipt = absl::StrCat("receipt ", result->index, "\n");
    } else {
      result = append_status_;
    }
  }
  done(std::move(result));
}

void LeafJournal::Recall(journal::RecallQuery, journal::RecallCallback done) {
  done(journal::Recalled());
}

void LeafJournal::GetReceipt(std::string consumer, core::ExchangeId exchange_id,
                             journal::ReceiptCallback done) {
  const auto leaves = LeavesOf(exchange_id, consumer);
  if (!leaves.ok()) return done(leaves.status());
  done(Receipt(leaves->back().index));
}

absl::Status LeafJournal::AcceptsNewExchanges() const {
  core::MutexLock lock(mutex_);
  return accepts_;
}

absl::StatusOr<journal::v1::KeyedReference> LeafJournal::Reference(journal::ReferenceKind,
                                                                   absl::string_view value) {
  journal::v1::KeyedReference reference;
  reference.set_hmac(absl::StrCat("ref ", value.size()));
  return reference;
}

absl::StatusOr<std::unique_ptr<journal::PayloadSpill>> LeafJournal::StartSpill(
    absl::string_view, core::ExchangeId, const google::protobuf::Descriptor*,
    std::shared_ptr<const void>) {
  return absl::UnimplementedError("LeafJournal spills nothing");
}

uint64_t LeafJournal::size() const {
  core::MutexLock lock(mutex_);
  return leaves_.size();
}

absl::StatusOr<StoredLeaf> LeafJournal::Leaf(uint64_t index) const {
  core::MutexLock lock(mutex_);
  if (index >= leaves_.size()) return absl::NotFoundError("no such leaf");
  return leaves_[index];
}

absl::StatusOr<std::vector<StoredLeaf>> LeafJournal::LeavesOf(core::ExchangeId exchange_id,
                                                              const std::string& consumer) const {
  core::MutexLock lock(mutex_);
  std::vector<StoredLeaf> found;
  for (const StoredLeaf& leaf : leaves_) {
    const bool same = leaf.leaf.exchange_id() == std::string(exchange_id.bytes());
    if (same && (consumer.empty() || leaf.leaf.consumer() == consumer)) found.push_back(leaf);
  }
  if (found.empty()) return absl::NotFoundError("no such exchange");
  return found;
}

absl::Status LeafJournal::Scan(const journal::ScanRange& range,
                               absl::FunctionRef<bool(const StoredLeaf&)> see) const {
  std::vector<StoredLeaf> leaves;
  {
    core::MutexLock lock(mutex_);
    leaves = leaves_;
  }
  if (range.direction == journal::ScanDirection::kForward) {
    for (uint64_t i = range.from_index; i < leaves.size(); ++i) {
      if (InTime(leaves[i], range) && !see(leaves[i])) break;
    }
    return absl::OkStatus();
  }
  for (uint64_t i = leaves.size(); i-- > 0;) {
    if (i <= range.from_index && InTime(leaves[i], range) && !see(leaves[i])) break;
  }
  return absl::OkStatus();
}

absl::StatusOr<std::map<journal::v1::JournalEvent, uint64_t>> LeafJournal::Count(
    const journal::ScanRange& range) const {
  std::map<journal::v1::JournalEvent, uint64_t> counts;
  const absl::Status scanned = Scan(range, [&counts](const StoredLeaf& leaf) {
    ++counts[leaf.leaf.event()];
    return true;
  });
  if (!scanned.ok()) return scanned;
  return counts;
}

absl::StatusOr<journal::OpenedPayload> LeafJournal::OpenPayload(uint64_t index) const {
  core::MutexLock lock(mutex_);
  const auto found = payloads_.find(index);
  if (found == payloads_.end()) return absl::NotFoundError("erased");
  return found->second;
}

absl::StatusOr<std::string> LeafJournal::Receipt(uint64_t index) const {
  return absl::StrCat("receipt ", index, "\n");
}

std::string LeafJournal::Checkpoint() const {
  std::vector<journal::TreeHash> hashes;
  core::MutexLock lock(mutex_);
  for (const StoredLeaf& leaf : leaves_) hashes.push_back(journal::LeafHash(leaf.bytes));
  return journal::SignCheckpoint(
      {.origin = kOrigin, .head = {.size = hashes.size(), .root = journal::RootOf(hashes)}},
      Signer());
}

std::string LeafJournal::Vkey() { return Signer().verifier().vkey(); }

std::string LeafJournal::Root() const {
  return std::string(
      crypto::AsBytes(journal::ParseCheckpoint(journal::ParseNote(Checkpoint())->text)->head.root));
}

}  // namespace ndx::tests
