// A journal in memory: records are kept as given, nothing is sealed, receipts are plain words.
//
// Thread-safety: thread-safe. Callbacks run inside Append(), or inside Release() after Hold().
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "ndx/core/mutex.h"
#include "ndx/journal/journal.h"

namespace ndx::tests {

class MemJournal final : public journal::Journal {
 public:
  // What was appended, payloads as strings.
  struct Entry {
    journal::v1::JournalLeaf leaf;
    std::vector<std::string> request;
    std::vector<std::string> response;
    std::string consumer_signature;
    bool recallable = false;
  };

  std::vector<Entry> entries() const;

  // From now on appends wait, as if the disk were slow.
  void Hold();
  // Lets what waits become durable, in order, and later appends pass.
  void Release();
  // Every later append and AcceptsNewExchanges() fails with this; OK ends it.
  void Fail(absl::Status status);
  // StartSpill() fails with this, or what was started takes no more messages; OK ends it.
  void FailStartSpill(absl::Status status);
  void FailSpilling(absl::Status status);
  // AcceptsNewExchanges() and REQUEST_OPENED fail with kResourceExhausted.
  void SetDiskFull(bool full);
  // The next Recall() answers this, whatever was appended.
  void AnswerNextRecall(journal::Recalled recalled);

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

  // The text handed out as receipt of the leaf at this index.
  static std::string ReceiptText(uint64_t index);

 private:
  struct Waiting {
    journal::AppendCallback done;
    absl::StatusOr<journal::Appended> result;
  };

  absl::StatusOr<journal::Appended> Keep(journal::Record record)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  journal::Recalled Look(const journal::RecallQuery& query) const
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  mutable core::Mutex mutex_;
  std::vector<Entry> entries_ ABSL_GUARDED_BY(mutex_);
  std::vector<Waiting> waiting_ ABSL_GUARDED_BY(mutex_);
  std::optional<journal::Recalled> next_recall_ ABSL_GUARDED_BY(mutex_);
  absl::Status failure_ ABSL_GUARDED_BY(mutex_);
  absl::Status start_spill_failure_ ABSL_GUARDED_BY(mutex_);
  // Shared with the spills, which outlive a call.
  const std::shared_ptr<absl::Status> spilling_failure_ = std::make_shared<absl::Status>();
  bool held_ ABSL_GUARDED_BY(mutex_) = false;
  bool disk_full_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace ndx::tests
