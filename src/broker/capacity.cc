#include "ndx/broker/capacity.h"

#include <algorithm>
#include <limits>
#include <utility>
#include <vector>

namespace ndx::broker {
namespace {

constexpr int64_t kWindowNanos = 100'000'000;
constexpr double kWindowSeconds = kWindowNanos / 1e9;
// With fewer than these a window does not tell of overload.
constexpr uint32_t kRecordedLeast = 5;
// So many windows in a row: one synced write that takes long is no overload.
constexpr uint32_t kSlowWindows = 3;
// Once it is limited the node aims at this part of the target: what comes beyond its capacity is
// refused anyway, and is refused sooner the shorter the backlog.
constexpr int64_t kLimitedPart = 4;
// Part of what was finished that is taken on at most while overloaded, and at least.
constexpr double kKeptMost = 0.9;
constexpr double kKeptLeast = 0.5;
// How fast the rate rises from window to window: up to just below where it was too much last, and
// from there on.
constexpr double kRaise = 1.04;
constexpr double kRaiseSlowly = 1.01;
constexpr double kJustBelow = 0.95;
constexpr double kRateLeast = 20;  // exchanges a second
constexpr uint32_t kCalmWindows = 10;
constexpr uint32_t kIdleWindowsMax = 20;
constexpr absl::Duration kRetryLeast = absl::Milliseconds(200);
constexpr absl::Duration kRetryMost = absl::Seconds(5);

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

Capacity::Capacity(const CapacityOptions& options)
    : target_nanos_(absl::ToInt64Nanoseconds(options.record_time_target)) {}

std::optional<absl::Duration> Capacity::Take(const Claim& claim, int64_t now_nanos) {
  TurnIfDue(now_nanos);
  if (!limited_.load(std::memory_order_relaxed)) return std::nullopt;
  const core::MutexLock lock(mutex_);
  Consumer& consumer = consumers_[claim.consumer];
  consumer.share = std::max<uint32_t>(claim.consumer_share, 1);
  const auto [at, fresh] = consumer.services.try_emplace(claim.service);
  Part& part = at->second;
  // What it asks for is not known yet: as much as if all asked for the same.
  if (fresh)
    part.tokens = std::max(1.0, rate_ * kWindowSeconds / static_cast<double>(consumers_.size()));
  part.share = std::max<uint32_t>(claim.service_share, 1);
  ++part.asked;
  ++asked_;
  if (part.tokens >= 1) {
    part.tokens -= 1;
    return std::nullopt;
  }
  ++refused_;
  const double times = asked_ / kWindowSeconds / rate_;
  return std::clamp(kRetryLeast * times, kRetryLeast, kRetryMost);
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
  if (began == 0) return;
  const double seconds = static_cast<double>(now_nanos - began) / 1e9;
  const bool limited = limited_.load(std::memory_order_relaxed);
  const int64_t aim = limited ? target_nanos_ / kLimitedPart : target_nanos_;
  const int64_t mean = recorded == 0 ? 0 : took / recorded;
  const bool slow = recorded >= kRecordedLeast && mean > aim;
  slow_windows_ = slow ? slow_windows_ + 1 : 0;
  if (slow_windows_ >= (limited ? 1 : kSlowWindows)) {
    Lower(recorded / seconds, static_cast<double>(aim) / static_cast<double>(mean));
  } else if (limited && refused_ > 0) {
    rate_ *= rate_ < kJustBelow * too_much_ ? kRaise : kRaiseSlowly;
  }
  calm_windows_ = refused_ == 0 ? calm_windows_ + 1 : 0;
  if (limited_.load(std::memory_order_relaxed) && calm_windows_ >= kCalmWindows) {
    limited_.store(false, std::memory_order_relaxed);
    consumers_.clear();
  }
  if (limited_.load(std::memory_order_relaxed)) Divide(seconds);
  asked_ = 0;
  refused_ = 0;
}

void Capacity::Lower(double finished_per_second, double kept) {
  const bool limited = limited_.exchange(true, std::memory_order_relaxed);
  if (!limited) least_ = std::max(finished_per_second * kKeptLeast, kRateLeast);
  const double rate =
      std::max(finished_per_second * std::clamp(kept, kKeptLeast, kKeptMost), least_);
  too_much_ = limited ? std::min(rate_, finished_per_second) : finished_per_second;
  rate_ = limited ? std::min(rate_, rate) : rate;
  calm_windows_ = 0;
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
      const double more = its_level * part.share;
      // What is not used is kept for one window, so that who asks seldom is not turned away.
      part.tokens = std::min(part.tokens + more, std::max(1.0, 2 * more));
      part.idle_windows = part.asked == 0 ? part.idle_windows + 1 : 0;
      part.asked = 0;
      at = part.idle_windows > kIdleWindowsMax ? services.erase(at) : std::next(at);
    }
    consumer = services.empty() ? consumers_.erase(consumer) : std::next(consumer);
  }
}

}  // namespace ndx::broker
