// Counts of latencies in buckets whose width grows with the value: each value is known to one part
// in a thousand, from a nanosecond to an hour, in memory that does not grow. The layout is that of
// HdrHistogram.
//
//   0 … 2047             one bucket a value
//   2048 … 4095          1024 buckets of 2
//   4096 … 8191          1024 buckets of 4 …
//
// Thread-safety: thread-compatible. Units: nanoseconds.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace ndx::tools::loadgen {

class LatencyHistogram {
 public:
  // Larger values count as this one (a little over an hour).
  static constexpr int64_t kNanosMax = (int64_t{1} << 42) - 1;

  LatencyHistogram();

  // Negative values count as 0.
  void Record(int64_t nanos);

  // The least value that so great a share (0 to 1) of the values does not exceed, to the precision
  // of its bucket and never above the largest value recorded. 0 where nothing was recorded.
  int64_t Quantile(double share) const;

  uint64_t count() const { return count_; }
  int64_t max() const { return max_; }
  double MeanNanos() const;

 private:
  std::vector<uint64_t> counts_;
  uint64_t count_ = 0;
  int64_t max_ = 0;
  double sum_ = 0;
};

}  // namespace ndx::tools::loadgen
