// The mailbox's deliveries: what is due, and what follows from how each ended.
#include <algorithm>
#include <utility>

#include "ndx/core/status_macros.h"
#include "ndx/mailbox/mailbox.h"

namespace ndx::mailbox {
namespace {

using Standing = ExchangeHistory::Standing;

// While the node is overloaded, before it is looked at again.
constexpr absl::Duration kOverloadPause = absl::Milliseconds(200);
// Before what is under way elsewhere is looked at again.
constexpr absl::Duration kOpenPause = absl::Seconds(1);
// Before something that could not be recorded is tried again.
constexpr absl::Duration kUnrecordedPause = absl::Seconds(5);
// Requests whose time is over, recorded at once at most.
constexpr uint32_t kEndsAtOnce = 64;

// A peer gives the answer that it has under the same id, which is more than that there is one.
bool PeerKnowsById(const registry::RegistrySnapshot& registry, const v1::KeptItem& item) {
  const registry::MethodEntry* const method = registry.FindMethod(item.method());
  if (method == nullptr || !method->rules.idempotent()) return false;
  const auto& providers = method->service->providers;
  return std::any_of(providers.begin(), providers.end(), [&item](const auto& provider) {
    return provider.via != nullptr && provider.system->id.text() == item.provider();
  });
}

int64_t Nanos(absl::Duration duration) { return absl::ToInt64Nanoseconds(duration); }

}  // namespace

void Mailbox::Pump() {
  PumpEnds();
  if (!deliveries_.has_value() || held_) return;
  if (deliveries_->broker.capacity().limit().has_value()) {
    return WakeAt(parts_.clock.MonotonicNanos() + Nanos(kOverloadPause));
  }
  const auto lanes = store_->Lanes();
  if (!lanes.ok()) return Failed(lanes.status());
  oldest_unix_nanos_.store(0);
  // In turn, so that the first ones do not take all there is.
  ++turn_;
  for (size_t i = 0; i < lanes->size(); ++i) PumpLane((*lanes)[(turn_ + i) % lanes->size()]);
}

void Mailbox::PumpLane(const Lane& lane) {
  LaneState& state = lanes_[lane];
  const int64_t now = parts_.clock.MonotonicNanos();
  // One call is enough to see whether the provider is back.
  const uint32_t most = state.failures > 0 ? 1 : options_.deliveries_per_lane_max;
  while (true) {
    const auto item = store_->FirstDue(lane);
    if (!item.ok()) return Failed(item.status());
    if (!item->has_value()) return;
    const int64_t taken = (*item)->taken_unix_ns();
    const int64_t oldest = oldest_unix_nanos_.load();
    oldest_unix_nanos_.store(oldest == 0 ? taken : std::min(oldest, taken));
    if (under_way_ >= options_.deliveries_max || state.under_way >= most) return;
    if (parts_.stops.Stopped(lane.service, lane.provider)) return;
    if (state.paused_until_nanos > now) return WakeAt(state.paused_until_nanos);
    const int64_t due_in = (*item)->due_unix_ns() - absl::ToUnixNanos(parts_.clock.Now());
    if (due_in > 0) return WakeAt(now + due_in);
    Begin(**item);
    if (!state_.ok()) return;
  }
}

void Mailbox::PumpEnds() {
  for (uint32_t i = 0; i < kEndsAtOnce && state_.ok(); ++i) {
    auto first = store_->FirstEnd();
    if (!first.ok()) return Failed(first.status());
    if (!first->has_value()) return;
    const int64_t ends_in = (*first)->first - absl::ToUnixNanos(parts_.clock.Now());
    if (ends_in > 0) return WakeAt(parts_.clock.MonotonicNanos() + ends_in);
    v1::KeptItem& item = (**first).second;
    if (item.state() == v1::KEPT_STATE_DEAD) {
      Gone(item);
      continue;
    }
    Begin(std::move(item));
  }
  if (state_.ok()) WakeAt(0);
}

// Waits for its delivery: at once, if it is the first of its line.
void Mailbox::MakeDue(v1::KeptItem item) {
  item.set_state(v1::KEPT_STATE_KEPT);
  item.set_due_unix_ns(item.taken_unix_ns());
  item.set_first(item.line().empty());
  const absl::Status put = store_->Put(item);
  if (!put.ok()) return Failed(put);
  if (!item.line().empty()) Promote(item.line());
}

void Mailbox::Promote(const std::string& line) {
  auto first = store_->FirstOfLine(line);
  if (!first.ok()) return Failed(first.status());
  if (!first->has_value() || (*first)->first()) return;
  const v1::KeptState state = (*first)->state();
  if (state != v1::KEPT_STATE_KEPT && state != v1::KEPT_STATE_IN_DOUBT) return;
  (*first)->set_first(true);
  Failed(store_->Put(**first));
}

void Mailbox::Begin(v1::KeptItem item) {
  const bool doubted = item.state() == v1::KEPT_STATE_IN_DOUBT;
  item.set_state(v1::KEPT_STATE_DELIVERING);
  const absl::Status put = store_->Put(item);
  if (!put.ok()) return Failed(put);
  CountUnderWay(item);
  if (!Expired(item)) return Continue(std::move(item));
  Die(std::move(item), doubted ? exchange::v1::ERROR_REASON_OUTCOME_UNKNOWN
                               : exchange::v1::ERROR_REASON_DELIVERY_EXPIRED);
}

// The journal says what there is to do.
void Mailbox::Continue(v1::KeptItem item) {
  const auto history = HistoryOf(item);
  if (!history.ok()) {
    parts_.log.Write(telemetry::LogEvent::kMailboxFailed, {{"error", history.status()}});
    return Later(std::move(item), v1::KEPT_STATE_KEPT, options_.back_off_most);
  }
  switch (history->standing) {
    case Standing::kAnswered:
    case Standing::kDiscarded:
      Settle(item);
      return Gone(item);
    case Standing::kDead:
      return Died(ItemKey(item), core::ReasonFromName(history->newest.leaf.error_reason()), true);
    case Standing::kOpen:
      return Later(std::move(item), v1::KEPT_STATE_KEPT, kOpenPause);
    case Standing::kInDoubt:
      if (PeerKnowsById(*deliveries_->registry.Current(), item)) {
        return Send(std::move(item), history->submitted, true);
      }
      return AskProvider(std::move(item));
    case Standing::kToBeSent:
      return Send(std::move(item), history->submitted, false);
  }
}

void Mailbox::AskProvider(v1::KeptItem item) {
  const auto id = core::ExchangeId::FromBytes(item.exchange_id());
  deliveries_->resolver.Resolve(item.consumer(), id.value_or(core::ExchangeId()),
                                {.action = "Delivery"},
                                [this, key = ItemKey(item)](const auto& answer) {
                                  Post([this, key, answer] { DoubtAnswered(key, answer); });
                                });
}

void Mailbox::DoubtAnswered(
    const std::string& key,
    const std::variant<adapter::v1::ExchangeOutcome, core::Refusal>& answer) {
  auto item = UnderWay(key);
  if (!item.has_value()) return;
  const auto* const outcome = std::get_if<adapter::v1::ExchangeOutcome>(&answer);
  const absl::Duration delay =
      BackOff(item->attempts(), options_.back_off_least, options_.back_off_most, parts_.random);
  if (outcome == nullptr) {
    TellLane(*item, {.reason = std::get<core::Refusal>(answer).reason});
    return Later(*std::move(item), v1::KEPT_STATE_IN_DOUBT, delay);
  }
  if (*outcome == adapter::v1::EXCHANGE_OUTCOME_DONE ||
      *outcome == adapter::v1::EXCHANGE_OUTCOME_NOT_DONE) {
    // A leaf says so now.
    return Continue(*std::move(item));
  }
  const auto registry = deliveries_->registry.Current();
  const registry::MethodEntry* const method = registry->FindMethod(item->method());
  const bool idempotent = method != nullptr && method->rules.idempotent();
  const auto history = HistoryOf(*item);
  if (*outcome == adapter::v1::EXCHANGE_OUTCOME_UNSPECIFIED && idempotent && history.ok()) {
    return Send(*std::move(item), history->submitted, true);
  }
  Later(*std::move(item), v1::KEPT_STATE_IN_DOUBT, delay);
}

void Mailbox::Send(v1::KeptItem item, const journal::StoredLeaf& submitted, bool doubted) {
  const std::string key = ItemKey(item);
  transport::EventLoop& loop = deliveries_->loops.Next();
  auto caller = std::make_shared<DeliveryCaller>(
      [this, key](const DeliveryEnd& end) { Post([this, key, end] { Delivered(key, end); }); });
  auto exchange = MakeDelivery(submitted, item.attempts(), parts_.reader, loop, *caller);
  if (!exchange.ok()) {
    if (absl::IsNotFound(exchange.status())) {
      return Die(std::move(item), exchange::v1::ERROR_REASON_PAYLOAD_NOT_KEPT);
    }
    parts_.log.Write(telemetry::LogEvent::kMailboxFailed, {{"error", exchange.status()}});
    return Later(std::move(item), v1::KEPT_STATE_KEPT, options_.back_off_most);
  }
  (*exchange)->doubted = doubted;
  caller->Take(*std::move(exchange));
  running_[key] = caller;
  loop.Post([caller, &clock = parts_.clock, &broker = deliveries_->broker] {
    caller->exchange()->received_nanos = clock.MonotonicNanos();
    broker.Submit(caller->exchange());
  });
}

void Mailbox::Delivered(const std::string& key, const DeliveryEnd& end) {
  running_.erase(key);
  auto item = UnderWay(key);
  if (!item.has_value()) return;
  item->set_attempts(item->attempts() + 1);
  item->set_reason(static_cast<int32_t>(end.reason));
  TellLane(*item, end);
  const bool away = ProviderIsAway(end);
  const absl::Duration delay = away ? absl::ZeroDuration()
                                    : std::max(end.retry_after.value_or(absl::ZeroDuration()),
                                               BackOff(item->attempts(), options_.back_off_least,
                                                       options_.back_off_most, parts_.random));
  switch (Judge(end)) {
    case DeliveryVerdict::kFinal:
      ends_.With({"answered"}).Add();
      Settle(*item);
      return Gone(*item);
    case DeliveryVerdict::kRetry:
      ends_.With({"again"}).Add();
      return Later(*std::move(item), v1::KEPT_STATE_KEPT, delay);
    case DeliveryVerdict::kDoubt:
      ends_.With({"in_doubt"}).Add();
      return Later(*std::move(item), v1::KEPT_STATE_IN_DOUBT, delay);
    case DeliveryVerdict::kDead:
      return Die(*std::move(item), end.reason);
  }
}

// A provider that cannot be reached is left alone by the whole lane for a while.
void Mailbox::TellLane(const v1::KeptItem& item, const DeliveryEnd& end) {
  LaneState& lane = lanes_[LaneOf(item)];
  if (!ProviderIsAway(end)) {
    lane.failures = 0;
    lane.paused_until_nanos = 0;
    return;
  }
  ++lane.failures;
  const absl::Duration pause = std::max(
      end.retry_after.value_or(absl::ZeroDuration()),
      BackOff(lane.failures, options_.back_off_least, options_.back_off_most, parts_.random));
  lane.paused_until_nanos = parts_.clock.MonotonicNanos() + Nanos(pause);
}

// Goes back to wait. Without a delay it keeps its place among those that wait for the same
// provider.
void Mailbox::Later(v1::KeptItem item, v1::KeptState state, absl::Duration delay) {
  Settle(item);
  item.set_state(state);
  item.set_first(item.line().empty());
  item.set_due_unix_ns(delay == absl::ZeroDuration()
                           ? item.taken_unix_ns()
                           : absl::ToUnixNanos(parts_.clock.Now() + delay));
  Failed(store_->Put(item));
  if (!item.line().empty()) Promote(item.line());
}

void Mailbox::Die(v1::KeptItem item, exchange::v1::ErrorReason reason) {
  journal::Record record;
  journal::v1::JournalLeaf& leaf = record.leaf;
  leaf.set_event(journal::v1::JOURNAL_EVENT_DELIVERY_DEAD);
  leaf.set_exchange_id(item.exchange_id());
  leaf.set_attempt(std::max<uint32_t>(item.attempts(), 1));
  leaf.set_consumer(item.consumer());
  leaf.set_provider(item.provider());
  leaf.set_method(item.method());
  leaf.set_error_reason(core::ReasonName(reason));
  leaf.set_grpc_status(static_cast<uint32_t>(core::RulesOf(reason).grpc_code()));
  leaf.set_submitted_plus_one(item.submitted_plus_one());
  parts_.journal.Append(std::move(record), [this, key = ItemKey(item), reason](
                                               const absl::StatusOr<journal::Appended>& appended) {
    Post([this, key, reason, ok = appended.ok()] { Died(key, reason, ok); });
  });
}

void Mailbox::Died(const std::string& key, exchange::v1::ErrorReason reason, bool recorded) {
  auto item = UnderWay(key);
  if (!item.has_value()) return;
  if (!recorded) return Later(*std::move(item), v1::KEPT_STATE_KEPT, kUnrecordedPause);
  Settle(*item);
  ends_.With({"dead"}).Add();
  parts_.log.Write(telemetry::LogEvent::kDeliveryDead, {{"consumer", item->consumer()},
                                                        {"provider", item->provider()},
                                                        {"method", item->method()},
                                                        {"reason", core::ReasonName(reason)}});
  const std::string line = item->line();
  item->set_state(v1::KEPT_STATE_DEAD);
  item->set_reason(static_cast<int32_t>(reason));
  item->set_first(false);
  item->set_dead_unix_ns(absl::ToUnixNanos(parts_.clock.Now()));
  const absl::Status put = store_->Put(*item);
  if (!put.ok()) return Failed(put);
  if (!line.empty()) Promote(line);
  TellWaiters(key);
}

void Mailbox::Gone(const v1::KeptItem& item) {
  const absl::Status removed = store_->Remove(item);
  if (!removed.ok()) return Failed(removed);
  if (!item.line().empty()) Promote(item.line());
  TellWaiters(ItemKey(item));
}

void Mailbox::CountUnderWay(const v1::KeptItem& item) {
  ++under_way_;
  ++lanes_[LaneOf(item)].under_way;
}

// It is no longer under way.
void Mailbox::Settle(const v1::KeptItem& item) {
  --under_way_;
  --lanes_[LaneOf(item)].under_way;
}

bool Mailbox::Expired(const v1::KeptItem& item) const {
  return item.expires_unix_ns() <= absl::ToUnixNanos(parts_.clock.Now());
}

std::optional<v1::KeptItem> Mailbox::UnderWay(const std::string& key) {
  auto item = store_->Find(key);
  if (!item.ok()) {
    Failed(item.status());
    return std::nullopt;
  }
  if (!item->has_value() || (*item)->state() != v1::KEPT_STATE_DELIVERING) return std::nullopt;
  return **std::move(item);
}

}  // namespace ndx::mailbox
