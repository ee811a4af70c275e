#include "ndx/broker/capacity.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>
#include <vector>

namespace ndx::broker {
namespace {

constexpr int64_t kWindowNanos = 100'000'000;
// What somebody gets comes in portions of so long. All of a window at once is work in one heap,
// behind which refusals wait too; one by one it costs more, since little is then done together.
constexpr int64_t kPortionNanos = 25'000'000;
constexpr double kWindowSeconds = kWindowNanos / 1e9;
// With fewer than these a window does not tell of overload.
constexpr uint32_t kExchangesLeast = 5;
// So many windows in a row: one synced write that takes long is no overload.
constexpr uint32_t kSlowWindows = 3;
constexpr uint32_t kSlowWindowsLimited = 4;
// How long calls may wait at the door, as a part of the target. A loop with as much as it can do
// and no more lets them wait too, for as long as all that is under way takes.
constexpr int64_t kDoorPart = 8;
// Once it is limited the node aims at these parts of the targets: what comes beyond its capacity is
// refused anyway, and is refused sooner the shorter the backlog.
constexpr int64_t kLimitedPart = 4;
constexpr int64_t kDoorLimitedPart = 2;
// Part of what was finished that is taken on at most while overloaded, and at least; and the part
// of the most that was ever finished.
constexpr double kKeptMost = 0.95;
constexpr double kKeptLeast = 0.8;
constexpr double kFloor = 0.25;
// After a change the backlog takes so many windows to tell whether it was enough.
constexpr uint32_t kSettleWindows = 5;
// How fast the rate rises from window to window: up to just below where it was too much last, and
// from there on.
constexpr double kRaise = 1.04;
constexpr double kRaiseSlowly = 1.02;
constexpr double kJustBelow = 0.95;
constexpr double kRateLeast = 20;  // exchanges a second
// How far what is finished in a second follows that of a window: windows are uneven.
constexpr double kPaceStep = 0.2;
constexpr double kBestKept = 0.999;  // from window to window
constexpr uint32_t kCalmWindows = 10;
constexpr uint32_t kIdleWindowsMax = 20;
constexpr absl::Duration kRetryLeast = absl::Milliseconds(200);
constexpr absl::Duration kRetryMost = absl::Seconds(5);

// How many times its aim a mean is; 0 with too few to tell.
double TimesOver(int64_t nanos, uint32_t exchanges, int64_t aim_nanos) {
  if (exchanges < kExchangesLeast) return 0;
  return static_cast<double>(nanos) / exchanges / static_cast<double>(aim_nanos);
}

}  // namespace

double FairLevel(std::vector<Demand> demands, double capacity) {
  std::sort(demands.begin(), demands.end(),
            [](const Demand& a, const Demand& b) { return a.asked / a.share < b.asked / b.share; });
  double shares = 0;
  for (const Demand& demand : demands) shares += demand.share;
  for (const Demand& demand : demands) {
    // Whoever asks least for its share is met first; the rest divide what is left.
    if (demand.asked / demand.share > capacity / shares) return std::max(capacity, 0.0) / shares;
    capacity -= demand.asked;
    shares -= demand.share;
  }
  return std::numeric_limits<double>::infinity();
}

Capacity::Capacity(const CapacityOptions& options, std::function<void(bool)> on_change)
    : target_nanos_(absl::ToInt64Nanoseconds(options.record_time_target)),
      on_change_(std::move(on_change)) {}

std::optional<absl::Duration> Capacity::Take(const Claim& claim, int64_t now_nanos) {
  TurnIfDue(now_nanos);
  if (!limited_.load(std::memory_order_relaxed)) return std::nullopt;
  const core::MutexLock lock(mutex_);
  Consumer& consumer = consumers_[claim.consumer];
  consumer.share = std::max<uint32_t>(claim.consumer_share, 1);
  const auto [at, fresh] = consumer.services.try_emplace(claim.service);
  Part& part = at->second;
  // What it asks for is not known yet: as much as if all asked for the same.
  if (fresh) {
    part.rate = rate_ / static_cast<double>(consumers_.size());
    part.filled_nanos = now_nanos;
  }
  part.share = std::max<uint32_t>(claim.service_share, 1);
  ++part.asked;
  ++asked_;
  Fill(part, now_nanos);
  if (part.tokens >= 1) {
    part.tokens -= 1;
    return std::nullopt;
  }
  ++refused_;
  // In steps, so that few different hints are given out.
  const double times = asked_ / kWindowSeconds / rate_;
  return std::clamp(kRetryLeast * std::ceil(times), kRetryLeast, kRetryMost);
}

void Capacity::Arrived(int64_t waited_nanos, int64_t now_nanos) {
  arrived_.fetch_add(1, std::memory_order_relaxed);
  waited_nanos_.fetch_add(waited_nanos, std::memory_order_relaxed);
  TurnIfDue(now_nanos);
}

void Capacity::Recorded(int64_t took_nanos, int64_t now_nanos) {
  recorded_.fetch_add(1, std::memory_order_relaxed);
  took_nanos_.fetch_add(took_nanos, std::memory_order_relaxed);
  TurnIfDue(now_nanos);
}

std::optional<double> Capacity::limit() const {
  const core::MutexLock lock(mutex_);
  if (!limited_.load(std::memory_order_relaxed)) return std::nullopt;
  return rate_;
}

void Capacity::TurnIfDue(int64_t now_nanos) {
  if (now_nanos - window_began_nanos_.load(std::memory_order_relaxed) < kWindowNanos) return;
  const core::MutexLock lock(mutex_);
  if (now_nanos - window_began_nanos_.load(std::memory_order_relaxed) < kWindowNanos) return;
  Turn(now_nanos);
}

void Capacity::Turn(int64_t now_nanos) {
  const int64_t began = window_began_nanos_.exchange(now_nanos, std::memory_order_relaxed);
  const uint32_t recorded = recorded_.exchange(0, std::memory_order_relaxed);
  const int64_t took = took_nanos_.exchange(0, std::memory_order_relaxed);
  const uint32_t arrived = arrived_.exchange(0, std::memory_order_relaxed);
  const int64_t waited = waited_nanos_.exchange(0, std::memory_order_relaxed);
  if (began == 0) return;
  const double seconds = static_cast<double>(now_nanos - began) / 1e9;
  const bool limited = limited_.load(std::memory_order_relaxed);
  const double pace = recorded / seconds;
  pace_ = pace_ == 0 ? pace : pace_ + kPaceStep * (pace - pace_);
  best_ = std::max(best_ * kBestKept, pace_);
  const int64_t door = target_nanos_ / kDoorPart;
  const double over =
      std::max(TimesOver(took, recorded, limited ? target_nanos_ / kLimitedPart : target_nanos_),
               TimesOver(waited, arrived, door / (limited ? kDoorLimitedPart : 1)));
  slow_windows_ = over > 1 ? slow_windows_ + 1 : 0;
  if (settle_windows_ > 0) {
    --settle_windows_;
  } else if (slow_windows_ >= (limited ? kSlowWindowsLimited : kSlowWindows)) {
    Lower(1 / over);
  } else if (limited && slow_windows_ == 0 && refused_ > 0) {
    rate_ *= rate_ < kJustBelow * too_much_ ? kRaise : kRaiseSlowly;
  }
  calm_windows_ = refused_ == 0 ? calm_windows_ + 1 : 0;
  if (limited_.load(std::memory_order_relaxed) && calm_windows_ >= kCalmWindows) {
    SetLimited(false);
    consumers_.clear();
  }
  if (limited_.load(std::memory_order_relaxed)) Divide(seconds);
  asked_ = 0;
  refused_ = 0;
}

void Capacity::SetLimited(bool limited) {
  if (limited_.exchange(limited, std::memory_order_relaxed) == limited) return;
  if (on_change_) on_change_(limited);
}

void Capacity::Lower(double kept) {
  const bool limited = limited_.load(std::memory_order_relaxed);
  SetLimited(true);
  const double rate =
      std::max({pace_ * std::clamp(kept, kKeptLeast, kKeptMost), best_ * kFloor, kRateLeast});
  too_much_ = limited ? std::min(rate_, pace_) : pace_;
  rate_ = limited ? std::min(rate_, rate) : rate;
  calm_windows_ = 0;
  settle_windows_ = kSettleWindows;
}

void Capacity::Fill(Part& part, int64_t now_nanos) {
  if (now_nanos - part.filled_nanos < kPortionNanos) return;
  const double more = part.rate * static_cast<double>(now_nanos - part.filled_nanos) / 1e9;
  part.filled_nanos = now_nanos;
  // What is not used is kept for two windows, so that who asks seldom is not turned away.
  part.tokens =
      std::min(part.tokens + std::max(more, 0.0), std::max(1.0, 2 * part.rate * kWindowSeconds));
}

void Capacity::Divide(double seconds) {
  const auto asked_of = [](const Consumer& consumer) {
    double asked = 0;
    for (const auto& [name, part] : consumer.services) asked += part.asked;
    return asked;
  };
  std::vector<Demand> demands;
  for (const auto& [name, consumer] : consumers_) {
    demands.push_back({.share = static_cast<double>(consumer.share), .asked = asked_of(consumer)});
  }
  const double level = FairLevel(std::move(demands), rate_ * seconds);
  for (auto consumer = consumers_.begin(); consumer != consumers_.end();) {
    std::vector<Demand> of_services;
    for (const auto& [name, part] : consumer->second.services) {
      of_services.push_back(
          {.share = static_cast<double>(part.share), .asked = static_cast<double>(part.asked)});
    }
    const double its_level = FairLevel(std::move(of_services), level * consumer->second.share);
    auto& services = consumer->second.services;
    for (auto at = services.begin(); at != services.end();) {
      Part& part = at->second;
      // Never more than there is, whatever was asked in the window before.
      part.rate = std::min(its_level * part.share / seconds, rate_);
      part.idle_windows = part.asked == 0 ? part.idle_windows + 1 : 0;
      part.asked = 0;
      at = part.idle_windows > kIdleWindowsMax ? services.erase(at) : std::next(at);
    }
    consumer = services.empty() ? consumers_.erase(consumer) : std::next(consumer);
  }
}

}  // namespace ndx::broker
