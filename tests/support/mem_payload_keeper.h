// A payload keeper in memory that follows nothing: keeps orders and holds, and remembers which
// erasures were carried out. For tests of what stands on a keeper, not of keepers.
//
// Thread-safety: thread-safe; progress is set before use.
#pragma once

#include <algorithm>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "ndx/core/mutex.h"
#include "ndx/journal/payload_keeper.h"

namespace ndx::tests {

class MemPayloadKeeper final : public journal::PayloadKeeper {
 public:
  journal::FollowProgress progress() const override { return progress_; }
  void SetProgress(journal::FollowProgress progress) { progress_ = std::move(progress); }

  absl::Status AwaitFollowed(absl::Duration) override { return absl::OkStatus(); }

  // The subject itself, so that tests can look at it.
  absl::StatusOr<journal::v1::KeyedReference> ReferenceOfYear(journal::ReferenceKind,
                                                              absl::string_view value,
                                                              uint32_t year) override {
    journal::v1::KeyedReference reference;
    reference.set_hmac(std::string(value));
    reference.set_key_year(year);
    return reference;
  }

  absl::StatusOr<journal::ErasureOrder> AddErasureOrder(absl::string_view subject,
                                                        journal::ErasureOrder order) override {
    const core::MutexLock lock(mutex_);
    order.number = ++last_order_;
    order.subject_id = std::string(subject);
    order.subject.set_hmac(order.subject_id);
    orders_.push_back(order);
    return order;
  }
  absl::StatusOr<std::vector<journal::ErasureOrder>> ErasureOrders() const override {
    const core::MutexLock lock(mutex_);
    return orders_;
  }
  absl::Status ForgetErasureOrder(uint64_t number) override {
    const core::MutexLock lock(mutex_);
    return Forget(orders_, number);
  }
  absl::StatusOr<bool> CarryOutErasure(uint64_t number, uint64_t, absl::Duration) override {
    const core::MutexLock lock(mutex_);
    for (journal::ErasureOrder& order : orders_) {
      if (order.number != number) continue;
      order.begun = true;
      erased_.insert(order.subject_id);
      return true;
    }
    return absl::NotFoundError("no such order");
  }
  // Of these subjects.
  std::set<std::string> erased() const {
    const core::MutexLock lock(mutex_);
    return erased_;
  }

  absl::StatusOr<std::optional<journal::LegalHold>> HoldOn(
      absl::string_view subject) const override {
    const core::MutexLock lock(mutex_);
    return HoldOnId(subject);
  }
  absl::StatusOr<std::optional<journal::LegalHold>> HoldOnOrder(uint64_t number) const override {
    const core::MutexLock lock(mutex_);
    for (const journal::ErasureOrder& order : orders_) {
      if (order.number == number) return HoldOnId(order.subject_id);
    }
    return absl::NotFoundError("no such order");
  }
  absl::StatusOr<journal::LegalHold> AddHold(absl::string_view subject,
                                             journal::LegalHold hold) override {
    const core::MutexLock lock(mutex_);
    hold.number = ++last_hold_;
    hold.subject_id = std::string(subject);
    holds_.push_back(hold);
    return hold;
  }
  absl::StatusOr<std::vector<journal::LegalHold>> Holds() const override {
    const core::MutexLock lock(mutex_);
    return holds_;
  }
  absl::Status ReleaseHold(uint64_t number) override {
    const core::MutexLock lock(mutex_);
    return Forget(holds_, number);
  }

 private:
  std::optional<journal::LegalHold> HoldOnId(absl::string_view id) const
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    for (const journal::LegalHold& hold : holds_) {
      if (hold.subject_id == id) return hold;
    }
    return std::nullopt;
  }

  template <typename Record>
  static absl::Status Forget(std::vector<Record>& records, uint64_t number) {
    const auto found = std::find_if(records.begin(), records.end(), [number](const Record& record) {
      return record.number == number;
    });
    if (found == records.end()) return absl::NotFoundError(absl::StrCat("no number ", number));
    records.erase(found);
    return absl::OkStatus();
  }

  journal::FollowProgress progress_;
  mutable core::Mutex mutex_;
  uint64_t last_order_ ABSL_GUARDED_BY(mutex_) = 0;
  uint64_t last_hold_ ABSL_GUARDED_BY(mutex_) = 0;
  std::vector<journal::ErasureOrder> orders_ ABSL_GUARDED_BY(mutex_);
  std::vector<journal::LegalHold> holds_ ABSL_GUARDED_BY(mutex_);
  std::set<std::string> erased_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace ndx::tests
