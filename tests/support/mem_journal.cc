#include "ndx/tests/support/mem_journal.h"

#include "absl/strings/str_cat.h"

namespace ndx::tests {
namespace {

using journal::v1::JournalEvent;

std::vector<std::string> Texts(const std::optional<journal::Payload>& payload) {
  std::vector<std::string> texts;
  if (!payload.has_value()) return texts;
  for (const auto& message : payload->messages) texts.push_back(*message);
  return texts;
}

class MemSpill final : public journal::PayloadSpill {
 public:
  explicit MemSpill(std::shared_ptr<const absl::Status> failure) : failure_(std::move(failure)) {}

  absl::Status Add(absl::string_view message) override {
    if (!failure_->ok()) return *failure_;
    messages_.emplace_back(message);
    bytes_ += message.size();
    return absl::OkStatus();
  }
  absl::StatusOr<std::string> Read(size_t index) const override {
    if (index >= messages_.size()) return absl::OutOfRangeError("no such message");
    return messages_[index];
  }
  size_t messages() const override { return messages_.size(); }
  uint64_t bytes() const override { return bytes_; }
  const std::vector<std::string>& all() const { return messages_; }

 private:
  const std::shared_ptr<const absl::Status> failure_;
  std::vector<std::string> messages_;
  uint64_t bytes_ = 0;
};

bool IsOf(const MemJournal::Entry& entry, absl::string_view consumer,
          const core::ExchangeId& exchange_id) {
  return entry.leaf.exchange_id() == exchange_id.bytes() &&
         (consumer.empty() || entry.leaf.consumer() == consumer);
}

journal::RecallVerdict VerdictOf(const journal::v1::JournalLeaf& leaf) {
  switch (leaf.event()) {
    case journal::v1::JOURNAL_EVENT_REQUEST_OPENED:
      return journal::RecallVerdict::kInProgress;
    case journal::v1::JOURNAL_EVENT_ANSWERED:
      return journal::RecallVerdict::kAnswered;
    case journal::v1::JOURNAL_EVENT_FAILED:
      return journal::RecallVerdict::kFailed;
    case journal::v1::JOURNAL_EVENT_IN_DOUBT:
      return journal::RecallVerdict::kInDoubt;
    case journal::v1::JOURNAL_EVENT_SUBMITTED:
      return journal::RecallVerdict::kSubmitted;
    case journal::v1::JOURNAL_EVENT_RESOLVED:
      return leaf.grpc_status() == 0 ? journal::RecallVerdict::kAnswered
                                     : journal::RecallVerdict::kFailed;
    default:
      return journal::RecallVerdict::kUnknown;
  }
}

}  // namespace

std::string MemJournal::ReceiptText(uint64_t index) {
  return absl::StrCat("receipt of leaf ", index);
}

std::vector<MemJournal::Entry> MemJournal::entries() const {
  core::MutexLock lock(mutex_);
  return entries_;
}

void MemJournal::Hold() {
  core::MutexLock lock(mutex_);
  held_ = true;
}

void MemJournal::Release() {
  std::vector<Waiting> waiting;
  {
    core::MutexLock lock(mutex_);
    held_ = false;
    waiting.swap(waiting_);
  }
  for (Waiting& append : waiting) append.done(std::move(append.result));
}

void MemJournal::Fail(absl::Status status) {
  core::MutexLock lock(mutex_);
  failure_ = std::move(status);
}

void MemJournal::FailStartSpill(absl::Status status) {
  core::MutexLock lock(mutex_);
  start_spill_failure_ = std::move(status);
}

void MemJournal::FailSpilling(absl::Status status) { *spilling_failure_ = std::move(status); }

void MemJournal::SetDiskFull(bool full) {
  core::MutexLock lock(mutex_);
  disk_full_ = full;
}

void MemJournal::AnswerNextRecall(journal::Recalled recalled) {
  core::MutexLock lock(mutex_);
  next_recall_ = std::move(recalled);
}

absl::StatusOr<journal::Appended> MemJournal::Keep(journal::Record record) {
  if (!failure_.ok()) return failure_;
  if (disk_full_ && record.leaf.event() == journal::v1::JOURNAL_EVENT_REQUEST_OPENED) {
    return absl::ResourceExhaustedError("the journal's disk is nearly full");
  }
  Entry entry{.leaf = std::move(record.leaf),
              .request = Texts(record.request),
              .response = Texts(record.response),
              .consumer_signature = std::move(record.consumer_signature),
              .recallable = record.recallable};
  if (const auto* spill = dynamic_cast<const MemSpill*>(record.response_spill.get())) {
    entry.response = spill->all();
  }
  entries_.push_back(std::move(entry));
  const uint64_t index = entries_.size() - 1;
  return journal::Appended{.index = index, .tree_size = index + 1, .receipt = ReceiptText(index)};
}

void MemJournal::Append(journal::Record record, journal::AppendCallback done) {
  absl::StatusOr<journal::Appended> result;
  {
    core::MutexLock lock(mutex_);
    result = Keep(std::move(record));
    if (held_) {
      waiting_.push_back({.done = std::move(done), .result = std::move(result)});
      return;
    }
  }
  done(std::move(result));
}

journal::Recalled MemJournal::Look(const journal::RecallQuery& query) const {
  journal::Recalled out;
  std::vector<std::string> request;
  for (const auto& message : query.request) request.push_back(*message);
  for (size_t i = 0; i < entries_.size(); ++i) {
    const Entry& entry = entries_[i];
    if (!IsOf(entry, query.consumer, query.exchange_id)) continue;
    const journal::RecallVerdict verdict = VerdictOf(entry.leaf);
    if (verdict == journal::RecallVerdict::kUnknown) continue;
    const bool has_request =
        !entry.request.empty() || verdict == journal::RecallVerdict::kInProgress;
    if (entry.leaf.method() != query.method || (has_request && entry.request != request)) {
      return {.verdict = journal::RecallVerdict::kDifferent};
    }
    out = {.verdict = verdict,
           .leaf = entry.leaf,
           .response = entry.response,
           .receipt = ReceiptText(i)};
  }
  return out;
}

void MemJournal::Recall(journal::RecallQuery query, journal::RecallCallback done) {
  journal::Recalled recalled;
  {
    core::MutexLock lock(mutex_);
    recalled = next_recall_.has_value() ? *std::move(next_recall_) : Look(query);
    next_recall_.reset();
  }
  done(std::move(recalled));
}

void MemJournal::GetReceipt(std::string consumer, core::ExchangeId exchange_id,
                            journal::ReceiptCallback done) {
  absl::StatusOr<std::string> receipt = absl::NotFoundError("no such exchange in the journal");
  {
    core::MutexLock lock(mutex_);
    for (size_t i = 0; i < entries_.size(); ++i) {
      if (IsOf(entries_[i], consumer, exchange_id)) receipt = ReceiptText(i);
    }
  }
  done(std::move(receipt));
}

absl::Status MemJournal::AcceptsNewExchanges() const {
  core::MutexLock lock(mutex_);
  if (!failure_.ok()) return failure_;
  if (disk_full_) return absl::ResourceExhaustedError("the journal's disk is nearly full");
  return absl::OkStatus();
}

absl::StatusOr<journal::v1::KeyedReference> MemJournal::Reference(journal::ReferenceKind kind,
                                                                  absl::string_view value) {
  journal::v1::KeyedReference reference;
  if (value.empty()) return reference;
  std::string hmac = absl::StrCat(static_cast<int>(kind), ":", value);
  hmac.resize(16, '.');
  reference.set_hmac(hmac);
  reference.set_key_year(2026);
  return reference;
}

absl::StatusOr<std::unique_ptr<journal::PayloadSpill>> MemJournal::StartSpill(
    absl::string_view /*consumer*/, core::ExchangeId /*exchange_id*/,
    const google::protobuf::Descriptor* /*descriptor*/,
    std::shared_ptr<const void> /*descriptor_owner*/) {
  core::MutexLock lock(mutex_);
  if (!start_spill_failure_.ok()) return start_spill_failure_;
  return std::make_unique<MemSpill>(spilling_failure_);
}

}  // namespace ndx::tests
