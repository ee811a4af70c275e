#include "rocks_payload_keeper.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "ndx/core/status_macros.h"
#include "store_layout.h"

namespace ndx::journal {
namespace {

constexpr absl::Duration kOpenLookInterval = absl::Milliseconds(100);

bool HasSubject(const v1::MovedKeys& keys, const std::string& subject_id) {
  return std::any_of(keys.subjects().begin(), keys.subjects().end(),
                     [&](const v1::MovedSubject& subject) { return subject.id() == subject_id; });
}

// The first exchange that is open; UINT64_MAX if none is.
absl::StatusOr<uint64_t> FirstOpen(const store::Database& database) {
  const auto cursor = database.NewCursor(kOpenFamily);
  cursor->SeekToFirst();
  NDX_RETURN_IF_ERROR(cursor->status());
  return cursor->Valid() ? LeafIndexOf(cursor->key()) : UINT64_MAX;
}

}  // namespace

absl::Status RocksPayloadKeeper::Start(FollowOptions options) {
  core::MutexLock lock(mutex_);
  core::MutexLock mover_lock(mover_mutex_);
  if (mover_ != nullptr) return absl::FailedPreconditionError("the journal is followed already");
  at_step_ = options.at_step;
  NDX_ASSIGN_OR_RETURN(const auto orders, records_.Orders());
  for (const ErasureOrder& order : orders) {
    if (!order.begun) continue;
    NDX_ASSIGN_OR_RETURN(const uint64_t serial, records_.Begin(order.number, 0));
    NDX_RETURN_IF_ERROR(Destroy(order.subject_id, serial));
  }
  NDX_RETURN_IF_ERROR(pruner_.Start(options.retention, options.at_step));
  KeyMover::Parts parts = parts_;
  parts.prune = [this] { return Prune(); };
  mover_ = std::make_unique<KeyMover>(std::move(parts), std::move(options));
  return absl::OkStatus();
}

absl::Status RocksPayloadKeeper::Prune() {
  core::MutexLock lock(mutex_);
  NDX_ASSIGN_OR_RETURN(const auto holds, records_.Holds());
  return pruner_.Round(holds);
}

void RocksPayloadKeeper::Close() {
  core::MutexLock lock(mover_mutex_);
  if (mover_ != nullptr) mover_->Close();
}

absl::Status RocksPayloadKeeper::WhileStill(absl::FunctionRef<absl::Status()> act) const {
  core::MutexLock lock(mutex_);
  const auto mover = Mover();
  if (!mover.ok()) return act();
  core::MutexLock moving((*mover)->moving());
  return act();
}

absl::StatusOr<KeyMover*> RocksPayloadKeeper::Mover() const {
  core::MutexLock lock(mover_mutex_);
  if (mover_ == nullptr) return absl::FailedPreconditionError("the journal is not followed");
  return mover_.get();
}

FollowProgress RocksPayloadKeeper::progress() const {
  const auto mover = Mover();
  if (mover.ok()) return (*mover)->progress();
  FollowProgress none;
  none.size = parts_.reader.size();
  none.trouble = mover.status();
  return none;
}

absl::Status RocksPayloadKeeper::AwaitFollowed(absl::Duration timeout) {
  NDX_ASSIGN_OR_RETURN(KeyMover* const mover, Mover());
  return mover->AwaitFollowed(timeout);
}

absl::StatusOr<v1::KeyedReference> RocksPayloadKeeper::ReferenceOfYear(ReferenceKind kind,
                                                                       absl::string_view value,
                                                                       uint32_t year) {
  return parts_.keys.ring().Reference(kind, value, year, /*create=*/false);
}

absl::StatusOr<ErasureOrder> RocksPayloadKeeper::AddErasureOrder(absl::string_view subject,
                                                                 ErasureOrder order) {
  if (subject.empty()) return absl::InvalidArgumentError("no subject is given");
  order.subject_id = parts_.subjects.IdOf(subject);
  KeyRing& ring = parts_.keys.ring();
  NDX_ASSIGN_OR_RETURN(order.subject,
                       ring.Reference(ReferenceKind::kSubject, subject, ring.CurrentYear(), true));
  order.time = parts_.clock.Now();
  core::MutexLock lock(mutex_);
  NDX_RETURN_IF_ERROR(CheckHolds(order.subject_id));
  NDX_RETURN_IF_ERROR(records_.Add(order));
  return order;
}

absl::StatusOr<std::vector<ErasureOrder>> RocksPayloadKeeper::ErasureOrders() const {
  core::MutexLock lock(mutex_);
  return records_.Orders();
}

absl::Status RocksPayloadKeeper::ForgetErasureOrder(uint64_t number) {
  core::MutexLock lock(mutex_);
  return records_.RemoveOrder(number);
}

absl::StatusOr<bool> RocksPayloadKeeper::ExchangeHasSubject(const std::string& exchange_id,
                                                            const std::string& subject_id) const {
  NDX_ASSIGN_OR_RETURN(const auto id, core::ExchangeId::FromBytes(exchange_id));
  const auto leaves = parts_.reader.LeavesOf(id, "");
  if (absl::IsNotFound(leaves.status())) return false;
  NDX_RETURN_IF_ERROR(leaves.status());
  for (const StoredLeaf& leaf : *leaves) {
    const auto moved = parts_.subjects.Moved(leaf.index);
    if (moved.ok() && HasSubject(*moved, subject_id)) return true;
    if (!moved.ok() && !absl::IsNotFound(moved.status())) return moved.status();
  }
  return false;
}

absl::StatusOr<std::optional<LegalHold>> RocksPayloadKeeper::HoldOnId(
    const std::string& subject_id) const {
  NDX_ASSIGN_OR_RETURN(const auto holds, records_.Holds());
  for (const LegalHold& hold : holds) {
    bool covers = hold.subject_id == subject_id;
    if (!hold.exchange_id.empty()) {
      NDX_ASSIGN_OR_RETURN(covers, ExchangeHasSubject(hold.exchange_id, subject_id));
    }
    if (covers) return hold;
  }
  return std::nullopt;
}

absl::Status RocksPayloadKeeper::CheckHolds(const std::string& subject_id) const {
  NDX_ASSIGN_OR_RETURN(const auto hold, HoldOnId(subject_id));
  if (!hold.has_value()) return absl::OkStatus();
  return absl::FailedPreconditionError(
      absl::StrCat("hold ", hold->number, " (", hold->order, ") forbids erasing"));
}

absl::StatusOr<std::optional<LegalHold>> RocksPayloadKeeper::HoldOn(
    absl::string_view subject) const {
  core::MutexLock lock(mutex_);
  return HoldOnId(parts_.subjects.IdOf(subject));
}

absl::StatusOr<std::optional<LegalHold>> RocksPayloadKeeper::HoldOnOrder(uint64_t number) const {
  core::MutexLock lock(mutex_);
  NDX_ASSIGN_OR_RETURN(const ErasureOrder order, records_.Order(number));
  return HoldOnId(order.subject_id);
}

absl::Status RocksPayloadKeeper::AwaitClosed(KeyMover& mover, uint64_t opened_before,
                                             int64_t until_ns) const {
  core::Mutex mutex;
  core::CondVar never;
  while (true) {
    NDX_ASSIGN_OR_RETURN(const uint64_t first, FirstOpen(parts_.database));
    const int64_t left = until_ns - parts_.clock.MonotonicNanos();
    if (first >= opened_before)
      return mover.AwaitFollowed(absl::Nanoseconds(std::max<int64_t>(left, 0)));
    if (left <= 0) {
      return absl::FailedPreconditionError(
          absl::StrCat("the exchange of record ", first, " is still open"));
    }
    core::MutexLock lock(mutex);
    never.WaitFor(mutex, kOpenLookInterval);
  }
}

absl::Status RocksPayloadKeeper::Destroy(const std::string& subject_id, uint64_t serial) {
  Step("before the subject's key is deleted");
  NDX_RETURN_IF_ERROR(parts_.subjects.Erase(subject_id, serial));
  Step("the subject's key is deleted");
  NDX_RETURN_IF_ERROR(parts_.subjects.Scrub());
  Step("the subjects' keys are scrubbed");
  // The wraps of exchange keys from which the parts' keys could be derived again.
  NDX_RETURN_IF_ERROR(parts_.database.Scrub({kKeyFamily}));
  Step("the exchange keys are scrubbed");
  return absl::OkStatus();
}

absl::StatusOr<bool> RocksPayloadKeeper::CarryOutErasure(uint64_t number, uint64_t opened_before,
                                                         absl::Duration timeout) {
  const int64_t until = parts_.clock.MonotonicNanos() + absl::ToInt64Nanoseconds(timeout);
  NDX_ASSIGN_OR_RETURN(KeyMover* const mover, Mover());
  NDX_RETURN_IF_ERROR(AwaitClosed(*mover, opened_before, until));
  core::MutexLock lock(mutex_);
  core::MutexLock moving(mover->moving());
  NDX_ASSIGN_OR_RETURN(const ErasureOrder order, records_.Order(number));
  NDX_RETURN_IF_ERROR(CheckHolds(order.subject_id));
  NDX_ASSIGN_OR_RETURN(const uint64_t present, parts_.subjects.SerialOf(order.subject_id));
  NDX_ASSIGN_OR_RETURN(const uint64_t serial, records_.Begin(number, present));
  NDX_RETURN_IF_ERROR(Destroy(order.subject_id, serial));
  return serial != 0;
}

absl::StatusOr<LegalHold> RocksPayloadKeeper::AddHold(absl::string_view subject, LegalHold hold) {
  if (subject.empty() == hold.exchange_id.empty()) {
    return absl::InvalidArgumentError("a hold is on a subject or on an exchange");
  }
  if (!subject.empty()) hold.subject_id = parts_.subjects.IdOf(subject);
  hold.time = parts_.clock.Now();
  core::MutexLock lock(mutex_);
  NDX_RETURN_IF_ERROR(records_.Add(hold));
  return hold;
}

absl::StatusOr<std::vector<LegalHold>> RocksPayloadKeeper::Holds() const {
  core::MutexLock lock(mutex_);
  return records_.Holds();
}

absl::Status RocksPayloadKeeper::ReleaseHold(uint64_t number) {
  core::MutexLock lock(mutex_);
  const absl::Status removed = records_.RemoveHold(number);
  if (absl::IsNotFound(removed)) return absl::NotFoundError(absl::StrCat("no hold ", number));
  return removed;
}

}  // namespace ndx::journal
