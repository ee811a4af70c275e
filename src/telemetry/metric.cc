#include "ndx/telemetry/metric.h"

#include <algorithm>

#include "ndx/core/status_macros.h"

namespace ndx::telemetry {
namespace {

constexpr size_t kCellsPerLine = kMetricCacheLineBytes / sizeof(uint64_t);

size_t RoundToLine(size_t cells) {
  return (cells + kCellsPerLine - 1) / kCellsPerLine * kCellsPerLine;
}

}  // namespace

namespace internal {

size_t NextMetricShard() {
  static std::atomic<size_t> next{0};
  return next.fetch_add(1, std::memory_order_relaxed) % kMetricShards;
}

}  // namespace internal

uint64_t Counter::value() const {
  uint64_t sum = 0;
  for (const Cell& cell : cells_) sum += cell.value.load(std::memory_order_relaxed);
  return sum;
}

HistogramBounds HistogramBounds::Latency() {
  return {.upper = {100, 250, 500, 1'000, 2'500, 5'000, 10'000, 25'000, 50'000, 100'000, 250'000,
                    500'000, 1'000'000, 2'500'000, 5'000'000, 10'000'000, 30'000'000},
          .unit = 1e-6};
}

HistogramBounds HistogramBounds::Size() {
  return {.upper = {1 << 8, 1 << 10, 1 << 12, 1 << 14, 1 << 16, 1 << 18, 1 << 20, 1 << 22, 1 << 24,
                    1 << 26},
          .unit = 1.0};
}

Histogram::Histogram(const HistogramBounds& bounds)
    : bounds_(bounds),
      stride_(RoundToLine(bounds.upper.size() + 2)),
      cells_(stride_ * kMetricShards) {
  const auto& upper = bounds_.upper;
  NDX_CHECK(!upper.empty() && upper.size() <= HistogramBounds::kBucketsMax);
  NDX_CHECK(std::adjacent_find(upper.begin(), upper.end(), std::greater_equal<>()) == upper.end());
}

void Histogram::Observe(uint64_t value) {
  const auto& upper = bounds_.upper;
  const auto bucket = static_cast<size_t>(
      std::distance(upper.begin(), std::lower_bound(upper.begin(), upper.end(), value)));
  std::atomic<uint64_t>* const shard =
      cells_.data() + internal::MetricShardOfThisThread() * stride_;
  shard[bucket].fetch_add(1, std::memory_order_relaxed);
  shard[upper.size() + 1].fetch_add(value, std::memory_order_relaxed);
}

void Histogram::ObserveDuration(absl::Duration duration) {
  Observe(static_cast<uint64_t>(std::max(int64_t{0}, absl::ToInt64Microseconds(duration))));
}

Histogram::Snapshot Histogram::Read() const {
  const size_t buckets = bounds_.upper.size() + 1;
  Snapshot snapshot{.counts = std::vector<uint64_t>(buckets, 0)};
  for (size_t shard = 0; shard < kMetricShards; ++shard) {
    const std::atomic<uint64_t>* const cells = cells_.data() + shard * stride_;
    for (size_t i = 0; i < buckets; ++i) {
      snapshot.counts[i] += cells[i].load(std::memory_order_relaxed);
    }
    snapshot.sum += cells[buckets].load(std::memory_order_relaxed);
  }
  return snapshot;
}

}  // namespace ndx::telemetry
