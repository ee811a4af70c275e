#include "ndx/telemetry/metric_registry.h"

#include <catch2/catch.hpp>
#include <string>

namespace ndx::telemetry {
namespace {

using Catch::Contains;

TEST_CASE("a scrape shows every kind of measurement in the text format of Prometheus") {
  MetricRegistry metrics;
  auto& outcomes = metrics.AddCounters(
      {.name = "ndx_exchanges_total", .help = "Exchanges.", .label_names = {"outcome", "effect"}});
  outcomes.With({"answered", "read"}).Add(3);
  outcomes.With({"refused", "change"}).Add();
  metrics.AddGauge("ndx_in_flight", "In flight.").Set(12);
  auto& latency = metrics.AddHistogram("ndx_latency_seconds", "Latency.",
                                       {.upper = {1'000, 1'000'000}, .unit = 1e-6});
  latency.Observe(500);
  latency.Observe(2'000'000);
  metrics.AddSource(MetricRegistry::SourceKind::kCounter, "ndx_leaves_total", "Leaves.",
                    [] { return 42.0; });
  const std::string text = metrics.Exposition();
  INFO(text);
  CHECK_THAT(text, Contains("# TYPE ndx_exchanges_total counter"));
  CHECK_THAT(text, Contains("ndx_exchanges_total{outcome=\"answered\",effect=\"read\"} 3"));
  CHECK_THAT(text, Contains("ndx_exchanges_total{outcome=\"refused\",effect=\"change\"} 1"));
  CHECK_THAT(text, Contains("ndx_in_flight 12"));
  CHECK_THAT(text, Contains("ndx_latency_seconds_bucket{le=\"0.001\"} 1"));
  CHECK_THAT(text, Contains("ndx_latency_seconds_bucket{le=\"1\"} 1"));
  CHECK_THAT(text, Contains("ndx_latency_seconds_bucket{le=\"+Inf\"} 2"));
  CHECK_THAT(text, Contains("ndx_latency_seconds_count 2"));
  CHECK_THAT(text, Contains("ndx_latency_seconds_sum 2.0005"));
  CHECK_THAT(text, Contains("# TYPE ndx_leaves_total counter\nndx_leaves_total 42"));
}

TEST_CASE("bounds of latencies are exposed in seconds as people write them") {
  MetricRegistry metrics;
  metrics.AddHistogram("a_seconds", "A.", HistogramBounds::Latency()).Observe(1);
  const std::string text = metrics.Exposition();
  for (const char* bound : {"0.0001", "0.00025", "0.001", "0.0025", "0.1", "0.25", "1", "30"}) {
    INFO(bound);
    CHECK_THAT(text, Contains(std::string("a_seconds_bucket{le=\"") + bound + "\"} 1\n"));
  }
}

TEST_CASE("the same labels are the same series") {
  MetricRegistry metrics;
  auto& family = metrics.AddCounters({.name = "a_total", .help = "A.", .label_names = {"x"}});
  CHECK(&family.With({"1"}) == &family.With({"1"}));
  CHECK(&family.With({"1"}) != &family.With({"2"}));
}

TEST_CASE("one label set past the limit counts under \"other\", and so do all after it") {
  MetricRegistry metrics;
  auto& family =
      metrics.AddCounters({.name = "a_total", .help = "A.", .label_names = {"x"}, .series_max = 2});
  Counter& first = family.With({"1"});
  family.With({"2"});
  Counter& third = family.With({"3"});
  CHECK(&family.With({"4"}) == &third);
  CHECK(&family.With({"1"}) == &first);
  third.Add();
  CHECK_THAT(metrics.Exposition(), Contains("a_total{x=\"other\"} 1"));
}

TEST_CASE("a label value is cut at its limit and quoted where it must be") {
  MetricRegistry metrics;
  auto& family = metrics.AddCounters({.name = "a_total", .help = "A.", .label_names = {"x"}});
  const std::string at_limit(kMetricLabelBytesMax, 'v');
  CHECK(&family.With({at_limit}) == &family.With({at_limit + "w"}));
  family.With({"a\"b\nc"}).Add();
  CHECK_THAT(metrics.Exposition(), Contains("a_total{x=\"a\\\"b\\nc\"} 1"));
}

}  // namespace
}  // namespace ndx::telemetry
