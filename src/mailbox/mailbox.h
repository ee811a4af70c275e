// The mailbox (hộp thư chuyển tiếp): takes requests in, delivers them one after another when their
// providers can be reached, and tells what became of them.
//
//   auto mailbox = Mailbox::Open(options, parts);   // before the broker, which asks it for places
//   mailbox->Start(deliveries);                     // once the broker is there
//   …
//   mailbox->Stop();                                // before the broker goes
//
// The journal has the requests and decides what became of them; the mailbox remembers which wait,
// in which order, and until when. After a crash it asks the journal.
//
// Thread-safety: thread-safe; callbacks come on the mailbox's thread and must not block. The
// operators' functions block: not for an event loop. std::thread: one of its own, since everything
// it does blocks on the disk. Ownership: what it is given must outlive it; it must outlive the
// event loops' use of it.
#pragma once

#include <atomic>
#include <deque>
#include <functional>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <variant>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "ndx/broker/broker.h"
#include "ndx/broker/kept_requests.h"
#include "ndx/core/clock.h"
#include "ndx/core/mutex.h"
#include "ndx/core/random.h"
#include "ndx/dispatch/stop_switch.h"
#include "ndx/journal/journal.h"
#include "ndx/journal/journal_reader.h"
#include "ndx/mailbox/delivery.h"
#include "ndx/mailbox/exchange_history.h"
#include "ndx/mailbox/mailbox_store.h"
#include "ndx/registry/registry.h"
#include "ndx/replay/resolver.h"
#include "ndx/telemetry/log.h"
#include "ndx/telemetry/metric_registry.h"
#include "ndx/transport/event_loop_group.h"

namespace ndx::mailbox {

struct MailboxOptions {
  std::string directory;
  absl::Duration keep_default = absl::Hours(24);
  absl::Duration keep_most = absl::Hours(7 * 24);
  // What is kept and not dead.
  uint64_t items_max = 1'000'000;
  uint64_t bytes_max = uint64_t{16} << 30;
  uint64_t items_per_consumer_max = 500'000;
  absl::Duration back_off_least = absl::Seconds(1);
  absl::Duration back_off_most = absl::Minutes(5);
  // Deliveries under way, in all and in one lane.
  uint32_t deliveries_max = 32;
  uint32_t deliveries_per_lane_max = 8;
};

// Waiters for outcomes; beyond them the outcome so far is told at once.
inline constexpr size_t kOutcomeWaitersMax = 20'000;
// As far as the place in a line is counted.
inline constexpr uint64_t kAheadMost = 10'000;

class Mailbox final : public broker::KeptRequests {
 public:
  struct Parts {
    journal::Journal& journal;
    const journal::JournalReader& reader;
    const core::Clock& clock;
    core::Random& random;
    const dispatch::StopSwitch& stops;
    telemetry::MetricRegistry& metrics;
    telemetry::Log& log;
  };
  struct Deliveries {
    broker::Broker& broker;
    transport::EventLoopGroup& loops;
    replay::Resolver& resolver;
    const registry::Registry& registry;
  };

  // Opens the store and asks the journal about what was under way.
  static absl::StatusOr<std::unique_ptr<Mailbox>> Open(MailboxOptions options, const Parts& parts);
  ~Mailbox() override;
  Mailbox(const Mailbox&) = delete;
  Mailbox& operator=(const Mailbox&) = delete;

  // Begins to deliver.
  void Start(const Deliveries& deliveries);
  // Begins no further delivery; those under way may end. Whoever waits is told the outcome so far.
  void HoldDeliveries();
  // Ends the thread. Deliveries under way are found by the next start.
  void Stop();
  // Something has changed that deliveries wait for: the stop switch, the registry.
  void Wake();

  absl::Duration keep_default() const override { return options_.keep_default; }
  absl::Duration keep_most() const override { return options_.keep_most; }
  void Reserve(broker::KeptRequest request, ReserveCallback done) override;
  void Confirm(const broker::KeptKey& key, uint64_t submitted_leaf) override;
  void Abandon(const broker::KeptKey& key) override;
  void AwaitOutcome(broker::KeptKey key, int64_t until_nanos, OutcomeCallback done) override;

