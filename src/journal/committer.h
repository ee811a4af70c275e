// Groups waiting records into synced writes, signs a checkpoint for each group, and calls back.
// Private to this folder.
//
// Thread-safety: thread-safe.
// std::thread: the committer thread writes groups one after another; the checkpointer thread signs
// and syncs the checkpoint of a group and runs its callbacks while the next group is being written.
// A group is whatever waits when the committer is free: a lone record does not wait for company,
// but while SetGroupPause() says so.
#pragma once

#include <atomic>
#include <deque>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/time/time.h"
#include "epoch_store.h"
#include "group_writer.h"
#include "ndx/core/mutex.h"
#include "pending_record.h"

namespace ndx::journal {

// The newest checkpoint that is on stable storage.
struct SignedHead {
  uint64_t size = 0;
  std::string note;
};

class Committer {
 public:
  struct Options {
    size_t group_records_max = 0;
    size_t queue_records_max = 0;
    size_t segment_threshold_bytes = 0;
    absl::AnyInvocable<void(const absl::Status&)> on_fatal;
  };

  Committer(EpochStore& store, OpenExchanges& open, UnmovedKeys& unmoved, Options options);
  ~Committer() { Close(); }

  // Takes the record; its callback will be called. Returns false, and leaves the record where it
  // is, if the queue is full and the record does not close an exchange.
  bool Enqueue(std::unique_ptr<PendingRecord>& record);

  // See Journal.
  void SetGroupPause(absl::Duration pause) {
    group_pause_nanos_.store(absl::ToInt64Nanoseconds(pause), std::memory_order_relaxed);
  }

  // Stops for good: everything waiting and everything later gets kDataLoss. The first call runs
  // on_fatal.
  void Stop(const absl::Status& why);

  // OK while records are written. Takes no lock as long as they are.
  absl::Status state() const;

  SignedHead signed_head() const;

  // Writes what waits, then ends the threads. Later records get kCancelled.
  void Close();

 private:
  struct Group {
    PendingRecords records;
    TreeHead head;
  };
  static constexpr size_t kGroupsInFlightMax = 2;

  void Commit();
  void Checkpoint();
  bool WriteGroup(Group& group);
  absl::Status SignGroup(const Group& group);
  void Answer(Group& group, const absl::Status& status, const std::string& note);
  PendingRecords NextRecords();
  bool HandOver(Group group);

  EpochStore& store_;
  GroupWriter writer_;
  Options options_;
  mutable core::Mutex mutex_;
  // One for each thing waited for: a record that wakes the checkpointer too costs a switch of
  // threads for nothing.
  core::CondVar records_wait_;
  core::CondVar group_large_;
  core::CondVar groups_wait_;
  core::CondVar groups_fit_;
  std::deque<std::unique_ptr<PendingRecord>> queue_ ABSL_GUARDED_BY(mutex_);
  std::deque<Group> written_ ABSL_GUARDED_BY(mutex_);
  bool closing_ ABSL_GUARDED_BY(mutex_) = false;
  bool commit_done_ ABSL_GUARDED_BY(mutex_) = false;
  absl::Status stopped_ ABSL_GUARDED_BY(mutex_);
  std::atomic<bool> has_stopped_ = false;  // set after stopped_
  std::atomic<int64_t> group_pause_nanos_ = 0;
  SignedHead signed_ ABSL_GUARDED_BY(mutex_);
  std::thread commit_thread_;
  std::thread checkpoint_thread_;
};

}  // namespace ndx::journal
