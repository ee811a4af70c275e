#include "ndx/telemetry/metric_registry.h"

#include <prometheus/check_names.h>
#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>

#include <algorithm>
#include <limits>

#include "ndx/core/status_macros.h"

namespace ndx::telemetry {
namespace {

constexpr absl::string_view kOverflowLabel = "other";

using Labels = std::vector<std::string>;

prometheus::ClientMetric WithLabels(const MetricDescription& description, const Labels& values) {
  prometheus::ClientMetric metric;
  for (size_t i = 0; i < values.size(); ++i) {
    metric.label.push_back({description.label_names[i], values[i]});
  }
  return metric;
}

prometheus::MetricFamily Described(const MetricDescription& description,
                                   prometheus::MetricType type) {
  return {.name = description.name, .help = description.help, .type = type};
}

prometheus::MetricFamily Collect(const MetricFamily<Counter>& family) {
  auto out = Described(family.description(), prometheus::MetricType::Counter);
  family.ForEach([&](const Labels& labels, const Counter& counter) {
    auto metric = WithLabels(family.description(), labels);
    metric.counter.value = static_cast<double>(counter.value());
    out.metric.push_back(std::move(metric));
  });
  return out;
}

prometheus::MetricFamily Collect(const MetricFamily<Gauge>& family) {
  auto out = Described(family.description(), prometheus::MetricType::Gauge);
  family.ForEach([&](const Labels& labels, const Gauge& gauge) {
    auto metric = WithLabels(family.description(), labels);
    metric.gauge.value = static_cast<double>(gauge.value());
    out.metric.push_back(std::move(metric));
  });
  return out;
}

prometheus::ClientMetric::Histogram Cumulative(const Histogram& histogram) {
  const Histogram::Snapshot snapshot = histogram.Read();
  const HistogramBounds& bounds = histogram.bounds();
  prometheus::ClientMetric::Histogram out;
  uint64_t below = 0;
  for (size_t i = 0; i < snapshot.counts.size(); ++i) {
    below += snapshot.counts[i];
    // Divided, not multiplied: 100 µs is then 0.0001 and not 9.999999999999999e-05.
    const double upper = i < bounds.upper.size()
                             ? static_cast<double>(bounds.upper[i]) / (1.0 / bounds.unit)
                             : std::numeric_limits<double>::infinity();
    out.bucket.push_back({.cumulative_count = below, .upper_bound = upper});
  }
  out.sample_count = below;
  out.sample_sum = static_cast<double>(snapshot.sum) * bounds.unit;
  return out;
}

prometheus::MetricFamily Collect(const MetricFamily<Histogram>& family) {
  auto out = Described(family.description(), prometheus::MetricType::Histogram);
  family.ForEach([&](const Labels& labels, const Histogram& histogram) {
    auto metric = WithLabels(family.description(), labels);
    metric.histogram = Cumulative(histogram);
    out.metric.push_back(std::move(metric));
  });
  return out;
}

}  // namespace

template <typename Metric>
Metric& MetricFamily<Metric>::With(Labels values) {
  NDX_CHECK(values.size() == description_.label_names.size());
  for (std::string& value : values) {
    if (value.size() > kMetricLabelBytesMax) value.resize(kMetricLabelBytesMax);
  }
  core::MutexLock lock(mutex_);
  auto found = series_.find(values);
  if (found == series_.end() && series_.size() >= description_.series_max) {
    values.assign(values.size(), std::string(kOverflowLabel));
    found = series_.find(values);
  }
  if (found == series_.end()) found = series_.emplace(std::move(values), make_()).first;
  return *found->second;
}

template <typename Metric>
void MetricFamily<Metric>::ForEach(
    const std::function<void(const Labels&, const Metric&)>& visit) const {
  core::MutexLock lock(mutex_);
  for (const auto& [labels, metric] : series_) visit(labels, *metric);
}

template class MetricFamily<Counter>;
template class MetricFamily<Gauge>;
template class MetricFamily<Histogram>;

struct MetricRegistry::Source {
  MetricDescription description;
  SourceKind kind;
  std::function<double()> read;
};

MetricRegistry::MetricRegistry() = default;
MetricRegistry::~MetricRegistry() = default;

void MetricRegistry::ClaimName(const MetricDescription& description) {
  NDX_CHECK(prometheus::CheckMetricName(description.name));
  for (const std::string& label : description.label_names) {
    NDX_CHECK(prometheus::CheckLabelName(label));
  }
  NDX_CHECK(std::find(names_.begin(), names_.end(), description.name) == names_.end());
  names_.push_back(description.name);
}

MetricFamily<Counter>& MetricRegistry::AddCounters(MetricDescription description) {
  core::MutexLock lock(mutex_);
  ClaimName(description);
  counters_.push_back(std::make_unique<MetricFamily<Counter>>(
      std::move(description), [] { return std::make_unique<Counter>(); }));
  return *counters_.back();
}

MetricFamily<Gauge>& MetricRegistry::AddGauges(MetricDescription description) {
  core::MutexLock lock(mutex_);
  ClaimName(description);
  gauges_.push_back(std::make_unique<MetricFamily<Gauge>>(
      std::move(description), [] { return std::make_unique<Gauge>(); }));
  return *gauges_.back();
}

MetricFamily<Histogram>& MetricRegistry::AddHistograms(MetricDescription description,
                                                       HistogramBounds bounds) {
  core::MutexLock lock(mutex_);
  ClaimName(description);
  histograms_.push_back(std::make_unique<MetricFamily<Histogram>>(
      std::move(description),
      [bounds = std::move(bounds)] { return std::make_unique<Histogram>(bounds); }));
  return *histograms_.back();
}

Counter& MetricRegistry::AddCounter(absl::string_view name, absl::string_view help) {
  return AddCounters({.name = std::string(name), .help = std::string(help)}).With({});
}

Gauge& MetricRegistry::AddGauge(absl::string_view name, absl::string_view help) {
  return AddGauges({.name = std::string(name), .help = std::string(help)}).With({});
}

Histogram& MetricRegistry::AddHistogram(absl::string_view name, absl::string_view help,
                                        HistogramBounds bounds) {
  return AddHistograms({.name = std::string(name), .help = std::string(help)}, std::move(bounds))
      .With({});
}

void MetricRegistry::AddSource(SourceKind kind, absl::string_view name, absl::string_view help,
                               std::function<double()> read) {
  core::MutexLock lock(mutex_);
  auto source = std::make_unique<Source>();
  source->description = {.name = std::string(name), .help = std::string(help)};
  source->kind = kind;
  source->read = std::move(read);
  ClaimName(source->description);
  sources_.push_back(std::move(source));
}

std::string MetricRegistry::Exposition() const {
  std::vector<prometheus::MetricFamily> families;
  core::MutexLock lock(mutex_);
  for (const auto& family : counters_) families.push_back(Collect(*family));
  for (const auto& family : gauges_) families.push_back(Collect(*family));
  for (const auto& family : histograms_) families.push_back(Collect(*family));
  for (const auto& source : sources_) {
    const bool counter = source->kind == SourceKind::kCounter;
    auto family = Described(source->description, counter ? prometheus::MetricType::Counter
                                                         : prometheus::MetricType::Gauge);
    prometheus::ClientMetric metric;
    (counter ? metric.counter.value : metric.gauge.value) = source->read();
    family.metric.push_back(std::move(metric));
    families.push_back(std::move(family));
  }
  return prometheus::TextSerializer().Serialize(families);
}

}  // namespace ndx::telemetry