  // For operators.
  MailboxCounts counts() const { return store_->counts(); }
  // Deliveries under way, waiters, lanes, counts: all that it holds in memory beside its database's
  // buffers. Grows with none of what is kept.
  size_t entries_in_memory() const { return entries_in_memory_.load(); }
  // When the oldest of what is next in its lane was taken in; nothing where nothing waits.
  std::optional<absl::Time> oldest() const;
  // As MailboxStore::Walk.
  absl::Status Walk(const std::string& after, const std::function<bool(const v1::KeptItem&)>& see);
  // kNotFound for what is not kept; kFailedPrecondition while it is being delivered, or (for Again)
  // unless it is dead. The caller has recorded the order before.
  absl::StatusOr<v1::KeptItem> Find(const broker::KeptKey& key);
  absl::Status Again(const broker::KeptKey& key);
  // Before it is given up: nothing is done with it until Release(), which gives it up or lets it
  // wait again.
  absl::StatusOr<v1::KeptItem> Hold(const broker::KeptKey& key);
  absl::Status Release(const broker::KeptKey& key, bool discarded);

 private:
  using Task = absl::AnyInvocable<void()>;
  using Reservation = broker::Reservation;
  struct LaneState {
    uint32_t under_way = 0;
    uint32_t failures = 0;  // in a row, of a provider that could not be reached
    int64_t paused_until_nanos = 0;
  };
  struct Waiter {
    int64_t until_nanos;
    OutcomeCallback done;
  };
  struct SyncedReply {
    ReserveCallback done;
    Reservation reservation;
  };

  Mailbox(MailboxOptions options, const Parts& parts, std::unique_ptr<MailboxStore> store);

  // The thread.
  void Post(Task task);
  absl::Status Ask(const std::function<absl::Status()>& what);
  void Run();
  void ReplyAfterSync();
  void Pump();
  void PumpLane(const Lane& lane);
  void PumpEnds();
  void PumpWaiters();
  void WakeAt(int64_t monotonic_nanos);

  // One item.
  absl::Status Recover();
  void TakeIn(broker::KeptRequest request, ReserveCallback done);
  std::optional<core::Refusal> RefusalForWantOfRoom(const broker::KeptRequest& request) const;
  void MakeDue(v1::KeptItem item);
  void Promote(const std::string& line);
  void Begin(v1::KeptItem item);
  void Continue(v1::KeptItem item);
  void AskProvider(v1::KeptItem item);
  void DoubtAnswered(const std::string& key,
                     const std::variant<adapter::v1::ExchangeOutcome, core::Refusal>& answer);
  // doubted: an earlier delivery was sent, and its answer never came.
  void Send(v1::KeptItem item, const journal::StoredLeaf& submitted, bool doubted);
  void Delivered(const std::string& key, const DeliveryEnd& end);
  void TellLane(const v1::KeptItem& item, const DeliveryEnd& end);
  void Later(v1::KeptItem item, v1::KeptState state, absl::Duration delay);
  void Die(v1::KeptItem item, exchange::v1::ErrorReason reason);
  void Died(const std::string& key, exchange::v1::ErrorReason reason, bool recorded);
  void Gone(const v1::KeptItem& item);
  void CountUnderWay(const v1::KeptItem& item);
  void Settle(const v1::KeptItem& item);
  bool Expired(const v1::KeptItem& item) const;
  std::optional<v1::KeptItem> UnderWay(const std::string& key);
  absl::StatusOr<v1::KeptItem> ItemOf(const broker::KeptKey& key) const;
  absl::StatusOr<ExchangeHistory> HistoryOf(const v1::KeptItem& item) const;
  absl::StatusOr<exchange::v1::Outcome> OutcomeNow(const broker::KeptKey& key) const;
  void TellWaiters(const std::string& key);
  void Failed(const absl::Status& status);

  const MailboxOptions options_;
  const Parts parts_;
  const std::unique_ptr<MailboxStore> store_;
  telemetry::MetricFamily<telemetry::Counter>& ends_;

  core::Mutex mutex_;
  core::CondVar changed_;
  std::deque<Task> tasks_ ABSL_GUARDED_BY(mutex_);
  bool closed_ ABSL_GUARDED_BY(mutex_) = false;

  // Only the thread below.
  std::optional<Deliveries> deliveries_;
  bool held_ = false;
  absl::Status state_;  // not OK: the store cannot be written any more
  std::vector<SyncedReply> synced_replies_;
  std::map<Lane, LaneState> lanes_;
  uint32_t under_way_ = 0;
  size_t turn_ = 0;  // the lane that is looked at first
  std::map<std::string, std::shared_ptr<DeliveryCaller>> running_;
  std::map<std::string, std::vector<Waiter>> waiters_;
  size_t waiting_ = 0;
  int64_t waiters_due_nanos_ = std::numeric_limits<int64_t>::max();
  int64_t wake_nanos_ = 0;
  std::atomic<int64_t> oldest_unix_nanos_{0};
  std::atomic<size_t> entries_in_memory_{0};

  std::thread thread_;
};

}  // namespace ndx::mailbox
