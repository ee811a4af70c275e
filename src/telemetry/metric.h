// The three kinds of measurement, as handles: resolved once, then updated from any thread without a
// lock, a lookup or an allocation.
//
// Counters and histograms are sharded: each thread adds to a cache line of its own, and a scrape
// sums them. A scrape that runs beside updates sees each of them or not; it never sees one in part.
//
// Thread-safety: thread-safe. Ownership: a MetricRegistry owns every handle; references stay valid
// as long as the registry. Cost: one relaxed atomic addition (two for a histogram).
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "absl/time/time.h"

namespace ndx::telemetry {

// More threads than shards share them in turn, which costs speed and not correctness.
inline constexpr size_t kMetricShards = 16;
inline constexpr size_t kMetricCacheLineBytes = 64;

namespace internal {
// Shards are handed to threads in the order in which they first count something.
size_t NextMetricShard();
inline size_t MetricShardOfThisThread() {
  thread_local const size_t shard = NextMetricShard();
  return shard;
}
}  // namespace internal

// Only grows.
class Counter {
 public:
  Counter() = default;
  Counter(const Counter&) = delete;
  Counter& operator=(const Counter&) = delete;

  void Add(uint64_t by = 1) {
    cells_[internal::MetricShardOfThisThread()].value.fetch_add(by, std::memory_order_relaxed);
  }
  uint64_t value() const;

 private:
  struct alignas(kMetricCacheLineBytes) Cell {
    std::atomic<uint64_t> value{0};
  };
  std::array<Cell, kMetricShards> cells_;
};

// Goes up and down. One atomic: a gauge that every exchange moves belongs to one loop each, under a
// label, or is read at scrape time (MetricRegistry::AddGaugeSource).
class Gauge {
 public:
  Gauge() = default;
  Gauge(const Gauge&) = delete;
  Gauge& operator=(const Gauge&) = delete;

  void Set(int64_t value) { value_.store(value, std::memory_order_relaxed); }
  void Add(int64_t by) { value_.fetch_add(by, std::memory_order_relaxed); }
  int64_t value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<int64_t> value_{0};
};

// Upper bounds of a histogram's buckets, in its integer unit, and what one unit is in the unit of
// exposition (seconds, bytes).
struct HistogramBounds {
  std::vector<uint64_t> upper;  // strictly increasing, 1 to kBucketsMax entries
  double unit = 1.0;

  static constexpr size_t kBucketsMax = 30;

  // 100 microseconds to 30 seconds, observed in microseconds, exposed in seconds.
  static HistogramBounds Latency();
  // 256 bytes to 64 MiB, observed and exposed in bytes.
  static HistogramBounds Size();
};

// Distribution of integer observations.
class Histogram {
 public:
  explicit Histogram(const HistogramBounds& bounds);
  Histogram(const Histogram&) = delete;
  Histogram& operator=(const Histogram&) = delete;

  // value is in the integer unit of the bounds.
  void Observe(uint64_t value);
  // For histograms in microseconds; a negative duration counts as zero.
  void ObserveDuration(absl::Duration duration);

  struct Snapshot {
    std::vector<uint64_t> counts;  // one per bound, then the rest; not cumulative
    uint64_t sum = 0;
  };
  Snapshot Read() const;
  const HistogramBounds& bounds() const { return bounds_; }

 private:
  const HistogramBounds bounds_;
  const size_t stride_;  // cells of a shard: buckets, the rest, the sum; rounded to a cache line
  std::vector<std::atomic<uint64_t>> cells_;
};

}  // namespace ndx::telemetry
