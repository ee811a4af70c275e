#include "ndx/telemetry/metric.h"

#include <catch2/catch.hpp>
#include <thread>
#include <vector>

namespace ndx::telemetry {
namespace {

TEST_CASE("a counter sums what many threads add, more threads than shards") {
  Counter counter;
  std::vector<std::thread> threads;
  for (size_t i = 0; i < kMetricShards + 3; ++i) {
    threads.emplace_back([&counter] {
      for (int n = 0; n < 1000; ++n) counter.Add();
      counter.Add(5);
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(counter.value() == (kMetricShards + 3) * 1005);
}

TEST_CASE("a gauge goes up and down") {
  Gauge gauge;
  gauge.Set(7);
  gauge.Add(-9);
  CHECK(gauge.value() == -2);
}

TEST_CASE("a histogram puts a value equal to a bound below it, and one past it above") {
  Histogram histogram({.upper = {10, 20}});
  for (const uint64_t value : {0U, 10U, 11U, 20U, 21U, 1000U}) histogram.Observe(value);
  const auto snapshot = histogram.Read();
  CHECK(snapshot.counts == std::vector<uint64_t>{2, 2, 2});
  CHECK(snapshot.sum == 1062);
}

TEST_CASE("a histogram sums what several threads observe") {
  Histogram histogram(HistogramBounds::Latency());
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&histogram] {
      for (uint64_t n = 0; n < 500; ++n) histogram.Observe(n * 100);
    });
  }
  for (std::thread& thread : threads) thread.join();
  const auto snapshot = histogram.Read();
  uint64_t observations = 0;
  for (const uint64_t count : snapshot.counts) observations += count;
  CHECK(observations == 2000);
  CHECK(snapshot.sum == 4 * 100 * (499 * 500 / 2));
}

TEST_CASE("a negative duration is observed as zero, others in microseconds") {
  Histogram histogram(HistogramBounds::Latency());
  histogram.ObserveDuration(absl::Seconds(-1));
  histogram.ObserveDuration(absl::Milliseconds(3));
  CHECK(histogram.Read().sum == 3000);
  CHECK(histogram.Read().counts[0] == 1);
}

}  // namespace
}  // namespace ndx::telemetry
