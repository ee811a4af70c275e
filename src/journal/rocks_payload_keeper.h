// The payload keeper of a journal on RocksDB. Private to this folder.
//
// Thread-safety: thread-safe; its thread is the KeyMover's. Ownership: what it refers to outlives
// it.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "keeper_records.h"
#include "key_mover.h"
#include "ndx/core/mutex.h"
#include "ndx/journal/payload_keeper.h"
#include "pruner.h"

namespace ndx::journal {

class RocksPayloadKeeper final : public PayloadKeeper {
 public:
  // What the follower is given to prune by is the keeper's own.
  RocksPayloadKeeper(KeyMover::Parts parts, Pruner::Parts prune_parts)
      : parts_(std::move(parts)),
        pruner_(std::move(prune_parts)),
        records_(parts_.subjects.database()) {}

  // Begins to follow the log. Erasures that a crash interrupted are finished first.
  // kFailedPrecondition the second time.
  absl::Status Start(FollowOptions options);
  void Close();

  // Calls act while no keys are moved and nothing is erased.
  absl::Status WhileStill(absl::FunctionRef<absl::Status()> act) const;
  PayloadRetention& retention() { return pruner_; }

  FollowProgress progress() const override;
  absl::Status AwaitFollowed(absl::Duration timeout) override;
  absl::StatusOr<v1::KeyedReference> ReferenceOfYear(ReferenceKind kind, absl::string_view value,
                                                     uint32_t year) override;
  absl::StatusOr<ErasureOrder> AddErasureOrder(absl::string_view subject,
                                               ErasureOrder order) override;
  absl::StatusOr<std::vector<ErasureOrder>> ErasureOrders() const override;
  absl::Status ForgetErasureOrder(uint64_t number) override;
  absl::StatusOr<bool> CarryOutErasure(uint64_t number, uint64_t opened_before,
                                       absl::Duration timeout) override;
  absl::StatusOr<std::optional<LegalHold>> HoldOn(absl::string_view subject) const override;
  absl::StatusOr<std::optional<LegalHold>> HoldOnOrder(uint64_t number) const override;
  absl::StatusOr<LegalHold> AddHold(absl::string_view subject, LegalHold hold) override;
  absl::StatusOr<std::vector<LegalHold>> Holds() const override;
  absl::Status ReleaseHold(uint64_t number) override;

 private:
  // The follower, once it runs.
  absl::StatusOr<KeyMover*> Mover() const;
  absl::StatusOr<std::optional<LegalHold>> HoldOnId(const std::string& subject_id) const
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::Status CheckHolds(const std::string& subject_id) const
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::StatusOr<bool> ExchangeHasSubject(const std::string& exchange_id,
                                          const std::string& subject_id) const;
  absl::Status AwaitClosed(KeyMover& mover, uint64_t opened_before, int64_t until_ns) const;
  absl::Status Destroy(const std::string& subject_id, uint64_t serial);
  void Step(absl::string_view name) const {
    if (at_step_) at_step_(name);
  }

  // Removes payloads while no holds change and no keys are moved.
  absl::Status Prune();

  const KeyMover::Parts parts_;
  Pruner pruner_;
  std::function<void(absl::string_view)> at_step_;  // constant once it follows
  // Held over the disk: holds, orders and erasures come one at a time.
  mutable core::Mutex mutex_;
  KeeperRecords records_ ABSL_GUARDED_BY(mutex_);
  mutable core::Mutex mover_mutex_;
  std::unique_ptr<KeyMover> mover_ ABSL_GUARDED_BY(mover_mutex_);
};

}  // namespace ndx::journal
