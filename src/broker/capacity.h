// What the node can do in a second, as measured, and who gets how much of it while more is asked.
//
// The measures are how long it takes until an exchange is recorded and its loop hears of it (what
// the disk and the threads behind the journal cannot keep up with waits there), and how long calls
// wait at the door (what the loop itself cannot keep up with waits there, refusals included). When
// one is over its target, on average of a window (100 ms) and three windows in a row, the node is
// overloaded: it takes on what it was seen to finish, less a part by which the backlog shrinks.
// From then on it aims at a part of the target, raises the rate by a few per cent a window as long
// as all is well (by half of that where it was too much before), lowers it after four slow windows
// and then waits for five to see what came of it, and has no limit any more once nothing had to be
// refused for a second.
//
// The rate is divided among the consumers that ask, in proportion to their shares: who asks for
// less than its part gets all it asks for, and what it leaves goes to the others (max-min
// fairness); the part of a consumer likewise among the services that it asks. So neither does a
// flood from one application starve another's single look-up, nor one service of a platform its
// others.
//
// Thread-safety: thread-safe. Takes a lock only at the end of a window, and for each exchange while
// the node is overloaded. Units: monotonic nanoseconds, given by the caller.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/time/time.h"
#include "ndx/core/mutex.h"

namespace ndx::broker {

struct CapacityOptions {
  absl::Duration record_time_target = absl::Milliseconds(200);
};

class Capacity {
 public:
  // on_change is told when a limit begins and ends, from any thread, and must not come back here.
  explicit Capacity(const CapacityOptions& options,
                    std::function<void(bool limited)> on_change = {});
  Capacity(const Capacity&) = delete;
  Capacity& operator=(const Capacity&) = delete;

  // Who asks for what; the views live during the call.
  struct Claim {
    const std::string& consumer;
    uint32_t consumer_share = 1;
    const std::string& service;
    uint32_t service_share = 1;
  };

  // Nothing where the exchange may go on; else when to ask again.
  std::optional<absl::Duration> Take(const Claim& claim, int64_t now_nanos);

  // Whether there is a limit now: Take() lets everything through where there is none.
  bool limited() const { return limited_.load(std::memory_order_relaxed); }

  // A call's head was looked at, after it has waited for so long at most.
  void Arrived(int64_t waited_nanos, int64_t now_nanos);

  // An exchange was recorded, which took so long.
  void Recorded(int64_t took_nanos, int64_t now_nanos);

  // Exchanges a second that are taken on; nothing while the node keeps up.
  std::optional<double> limit() const;

 private:
  // What somebody asks and gets in one window.
  struct Part {
    uint32_t share = 1;
    uint32_t asked = 0;        // in this window
    double rate = 0;           // exchanges a second that it gets
    double tokens = 1;         // exchanges that it may have now
    int64_t filled_nanos = 0;  // until when they have been counted
    uint32_t idle_windows = 0;
  };
  struct Consumer {
    uint32_t share = 1;
    std::map<std::string, Part> services;
  };

  void TurnIfDue(int64_t now_nanos);
  void Turn(int64_t now_nanos) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // To this part of what was finished.
  void SetLimited(bool limited) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Lower(double kept) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  static void Fill(Part& part, int64_t now_nanos);
  void Divide(double seconds) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const int64_t target_nanos_;
  const std::function<void(bool)> on_change_;
  std::atomic<int64_t> window_began_nanos_{0};
  std::atomic<bool> limited_{false};
  // Of this window; times of all together.
  std::atomic<uint32_t> recorded_{0};
  std::atomic<int64_t> took_nanos_{0};
  std::atomic<uint32_t> arrived_{0};
  std::atomic<int64_t> waited_nanos_{0};
  mutable core::Mutex mutex_;
  // While limited: exchanges a second, and where that was too much last.
  double rate_ ABSL_GUARDED_BY(mutex_) = 0;
  double too_much_ ABSL_GUARDED_BY(mutex_) = 0;
  double pace_ ABSL_GUARDED_BY(mutex_) = 0;  // finished in a second, smoothed
  // The most that was finished in a second, forgotten little by little. A part of it is taken on at
  // least: where it is the refusals that the node cannot keep up with, less would only lose more.
  double best_ ABSL_GUARDED_BY(mutex_) = 0;
  uint32_t asked_ ABSL_GUARDED_BY(mutex_) = 0;
  uint32_t refused_ ABSL_GUARDED_BY(mutex_) = 0;
  uint32_t slow_windows_ ABSL_GUARDED_BY(mutex_) = 0;
  uint32_t calm_windows_ ABSL_GUARDED_BY(mutex_) = 0;
  uint32_t settle_windows_ ABSL_GUARDED_BY(mutex_) = 0;
  std::map<std::string, Consumer> consumers_ ABSL_GUARDED_BY(mutex_);
};

// The level up to which each demand is met so that together they take `capacity`: demand i gets
// min(demand, level × share). Infinite where all can be met. Exposed for its test.
struct Demand {
  double share = 1;
  double asked = 0;
};
double FairLevel(std::vector<Demand> demands, double capacity);

}  // namespace ndx::broker
