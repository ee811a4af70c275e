#include "ndx/tools/loadgen/latency_histogram.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <vector>

namespace ndx::tools::loadgen {
namespace {

TEST_CASE("histogram: nothing recorded is 0 everywhere") {
  const LatencyHistogram histogram;
  CHECK(histogram.count() == 0);
  CHECK(histogram.Quantile(0.5) == 0);
  CHECK(histogram.max() == 0);
  CHECK(histogram.MeanNanos() == 0);
}

TEST_CASE("histogram: one value is every quantile") {
  const int64_t value =
      GENERATE(0, 1, 2047, 2048, 2049, 4095, 4096, 123'456'789, 3'600'000'000'000);
  LatencyHistogram histogram;
  histogram.Record(value);
  for (const double share : {0.0, 0.5, 0.999, 1.0}) CHECK(histogram.Quantile(share) == value);
  CHECK(histogram.max() == value);
  CHECK(histogram.MeanNanos() == Approx(static_cast<double>(value)));
}

TEST_CASE("histogram: quantiles are those of the sorted values, to one part in a thousand") {
  LatencyHistogram histogram;
  std::vector<int64_t> values;
  uint64_t state = 1;
  for (int i = 0; i < 20'000; ++i) {
    state = state * 6364136223846793005ULL + 1442695040888963407ULL;
    // From nanoseconds to minutes, every size as often.
    values.push_back(static_cast<int64_t>(std::exp2(static_cast<double>(state >> 40) / 450'000.0)));
    histogram.Record(values.back());
  }
  std::sort(values.begin(), values.end());
  for (const double share : {0.001, 0.1, 0.5, 0.9, 0.99, 0.999, 1.0}) {
    const auto rank = static_cast<size_t>(std::ceil(share * static_cast<double>(values.size())));
    const auto exact = static_cast<double>(values[rank - 1]);
    const auto found = static_cast<double>(histogram.Quantile(share));
    CHECK(found >= exact);
    CHECK(found <= exact * 1.001 + 1);
  }
  CHECK(histogram.max() == values.back());
}

TEST_CASE("histogram: a quantile counts the values at or below it") {
  LatencyHistogram histogram;
  for (int i = 0; i < 999; ++i) histogram.Record(100);
  histogram.Record(1'000'000);
  CHECK(histogram.Quantile(0.99) == 100);
  CHECK(histogram.Quantile(0.999) == 100);
  CHECK(histogram.Quantile(0.9991) == 1'000'000);
}

TEST_CASE("histogram: values out of range count at its ends") {
  LatencyHistogram histogram;
  histogram.Record(-5);
  CHECK(histogram.Quantile(1) == 0);
  histogram.Record(LatencyHistogram::kNanosMax);
  CHECK(histogram.Quantile(1) == LatencyHistogram::kNanosMax);
  histogram.Record(LatencyHistogram::kNanosMax + 1);
  CHECK(histogram.max() == LatencyHistogram::kNanosMax);
  CHECK(histogram.count() == 3);
}

}  // namespace
}  // namespace ndx::tools::loadgen
