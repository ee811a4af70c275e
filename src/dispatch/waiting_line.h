// The places of one provider, and the line (hàng chờ) of those who wait for one: the bulkhead that
// keeps one slow provider from taking the node, and one consumer from taking the provider.
//
//   asks ─▶ a place is free ──────────────────────────────────▶ place
//             └─ would get one in time? ─▶ waits ─▶ is next ───▶ place
//                    └─ no: full             ├─ could not be answered any more: too late
//                                            └─ pushed out by a consumer who has fewer waiting
//
// Who is next: the consumer that has had places for the shortest time, divided by its share
// (start-time fair queueing). Of one consumer the one that came first; the
// one that came last once its first has waited for three quarters of the longest wait, since that
// one will hardly be served in time.
// Who is expected to wait longer than half of the longest wait, or past its deadline, is refused at
// once: told of it early, it can go elsewhere. The expectation comes from how long calls took
// lately.
//
// Thread-safety: thread-safe; one short lock. Callbacks run on the thread that gave the place back,
// without the lock. Units: monotonic nanoseconds, given by the caller.
#pragma once

#include <cstdint>
#include <list>
#include <map>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/functional/any_invocable.h"
#include "absl/functional/function_ref.h"
#include "absl/time/time.h"
#include "ndx/core/mutex.h"

namespace ndx::dispatch {

struct WaitingLineOptions {
  uint32_t places = 64;
  uint32_t waiting_max = 1024;
  absl::Duration wait_max = absl::Seconds(1);
};

class WaitingLine {
 public:
  enum class Verdict {
    kPlace,
    kWaits,      // told later
    kFull,       // nobody gives way, or it would take too long
    kTooLate,    // could not be answered before its deadline
    kPushedOut,  // by a consumer who has fewer waiting
  };
  // Called once with kPlace, kTooLate or kPushedOut.
  using Told = absl::AnyInvocable<void(Verdict)>;

  // Who asks for a place.
  struct Claim {
    std::string consumer;
    uint32_t share = 1;  // at least 1
    int64_t deadline_nanos = 0;
  };

  // Names somebody who waits.
  using Ticket = uint64_t;

  struct Answer {
    Verdict verdict = Verdict::kFull;  // kPlace, kWaits or kFull
    Ticket ticket = 0;                 // of who waits
    // Of who was refused: when it may be worth asking again.
    absl::Duration retry_after = absl::ZeroDuration();
  };

  explicit WaitingLine(const WaitingLineOptions& options) : options_(options) {}
  WaitingLine(const WaitingLine&) = delete;
  WaitingLine& operator=(const WaitingLine&) = delete;

  // A place taken must be given back with Leave(). `told` is called, under the lock, only for who
  // waits.
  Answer Enter(const Claim& claim, int64_t now_nanos, absl::FunctionRef<Told()> told);

  // A place now or not at all.
  bool TryEnter(const Claim& claim);

  // Waits no longer. False: it has been told, or is just being told.
  bool Withdraw(Ticket ticket);

  // Gives back a place that was taken at `entered_nanos`.
  void Leave(const std::string& consumer, int64_t entered_nanos, int64_t now_nanos);

  uint32_t calls() const;
  uint32_t waiting() const;
  const WaitingLineOptions& options() const { return options_; }

 private:
  struct Waiter {
    Ticket ticket = 0;
    int64_t since_nanos = 0;
    int64_t deadline_nanos = 0;
    Told told;
  };
  struct Consumer {
    uint32_t share = 1;
    uint32_t held = 0;
    double served = 0;  // nanoseconds of places so far, divided by the share
    std::list<Waiter> waiting;
  };
  using Consumers = std::map<std::string, Consumer>;
  struct Outcome {
    Told told;
    Verdict verdict;
  };

  bool TakeFree(const Claim& claim) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  Consumers::iterator ConsumerOf(const Claim& claim) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Take(Consumer& consumer) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // How long the next of this consumer would wait; zero if nothing is known of the calls yet.
  absl::Duration ExpectedWait(const Consumer& consumer) const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // Takes out who waits longest of the consumer who has the most waiting, if that is more than this
  // one would have.
  std::list<Waiter> PushOutFor(const Consumer& consumer) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  Consumers::iterator Next() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Observe(int64_t entered_nanos, int64_t now_nanos) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void ForgetIfIdle(Consumers::iterator consumer) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const WaitingLineOptions options_;
  mutable core::Mutex mutex_;
  Consumers consumers_ ABSL_GUARDED_BY(mutex_);  // who holds a place or waits
  std::map<Ticket, Consumers::iterator> tickets_ ABSL_GUARDED_BY(mutex_);
  Ticket last_ticket_ ABSL_GUARDED_BY(mutex_) = 0;
  uint32_t held_ ABSL_GUARDED_BY(mutex_) = 0;
  // What the consumer served last had been served before: where newcomers begin.
  double served_ ABSL_GUARDED_BY(mutex_) = 0;
  // How long calls take, smoothed; 0 unknown.
  int64_t duration_nanos_ ABSL_GUARDED_BY(mutex_) = 0;
  // The shortest call of this window and of the one before; 0 none.
  int64_t fastest_nanos_ ABSL_GUARDED_BY(mutex_) = 0;
  int64_t fastest_before_nanos_ ABSL_GUARDED_BY(mutex_) = 0;
  int64_t window_began_nanos_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace ndx::dispatch
