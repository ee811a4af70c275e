#include "ndx/tools/loadgen/latency_histogram.h"

#include <algorithm>
#include <bit>
#include <cmath>

namespace ndx::tools::loadgen {
namespace {

// Values below 2^kExactBits have a bucket each; every doubling above has half as many.
constexpr int kExactBits = 11;
constexpr size_t kHalf = size_t{1} << (kExactBits - 1);

size_t BucketOf(int64_t nanos) {
  const auto value = static_cast<uint64_t>(nanos);
  const int shift = std::max(0, static_cast<int>(std::bit_width(value)) - kExactBits);
  return static_cast<size_t>(shift) * kHalf + static_cast<size_t>(value >> shift);
}

// The largest value that falls into the bucket.
int64_t BucketEnd(size_t bucket) {
  const size_t shift = bucket < 2 * kHalf ? 0 : bucket / kHalf - 1;
  const uint64_t begin = (bucket - shift * kHalf) << shift;
  return static_cast<int64_t>(begin + (uint64_t{1} << shift) - 1);
}

}  // namespace

LatencyHistogram::LatencyHistogram() : counts_(BucketOf(kNanosMax) + 1) {}

void LatencyHistogram::Record(int64_t nanos) {
  nanos = std::clamp<int64_t>(nanos, 0, kNanosMax);
  ++counts_[BucketOf(nanos)];
  ++count_;
  max_ = std::max(max_, nanos);
  sum_ += static_cast<double>(nanos);
}

int64_t LatencyHistogram::Quantile(double share) const {
  const double wanted = std::ceil(std::clamp(share, 0.0, 1.0) * static_cast<double>(count_));
  const uint64_t rank = std::max<uint64_t>(1, static_cast<uint64_t>(wanted));
  uint64_t seen = 0;
  for (size_t bucket = 0; bucket < counts_.size(); ++bucket) {
    seen += counts_[bucket];
    if (seen >= rank) return std::min(BucketEnd(bucket), max_);
  }
  return 0;
}

double LatencyHistogram::MeanNanos() const {
  return count_ == 0 ? 0 : sum_ / static_cast<double>(count_);
}

}  // namespace ndx::tools::loadgen
