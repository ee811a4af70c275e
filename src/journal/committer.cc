#include "committer.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "ndx/core/status_macros.h"
#include "ndx/journal/checkpoint.h"
#include "ndx/journal/receipt.h"

namespace ndx::journal {
namespace {

// So many waiting records do not wait for more.
constexpr size_t kLargeGroupRecords = 256;

bool Closes(const PendingRecord& record) {
  return record.open != nullptr && record.event != v1::JOURNAL_EVENT_REQUEST_OPENED;
}

}  // namespace

Committer::Committer(EpochStore& store, OpenExchanges& open, UnmovedKeys& unmoved, Options options)
    : store_(store),
      writer_(store, open, unmoved, options.segment_threshold_bytes),
      options_(std::move(options)),
      signed_{.size = store.checkpoint_size, .note = store.checkpoint},
      commit_thread_([this] { Commit(); }),
      checkpoint_thread_([this] { Checkpoint(); }) {}

bool Committer::Enqueue(std::unique_ptr<PendingRecord>& record) {
  core::MutexLock lock(mutex_);
  if (record->refused.ok() && closing_)
    record->refused = absl::CancelledError("the journal is closed");
  if (queue_.size() >= options_.queue_records_max && !Closes(*record) && !closing_) return false;
  if (commit_done_) return false;
  queue_.push_back(std::move(record));
  if (queue_.size() == 1) records_wait_.NotifyOne();
  if (queue_.size() == kLargeGroupRecords) group_large_.NotifyOne();
  return true;
}

void Committer::Stop(const absl::Status& why) {
  absl::AnyInvocable<void(const absl::Status&)> on_fatal;
  absl::Status stopped;
  {
    core::MutexLock lock(mutex_);
    if (!stopped_.ok()) return;
    stopped_ = absl::DataLossError(absl::StrCat(
        "the journal has stopped, a synced write failed: ", why.message(),
        ". Whether the last records exist is unknown; start the node again to find out"));
    stopped = stopped_;
    has_stopped_ = true;
    on_fatal = std::move(options_.on_fatal);
  }
  if (on_fatal) on_fatal(stopped);
}

absl::Status Committer::state() const {
  if (!has_stopped_) return absl::OkStatus();
  core::MutexLock lock(mutex_);
  return stopped_;
}

SignedHead Committer::signed_head() const {
  core::MutexLock lock(mutex_);
  return signed_;
}

void Committer::Close() {
  {
    core::MutexLock lock(mutex_);
    closing_ = true;
    records_wait_.NotifyOne();
    group_large_.NotifyOne();
  }
  if (commit_thread_.joinable()) commit_thread_.join();
  if (checkpoint_thread_.joinable()) checkpoint_thread_.join();
}

PendingRecords Committer::NextRecords() {
  core::MutexLock lock(mutex_);
  while (queue_.empty() && !closing_) records_wait_.Wait(mutex_);
  const int64_t pause = group_pause_nanos_.load(std::memory_order_relaxed);
  if (pause > 0 && queue_.size() < kLargeGroupRecords && !closing_) {
    group_large_.WaitFor(mutex_, absl::Nanoseconds(pause));
  }
  PendingRecords records;
  while (!queue_.empty() && records.size() < options_.group_records_max) {
    records.push_back(std::move(queue_.front()));
    queue_.pop_front();
  }
  if (records.empty()) commit_done_ = true;
  return records;
}

bool Committer::WriteGroup(Group& group) {
  const absl::Status stopped = state();
  const absl::Status written = stopped.ok() ? writer_.Write(group.records) : stopped;
  if (!written.ok()) {
    if (stopped.ok()) Stop(written);
    return false;
  }
  group.head = {.size = store_.tree.size(), .root = store_.tree.Root()};
  return true;
}

bool Committer::HandOver(Group group) {
  core::MutexLock lock(mutex_);
  while (written_.size() >= kGroupsInFlightMax) groups_fit_.Wait(mutex_);
  written_.push_back(std::move(group));
  groups_wait_.NotifyOne();
  return true;
}

void Committer::Commit() {
  while (true) {
    Group group{.records = NextRecords()};
    if (group.records.empty()) break;
    (void)WriteGroup(
        group);  // a failure has stopped the journal; the checkpointer tells the callers
    HandOver(std::move(group));
  }
  core::MutexLock lock(mutex_);
  groups_wait_.NotifyOne();
}

absl::Status Committer::SignGroup(const Group& group) {
  NDX_RETURN_IF_ERROR(state());
  if (group.head.size == signed_head().size) return absl::OkStatus();  // nothing but refused ones
  // A rotation in this group is durable: what covers its leaf is signed by the new key.
  for (const auto& record : group.records) {
    if (record->refused.ok() && record->signing_keys.has_value()) {
      store_.signer->Take(*record->signing_keys);
    }
  }
  const std::string note =
      store_.signer->Sign({.origin = store_.signer->origin(), .head = group.head});
  const absl::Status written = store_.slots->Write(note);
  if (!written.ok()) {
    Stop(written);
    return state();
  }
  core::MutexLock lock(mutex_);
  signed_ = {.size = group.head.size, .note = note};
  return absl::OkStatus();
}

void Committer::Answer(Group& group, const absl::Status& status, const std::string& note) {
  for (auto& record : group.records) {
    if (!record->refused.ok() || !status.ok()) {
      record->done(record->refused.ok() ? status : record->refused);
      continue;
    }
    Appended appended{.index = record->index, .tree_size = group.head.size};
    if (record->receipt_wanted) {
      record->opening.set_leaf(std::move(record->leaf));
      appended.receipt = FormatReceipt({.opening = std::move(record->opening),
                                        .index = record->index,
                                        .proof = std::move(record->proof),
                                        .checkpoint = note});
    }
    record->done(std::move(appended));
  }
}

void Committer::Checkpoint() {
  while (true) {
    Group group;
    {
      core::MutexLock lock(mutex_);
      while (written_.empty() && !commit_done_) groups_wait_.Wait(mutex_);
      if (written_.empty()) return;
      group = std::move(written_.front());
      written_.pop_front();
      groups_fit_.NotifyOne();
    }
    const absl::Status status = SignGroup(group);
    Answer(group, status, signed_head().note);
  }
}

}  // namespace ndx::journal
