#include "ndx/console/erasure_desk.h"

#include <pthread.h>

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "ndx/console/operator_ledger.h"
#include "ndx/console/refusal_status.h"
#include "ndx/core/status_macros.h"

namespace ndx::console {
namespace {

using exchange::v1::ErrorReason;
using journal::ErasureOrder;
using telemetry::LogEvent;

// Names of the operator API's methods, as they stand in leaves.
constexpr char kAsk[] = "RequestErasure";
constexpr char kApprove[] = "ApproveErasure";
constexpr char kWithdraw[] = "WithdrawErasure";

absl::Status Refuse(ErrorReason reason, uint64_t number, const std::string& who = "") {
  return RefusalStatus(
      {.reason = reason, .parameters = {{"number", absl::StrCat(number)}, {"user", who}}});
}

std::string NameOf(const ErasureOrder& order) { return absl::StrCat("erasure ", order.number); }

}  // namespace

ErasureDesk::ErasureDesk(Parts parts, Options options)
    : parts_(parts), options_(options), thread_([this] { Run(); }) {}

void ErasureDesk::Stop() {
  {
    const core::MutexLock lock(mutex_);
    stopping_ = true;
    changed_.NotifyAll();
  }
  if (thread_.joinable()) thread_.join();
}

absl::StatusOr<uint64_t> ErasureDesk::Record(const std::string& who, absl::string_view action,
                                             const std::string& reason,
                                             const ErasureOrder* order) const {
  OperatorLedger::Entry entry{.event = journal::v1::JOURNAL_EVENT_OPERATOR_ORDERED,
                              .operator_name = who,
                              .action = std::string(action),
                              .reason = reason};
  if (order != nullptr) {
    entry.continues = order->leaf_index;
    entry.note = NameOf(*order);
  }
  NDX_ASSIGN_OR_RETURN(const uint64_t leaf, OperatorLedger(parts_.journal).Record(entry));
  parts_.log.Write(LogEvent::kOperatorCommand,
                   {{"operator", who}, {"action", action}, {"leaf", leaf}});
  return leaf;
}

absl::StatusOr<ErasureOrder> ErasureDesk::Find(uint64_t number) const {
  NDX_ASSIGN_OR_RETURN(const auto orders, parts_.keeper.ErasureOrders());
  for (const ErasureOrder& order : orders) {
    if (order.number == number) return order;
  }
  return Refuse(exchange::v1::ERROR_REASON_ERASURE_UNKNOWN, number);
}

absl::Status ErasureDesk::RefuseIfHeld(
    absl::StatusOr<std::optional<journal::LegalHold>> hold) const {
  NDX_RETURN_IF_ERROR(hold.status());
  if (!hold->has_value()) return absl::OkStatus();
  return RefusalStatus(
      {.reason = exchange::v1::ERROR_REASON_ERASURE_HELD,
       .parameters = {{"hold", absl::StrCat((*hold)->number)}, {"order", (*hold)->order}}});
}

absl::StatusOr<ErasureOrder> ErasureDesk::Ask(const std::string& who, absl::string_view subject,
                                              const std::string& order) {
  const core::MutexLock deciding(deciding_);
  NDX_RETURN_IF_ERROR(RefuseIfHeld(parts_.keeper.HoldOn(subject)));
  NDX_ASSIGN_OR_RETURN(const uint64_t leaf, Record(who, kAsk, order, nullptr));
  // A crash before this leaves a request in the journal that nobody can approve: it is asked again.
  return parts_.keeper.AddErasureOrder(subject,
                                       {.order = order, .operator_name = who, .leaf_index = leaf});
}

absl::StatusOr<ErasureDesk::Outcome> ErasureDesk::Approve(const std::string& who, uint64_t number,
                                                          absl::string_view subject,
                                                          absl::Duration wait) {
  const int64_t until = parts_.clock.MonotonicNanos() + absl::ToInt64Nanoseconds(wait);
  std::shared_ptr<Approval> approval;
  {
    const core::MutexLock deciding(deciding_);
    NDX_ASSIGN_OR_RETURN(const ErasureOrder order, Find(number));
    if (SamePerson(parts_.persons, order.operator_name, who)) {
      return Refuse(exchange::v1::ERROR_REASON_ERASURE_SAME_PERSON, number,
                    PersonText(who, order.operator_name));
    }
    if (!subject.empty()) {
      NDX_ASSIGN_OR_RETURN(const auto named,
                           parts_.keeper.ReferenceOfYear(journal::ReferenceKind::kSubject, subject,
                                                         order.subject.key_year()));
      if (named.hmac() != order.subject.hmac()) {
        return Refuse(exchange::v1::ERROR_REASON_ERASURE_OTHER_SUBJECT, number);
      }
    }
    {
      const core::MutexLock lock(mutex_);
      if (!reconciled_) return absl::UnavailableError("the node has just started; try again");
      if (const auto found = approved_.find(number); found != approved_.end()) {
        approval = found->second;
      }
    }
    if (approval == nullptr) {
      NDX_RETURN_IF_ERROR(RefuseIfHeld(parts_.keeper.HoldOnOrder(number)));
      NDX_ASSIGN_OR_RETURN(const uint64_t leaf, Record(who, kApprove, order.order, &order));
      approval = std::make_shared<Approval>(Approval{.approver = who, .leaf_index = leaf});
      const core::MutexLock lock(mutex_);
      approved_[number] = approval;
      woken_ = true;
      changed_.NotifyAll();
    }
  }
  const core::MutexLock lock(mutex_);
  while (!approval->outcome.carried_out && !stopping_) {
    const int64_t left = until - parts_.clock.MonotonicNanos();
    if (left <= 0) break;
    changed_.WaitFor(mutex_, absl::Nanoseconds(left));
  }
  return approval->outcome;
}

absl::Status ErasureDesk::Withdraw(const std::string& who, bool may_refuse, uint64_t number,
                                   const std::string& reason) {
  const core::MutexLock deciding(deciding_);
  std::shared_ptr<Approval> taken;
  {
    const core::MutexLock lock(mutex_);
    if (!reconciled_) return absl::UnavailableError("the node has just started; try again");
    while (attempting_ == number) changed_.Wait(mutex_);
    // Out of the thread's sight, so that it does not begin behind the leaf that follows.
    if (const auto found = approved_.find(number); found != approved_.end()) {
      taken = found->second;
      approved_.erase(found);
    }
  }
  const absl::Status withdrawn = [&]() -> absl::Status {
    NDX_ASSIGN_OR_RETURN(const ErasureOrder order, Find(number));
    if (order.begun) return Refuse(exchange::v1::ERROR_REASON_ERASURE_BEGUN, number);
    if (order.operator_name != who && !may_refuse) {
      return RefusalStatus({.reason = exchange::v1::ERROR_REASON_OPERATOR_ROLE_MISSING,
                            .parameters = {{"method", "WithdrawErasure of another's order"},
                                           {"role", "approver"},
                                           {"user", who}}});
    }
    NDX_RETURN_IF_ERROR(Record(who, kWithdraw, reason, &order).status());
    return parts_.keeper.ForgetErasureOrder(number);
  }();
  const core::MutexLock lock(mutex_);
  if (!withdrawn.ok() && taken != nullptr) approved_[number] = taken;
  return withdrawn;
}

absl::StatusOr<std::vector<ErasureDesk::OpenOrder>> ErasureDesk::Open() const {
  NDX_ASSIGN_OR_RETURN(const auto orders, parts_.keeper.ErasureOrders());
  std::vector<OpenOrder> open;
  const core::MutexLock lock(mutex_);
  for (const ErasureOrder& order : orders) {
    open.push_back({.order = order});
    if (const auto found = approved_.find(order.number); found != approved_.end()) {
      open.back().approver = found->second->approver;
      open.back().waits_for = found->second->outcome.waits_for;
    }
  }
  return open;
}

// What the leaves say of the orders that are kept.
absl::Status ErasureDesk::Reconcile() {
  NDX_ASSIGN_OR_RETURN(const auto orders, parts_.keeper.ErasureOrders());
  std::map<uint64_t, uint64_t> number_of;  // by the leaf of the request
  Approvals approvals;
  std::set<uint64_t> withdrawn;
  for (const ErasureOrder& order : orders) {
    number_of[order.leaf_index] = order.number;
    if (order.begun) approvals[order.number] = std::make_shared<Approval>();
  }
  if (!orders.empty()) {
    const journal::ScanRange range{.from_index = number_of.begin()->first};
    NDX_RETURN_IF_ERROR(parts_.reader.Scan(range, [&](const journal::StoredLeaf& stored) {
      const auto& leaf = stored.leaf;
      if (leaf.event() != journal::v1::JOURNAL_EVENT_OPERATOR_ORDERED &&
          leaf.event() != journal::v1::JOURNAL_EVENT_PAYLOAD_ERASED) {
        return true;
      }
      const auto found = number_of.find(leaf.caused_by_plus_one() - 1);
      if (found == number_of.end()) return true;
      if (leaf.operator_action() == kWithdraw) withdrawn.insert(found->second);
      if (leaf.operator_action() != kApprove) return true;
      std::shared_ptr<Approval>& approval = approvals[found->second];
      if (approval == nullptr) approval = std::make_shared<Approval>();
      if (leaf.event() == journal::v1::JOURNAL_EVENT_PAYLOAD_ERASED) {
        approval->erased = true;
      } else {
        *approval = {.approver = leaf.operator_name(), .leaf_index = stored.index};
      }
      return true;
    }));
  }
  for (const uint64_t number : withdrawn) {
    NDX_RETURN_IF_ERROR(parts_.keeper.ForgetErasureOrder(number));
    approvals.erase(number);
  }
  const core::MutexLock lock(mutex_);
  approved_ = std::move(approvals);
  reconciled_ = true;
  return absl::OkStatus();
}

absl::Status ErasureDesk::CarryOut(const ErasureOrder& order, Approval& approval,
                                   Outcome* outcome) const {
  if (!approval.erased) {
    NDX_ASSIGN_OR_RETURN(
        outcome->was_kept,
        parts_.keeper.CarryOutErasure(order.number, approval.leaf_index, options_.attempt));
    NDX_ASSIGN_OR_RETURN(
        outcome->leaf_index,
        OperatorLedger(parts_.journal)
            .Record({.event = journal::v1::JOURNAL_EVENT_PAYLOAD_ERASED,
                     .operator_name = approval.approver,
                     .action = kApprove,
                     .reason = order.order,
                     .continues = order.leaf_index,
                     .note = absl::StrCat(NameOf(order), outcome->was_kept ? "" : ", none kept")}));
    approval.erased = true;
    parts_.log.Write(LogEvent::kPayloadErased,
                     {{"erasure", order.number}, {"leaf", outcome->leaf_index}});
  }
  outcome->carried_out = true;
  return parts_.keeper.ForgetErasureOrder(order.number);
}

absl::Status ErasureDesk::Attempt(uint64_t number, const std::shared_ptr<Approval>& approval) {
  Outcome outcome;
  const absl::Status status = [&]() -> absl::Status {
    NDX_ASSIGN_OR_RETURN(const ErasureOrder order, Find(number));
    return CarryOut(order, *approval, &outcome);
  }();
  bool news = false;
  {
    const core::MutexLock lock(mutex_);
    attempting_ = 0;
    outcome.waits_for = std::string(status.message());
    news = !status.ok() && approval->outcome.waits_for != outcome.waits_for;
    approval->outcome = outcome;
    if (status.ok()) approved_.erase(number);
    changed_.NotifyAll();
  }
  if (news) parts_.log.Write(LogEvent::kErasureWaits, {{"erasure", number}, {"error", status}});
  return status;
}

void ErasureDesk::Run() {
  (void)pthread_setname_np(pthread_self(), "ndx-erasure");
  bool reconciled = false;
  while (true) {
    if (!reconciled) reconciled = Reconcile().ok();
    bool all_done = reconciled;
    Approvals round;
    {
      const core::MutexLock lock(mutex_);
      round = approved_;
      woken_ = false;
    }
    for (const auto& [number, approval] : round) {
      {
        const core::MutexLock lock(mutex_);
        if (stopping_) return;
        // Withdrawn since the round began.
        if (approved_.find(number) == approved_.end()) continue;
        attempting_ = number;
      }
      all_done &= Attempt(number, approval).ok();
    }
    const core::MutexLock lock(mutex_);
    if (stopping_) return;
    if (woken_) continue;
    if (all_done) {
      changed_.Wait(mutex_);
    } else {
      changed_.WaitFor(mutex_, options_.pause);
    }
    if (stopping_) return;
  }
}

}  // namespace ndx::console
