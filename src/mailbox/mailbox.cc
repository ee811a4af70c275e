#include "ndx/mailbox/mailbox.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "absl/strings/str_cat.h"
#include "google/protobuf/util/time_util.h"
#include "ndx/core/status_macros.h"
#include "ndx/crypto/digest.h"
#include "ndx/dispatch/failure_reason.h"

namespace ndx::mailbox {
namespace {

using google::protobuf::util::TimeUtil;

constexpr int64_t kNever = std::numeric_limits<int64_t>::max();

bool IsFinal(exchange::v1::OutcomeState state) {
  return state == exchange::v1::OUTCOME_STATE_ANSWERED ||
         state == exchange::v1::OUTCOME_STATE_DEAD ||
         state == exchange::v1::OUTCOME_STATE_CANCELLED;
}

exchange::v1::OutcomeState StateOfItem(v1::KeptState state) {
  switch (state) {
    case v1::KEPT_STATE_DELIVERING:
      return exchange::v1::OUTCOME_STATE_DELIVERING;
    case v1::KEPT_STATE_IN_DOUBT:
      return exchange::v1::OUTCOME_STATE_IN_DOUBT;
    case v1::KEPT_STATE_DEAD:
      return exchange::v1::OUTCOME_STATE_DEAD;
    default:
      return exchange::v1::OUTCOME_STATE_KEPT;
  }
}

// Requests of one consumer to one provider under one order key.
std::string LineOf(const broker::KeptRequest& request) {
  if (request.order_key.hmac().empty()) return "";
  return std::string(crypto::AsBytes(crypto::Sha256Of(
      {request.key.consumer, "\n", request.provider, "\n", request.order_key.hmac()})));
}

// When a caller who found no room may come again.
constexpr absl::Duration kFullPause = absl::Seconds(30);

}  // namespace

absl::StatusOr<std::unique_ptr<Mailbox>> Mailbox::Open(MailboxOptions options, const Parts& parts) {
  NDX_ASSIGN_OR_RETURN(auto store, MailboxStore::Open(options.directory));
  std::unique_ptr<Mailbox> mailbox(new Mailbox(std::move(options), parts, std::move(store)));
  NDX_RETURN_IF_ERROR(mailbox->Recover());
  mailbox->thread_ = std::thread([raw = mailbox.get()] { raw->Run(); });
  return mailbox;
}

Mailbox::Mailbox(MailboxOptions options, const Parts& parts, std::unique_ptr<MailboxStore> store)
    : options_(std::move(options)),
      parts_(parts),
      store_(std::move(store)),
      ends_(parts.metrics.AddCounters({.name = "ndx_deliveries_total",
                                       .help = "Deliveries of kept requests, by how they ended.",
                                       .label_names = {"end"}})) {
  using Kind = telemetry::MetricRegistry::SourceKind;
  const auto add = [&](const char* name, const char* help, std::function<double()> read) {
    parts_.metrics.AddSource(Kind::kGauge, name, help, std::move(read));
  };
  add("ndx_mailbox_items", "Requests kept for delivery, dead ones left out.",
      [this] { return static_cast<double>(counts().items); });
  add("ndx_mailbox_bytes", "Bytes of the requests kept for delivery.",
      [this] { return static_cast<double>(counts().bytes); });
  add("ndx_mailbox_in_doubt", "Kept requests that were sent, answer unknown.",
      [this] { return static_cast<double>(counts().Of(v1::KEPT_STATE_IN_DOUBT)); });
  add("ndx_mailbox_dead", "Kept requests that are not delivered any more.",
      [this] { return static_cast<double>(counts().dead); });
  add("ndx_mailbox_entries_in_memory",
      "Deliveries under way, waiters, lanes, counts: grows with none of what is kept.",
      [this] { return static_cast<double>(entries_in_memory()); });
  add("ndx_mailbox_memory_bytes", "Memory of the mailbox's database.",
      [this] { return static_cast<double>(store_->memory().total()); });
  add("ndx_mailbox_oldest_seconds", "Age of the oldest kept request that is next.", [this] {
    const auto since = oldest();
    return since.has_value() ? absl::ToDoubleSeconds(parts_.clock.Now() - *since) : 0.0;
  });
}

Mailbox::~Mailbox() { Stop(); }

void Mailbox::Start(const Deliveries& deliveries) {
  Post([this, deliveries] { deliveries_.emplace(deliveries); });
}

void Mailbox::HoldDeliveries() {
  Post([this] {
    held_ = true;
    while (!waiters_.empty()) TellWaiters(std::string(waiters_.begin()->first));
  });
}

void Mailbox::Stop() {
  {
    const core::MutexLock lock(mutex_);
    if (closed_) return;
    closed_ = true;
    changed_.NotifyAll();
  }
  if (thread_.joinable()) thread_.join();
}

void Mailbox::Wake() {
  Post([] {});
}

void Mailbox::Post(Task task) {
  const core::MutexLock lock(mutex_);
  if (closed_) return;
  tasks_.push_back(std::move(task));
  changed_.NotifyAll();
}

absl::Status Mailbox::Ask(const std::function<absl::Status()>& what) {
  core::Mutex mutex;
  core::CondVar told;
  std::optional<absl::Status> answer;
  {
    const core::MutexLock lock(mutex_);
    if (closed_) return absl::UnavailableError("the mailbox is closed");
    tasks_.push_back([&] {
      absl::Status status = what();
      const core::MutexLock inner(mutex);
      answer = std::move(status);
      told.NotifyAll();
    });
    changed_.NotifyAll();
  }
  const core::MutexLock lock(mutex);
  while (!answer.has_value()) told.Wait(mutex);
  return *answer;
}

// What waits when the mailbox is closed is still done: somebody may wait for it.
void Mailbox::Run() {
  while (true) {
    std::deque<Task> tasks;
    bool closed = false;
    {
      const core::MutexLock lock(mutex_);
      const int64_t now = parts_.clock.MonotonicNanos();
      if (tasks_.empty() && !closed_ && wake_nanos_ > now) {
        if (wake_nanos_ == kNever) {
          changed_.Wait(mutex_);
        } else {
          changed_.WaitFor(mutex_, absl::Nanoseconds(wake_nanos_ - now));
        }
      }
      tasks.swap(tasks_);
      closed = closed_;
    }
    for (Task& task : tasks) task();
    ReplyAfterSync();
    if (closed && tasks.empty()) return;
    wake_nanos_ = kNever;
    if (!closed && state_.ok()) Pump();
    PumpWaiters();
    entries_in_memory_.store(running_.size() + waiting_ + lanes_.size() +
                             store_->entries_in_memory());
  }
}

void Mailbox::WakeAt(int64_t monotonic_nanos) {
  wake_nanos_ = std::min(wake_nanos_, monotonic_nanos);
}

// One synced write for all that asked at about the same time.
void Mailbox::ReplyAfterSync() {
  if (synced_replies_.empty()) return;
  const absl::Status synced = state_.ok() ? store_->Sync() : state_;
  if (!synced.ok()) Failed(synced);
  for (SyncedReply& reply : std::exchange(synced_replies_, {})) {
    if (synced.ok()) {
      reply.done(std::move(reply.reservation));
    } else {
      reply.done(absl::UnavailableError("the mailbox cannot be written"));
    }
  }
}

// Whether the last write is there is not known: nothing is taken in or delivered until the next
// start, which asks the journal.
void Mailbox::Failed(const absl::Status& status) {
  if (!state_.ok() || status.ok()) return;
  state_ = status;
  parts_.log.Write(telemetry::LogEvent::kMailboxFailed, {{"error", status}});
}

absl::Status Mailbox::Recover() {
  std::vector<v1::KeptItem> unsettled;
  NDX_RETURN_IF_ERROR(store_->Walk("", [&](const v1::KeptItem& item) {
    if (item.state() == v1::KEPT_STATE_RESERVED || item.state() == v1::KEPT_STATE_DELIVERING) {
      unsettled.push_back(item);
    }
    return true;
  }));
  for (v1::KeptItem& item : unsettled) {
    const auto history = HistoryOf(item);
    if (absl::IsNotFound(history.status())) {
      // Never acknowledged: its leaf is not there.
      NDX_RETURN_IF_ERROR(store_->Remove(item));
      if (!item.line().empty()) Promote(item.line());
      continue;
    }
    NDX_RETURN_IF_ERROR(history.status());
    item.set_submitted_plus_one(history->submitted.index + 1);
    MakeDue(std::move(item));
  }
  NDX_RETURN_IF_ERROR(state_);
  return store_->Sync();
}

void Mailbox::Reserve(broker::KeptRequest request, ReserveCallback done) {
  auto shared = std::make_shared<std::pair<broker::KeptRequest, ReserveCallback>>(
      std::move(request), std::move(done));
  const core::MutexLock lock(mutex_);
  if (closed_) return shared->second(absl::UnavailableError("the mailbox is closed"));
  tasks_.push_back([this, shared] { TakeIn(std::move(shared->first), std::move(shared->second)); });
  changed_.NotifyAll();
}

void Mailbox::TakeIn(broker::KeptRequest request, ReserveCallback done) {
  if (!state_.ok()) return done(absl::UnavailableError("the mailbox cannot be written"));
  const auto found = store_->Find(ItemKey(request.key.exchange_id, request.key.consumer));
  if (!found.ok()) return done(found.status());
  if (found->has_value()) {
    const auto now = OutcomeNow(request.key);
    return done(Reservation{.existed = true,
                            .state = now.ok() ? now->state() : exchange::v1::OUTCOME_STATE_KEPT,
                            .expires = absl::FromUnixNanos((*found)->expires_unix_ns())});
  }
  if (request.id_used_before) {
    auto leaves = parts_.reader.LeavesOf(request.key.exchange_id, request.key.consumer);
    const auto history = leaves.ok() ? ReadHistory(*std::move(leaves)) : leaves.status();
    if (!history.ok() && !absl::IsNotFound(history.status())) return done(history.status());
    if (history.ok() && history->standing >= ExchangeHistory::Standing::kAnswered) {
      return done(
          Reservation{.existed = true,
                      .state = StateOf(history->standing),
                      .expires = absl::FromUnixNanos(history->submitted.leaf.expires_unix_ns())});
    }
  }
  if (auto refusal = RefusalForWantOfRoom(request)) {
    return done(Reservation{.refusal = *std::move(refusal)});
  }
  v1::KeptItem item;
  item.set_consumer(request.key.consumer);
  item.set_exchange_id(std::string(request.key.exchange_id.bytes()));
  item.set_number(store_->next_number());
  item.set_state(v1::KEPT_STATE_RESERVED);
  item.set_method(std::move(request.method));
  item.set_provider(std::move(request.provider));
  item.set_line(LineOf(request));
  item.set_taken_unix_ns(absl::ToUnixNanos(parts_.clock.Now()));
  item.set_expires_unix_ns(absl::ToUnixNanos(request.expires));
  item.set_bytes(request.bytes);
  const absl::Status put = store_->Put(item);
  if (!put.ok()) {
    Failed(put);
    return done(absl::UnavailableError("the mailbox cannot be written"));
  }
  synced_replies_.push_back({.done = std::move(done), .reservation = {.expires = request.expires}});
}

std::optional<core::Refusal> Mailbox::RefusalForWantOfRoom(
    const broker::KeptRequest& request) const {
  const MailboxRoom room = store_->RoomOf(request.key.consumer);
  std::string limit;
  if (room.items >= options_.items_max) limit = absl::StrCat(options_.items_max);
  if (room.of_consumer >= options_.items_per_consumer_max) {
    limit = absl::StrCat(options_.items_per_consumer_max);
  }
  if (room.bytes + request.bytes > options_.bytes_max) {
    limit = absl::StrCat(options_.bytes_max, " bytes");
  }
  if (limit.empty()) return std::nullopt;
  return core::Refusal{
      .reason = exchange::v1::ERROR_REASON_MAILBOX_FULL,
      .parameters = {{"limit", limit}, {"retry_after", dispatch::ShortDuration(kFullPause)}},
      .retry_after = kFullPause};
}

void Mailbox::Confirm(const broker::KeptKey& key, uint64_t submitted_leaf) {
  Post([this, key = ItemKey(key.exchange_id, key.consumer), submitted_leaf] {
    auto item = store_->Find(key);
    if (!item.ok() || !item->has_value()) return Failed(item.status());
    (*item)->set_submitted_plus_one(submitted_leaf + 1);
    MakeDue(**std::move(item));
  });
}

void Mailbox::Abandon(const broker::KeptKey& key) {
  Post([this, key = ItemKey(key.exchange_id, key.consumer)] {
    const auto item = store_->Find(key);
    if (!item.ok() || !item->has_value()) return Failed(item.status());
    Gone(**item);
  });
}

void Mailbox::AwaitOutcome(broker::KeptKey key, int64_t until_nanos, OutcomeCallback done) {
  auto shared = std::make_shared<OutcomeCallback>(std::move(done));
  const core::MutexLock lock(mutex_);
  if (closed_) return (*shared)(absl::UnavailableError("the mailbox is closed"));
  tasks_.push_back([this, key = std::move(key), until_nanos, shared] {
    auto outcome = OutcomeNow(key);
    const bool waits = outcome.ok() && !IsFinal(outcome->state()) &&
                       until_nanos > parts_.clock.MonotonicNanos() &&
                       waiting_ < kOutcomeWaitersMax && !held_;
    if (!waits) return (*shared)(std::move(outcome));
    waiters_[ItemKey(key.exchange_id, key.consumer)].push_back(
        {.until_nanos = until_nanos, .done = std::move(*shared)});
    ++waiting_;
    waiters_due_nanos_ = std::min(waiters_due_nanos_, until_nanos);
  });
  changed_.NotifyAll();
}

std::optional<absl::Time> Mailbox::oldest() const {
  const int64_t nanos = oldest_unix_nanos_.load();
  if (nanos == 0) return std::nullopt;
  return absl::FromUnixNanos(nanos);
}

absl::Status Mailbox::Walk(const std::string& after,
                           const std::function<bool(const v1::KeptItem&)>& see) {
  return Ask([&] { return store_->Walk(after, see); });
}

absl::StatusOr<v1::KeptItem> Mailbox::ItemOf(const broker::KeptKey& key) const {
  NDX_ASSIGN_OR_RETURN(auto found, store_->Find(ItemKey(key.exchange_id, key.consumer)));
  if (!found.has_value()) return absl::NotFoundError("the mailbox has no such request");
  return *std::move(found);
}

absl::StatusOr<v1::KeptItem> Mailbox::Find(const broker::KeptKey& key) {
  v1::KeptItem item;
  const absl::Status asked = Ask([&]() -> absl::Status {
    NDX_ASSIGN_OR_RETURN(item, ItemOf(key));
    return absl::OkStatus();
  });
  NDX_RETURN_IF_ERROR(asked);
  return item;
}

// Last of its line: what came behind it may have been delivered.
absl::Status Mailbox::Again(const broker::KeptKey& key) {
  return Ask([&]() -> absl::Status {
    NDX_ASSIGN_OR_RETURN(v1::KeptItem item, ItemOf(key));
    if (item.state() != v1::KEPT_STATE_DEAD) {
      return absl::FailedPreconditionError("the request is not dead; it is being delivered");
    }
    item.set_number(store_->next_number());
    item.set_dead_unix_ns(0);
    item.set_taken_unix_ns(absl::ToUnixNanos(parts_.clock.Now()));
    item.set_expires_unix_ns(std::max(
        item.expires_unix_ns(), absl::ToUnixNanos(parts_.clock.Now() + options_.keep_default)));
    MakeDue(std::move(item));
    return state_;
  });
}

absl::StatusOr<v1::KeptItem> Mailbox::Hold(const broker::KeptKey& key) {
  v1::KeptItem item;
  const absl::Status asked = Ask([&]() -> absl::Status {
    NDX_ASSIGN_OR_RETURN(item, ItemOf(key));
    if (item.state() == v1::KEPT_STATE_DELIVERING || item.state() == v1::KEPT_STATE_RESERVED) {
      return absl::FailedPreconditionError("the request is being delivered; ask again");
    }
    v1::KeptItem held = item;
    held.set_state(v1::KEPT_STATE_DELIVERING);
    NDX_RETURN_IF_ERROR(store_->Put(held));
    CountUnderWay(held);
    return absl::OkStatus();
  });
  NDX_RETURN_IF_ERROR(asked);
  return item;
}

absl::Status Mailbox::Release(const broker::KeptKey& key, bool discarded) {
  return Ask([&] {
    auto item = UnderWay(ItemKey(key.exchange_id, key.consumer));
    if (!item.has_value()) return absl::NotFoundError("the mailbox has no such request");
    Settle(*item);
    if (discarded) {
      Gone(*item);
    } else {
      MakeDue(*std::move(item));
    }
    return state_;
  });
}

absl::StatusOr<ExchangeHistory> Mailbox::HistoryOf(const v1::KeptItem& item) const {
  NDX_ASSIGN_OR_RETURN(const auto id, core::ExchangeId::FromBytes(item.exchange_id()));
  NDX_ASSIGN_OR_RETURN(auto leaves, parts_.reader.LeavesOf(id, item.consumer()));
  NDX_ASSIGN_OR_RETURN(auto history, ReadHistory(std::move(leaves)));
  if (history.submitted.leaf.event() != journal::v1::JOURNAL_EVENT_SUBMITTED &&
      item.state() == v1::KEPT_STATE_RESERVED) {
    return absl::NotFoundError("it was answered in a direct call, and its submission has no leaf");
  }
  return history;
}

absl::StatusOr<exchange::v1::Outcome> Mailbox::OutcomeNow(const broker::KeptKey& key) const {
  NDX_ASSIGN_OR_RETURN(auto leaves, parts_.reader.LeavesOf(key.exchange_id, key.consumer));
  NDX_ASSIGN_OR_RETURN(const ExchangeHistory history, ReadHistory(std::move(leaves)));
  NDX_ASSIGN_OR_RETURN(exchange::v1::Outcome outcome, OutcomeOf(history, parts_.reader));
  if (history.standing == ExchangeHistory::Standing::kAnswered) return outcome;
  NDX_ASSIGN_OR_RETURN(const auto item, store_->Find(ItemKey(key.exchange_id, key.consumer)));
  if (!item.has_value()) return outcome;
  outcome.set_state(StateOfItem(item->state()));
  outcome.set_attempts(std::max(outcome.attempts(), item->attempts()));
  *outcome.mutable_expires() = TimeUtil::NanosecondsToTimestamp(item->expires_unix_ns());
  outcome.clear_reason();
  if (item->reason() != 0) {
    outcome.set_reason(core::ReasonName(static_cast<exchange::v1::ErrorReason>(item->reason())));
  }
  if (item->state() == v1::KEPT_STATE_KEPT || item->state() == v1::KEPT_STATE_IN_DOUBT) {
    *outcome.mutable_next_attempt() = TimeUtil::NanosecondsToTimestamp(item->due_unix_ns());
    if (!item->line().empty()) {
      NDX_ASSIGN_OR_RETURN(const uint64_t ahead,
                           store_->Before(item->line(), item->number(), kAheadMost));
      outcome.set_ahead(ahead);
    }
  }
  return outcome;
}

void Mailbox::TellWaiters(const std::string& key) {
  const auto found = waiters_.find(key);
  if (found == waiters_.end()) return;
  std::vector<Waiter> waiters = std::move(found->second);
  waiters_.erase(found);
  waiting_ -= waiters.size();
  const auto id =
      core::ExchangeId::FromBytes(absl::string_view(key).substr(0, core::ExchangeId::kBytes));
  const broker::KeptKey kept{.consumer = key.substr(core::ExchangeId::kBytes),
                             .exchange_id = id.value_or(core::ExchangeId())};
  const auto outcome = OutcomeNow(kept);
  for (Waiter& waiter : waiters) waiter.done(outcome);
}

void Mailbox::PumpWaiters() {
  const int64_t now = parts_.clock.MonotonicNanos();
  if (waiters_due_nanos_ > now) return WakeAt(waiters_due_nanos_);
  std::vector<std::string> over;
  waiters_due_nanos_ = kNever;
  for (const auto& [key, waiters] : waiters_) {
    int64_t due = kNever;
    for (const Waiter& waiter : waiters) due = std::min(due, waiter.until_nanos);
    if (due <= now) {
      over.push_back(key);
    } else {
      waiters_due_nanos_ = std::min(waiters_due_nanos_, due);
    }
  }
  WakeAt(waiters_due_nanos_);
  // Whoever waits longer for the same request asks again: there is mostly one.
  for (const std::string& key : over) TellWaiters(key);
}

}  // namespace ndx::mailbox
