// All measurements of a process, by name, and their text for Prometheus.
//
//   MetricRegistry metrics;
//   auto& outcomes = metrics.AddCounters({.name = "ndx_exchanges_total",
//                                         .help = "Exchanges by outcome.",
//                                         .label_names = {"outcome"}});
//   Counter& answered = outcomes.With({"answered"});  // once, at start or when routes are built
//   answered.Add();                                   // on the way of every exchange
//
// A family holds at most series_max label sets. The next one gets the series whose labels are all
// "other", so that no caller can make the node's memory or a scrape grow. Label values come from
// configuration or from enums, never from a request, and never hold personal data.
//
// Thread-safety: thread-safe; With() takes a lock, the handles do not.
// Ownership: the registry owns families and handles, which stay valid as long as it.
// Errors: a name that is malformed or used twice is the program's own bug (NDX_CHECK).
// Format: Prometheus text exposition 0.0.4.
#pragma once

#include <functional>
#include <initializer_list>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/strings/string_view.h"
#include "ndx/core/mutex.h"
#include "ndx/telemetry/metric.h"

namespace ndx::telemetry {

// Label sets of one family, unless its description says otherwise.
inline constexpr size_t kMetricSeriesMaxDefault = 1000;
// Bytes of one label value; longer ones are cut.
inline constexpr size_t kMetricLabelBytesMax = 200;

// What a family measures.
struct MetricDescription {
  std::string name;
  std::string help;
  std::vector<std::string> label_names;
  size_t series_max = kMetricSeriesMaxDefault;
};

// Measurements of one name that differ in their labels.
template <typename Metric>
class MetricFamily {
 public:
  using Labels = std::vector<std::string>;

  MetricFamily(MetricDescription description, std::function<std::unique_ptr<Metric>()> make)
      : description_(std::move(description)), make_(std::move(make)) {}
  MetricFamily(const MetricFamily&) = delete;
  MetricFamily& operator=(const MetricFamily&) = delete;

  // The series with these label values, in the order of label_names; made when it is new.
  Metric& With(std::initializer_list<absl::string_view> values) {
    return With(Labels(values.begin(), values.end()));
  }
  Metric& With(Labels values);

  const MetricDescription& description() const { return description_; }

  // Calls visit(labels, metric) for every series, in the order of their labels.
  void ForEach(const std::function<void(const Labels&, const Metric&)>& visit) const;

 private:
  const MetricDescription description_;
  const std::function<std::unique_ptr<Metric>()> make_;
  mutable core::Mutex mutex_;
  std::map<Labels, std::unique_ptr<Metric>> series_ ABSL_GUARDED_BY(mutex_);
};

extern template class MetricFamily<Counter>;
extern template class MetricFamily<Gauge>;
extern template class MetricFamily<Histogram>;

class MetricRegistry {
 public:
  MetricRegistry();
  ~MetricRegistry();
  MetricRegistry(const MetricRegistry&) = delete;
  MetricRegistry& operator=(const MetricRegistry&) = delete;

  MetricFamily<Counter>& AddCounters(MetricDescription description);
  MetricFamily<Gauge>& AddGauges(MetricDescription description);
  MetricFamily<Histogram>& AddHistograms(MetricDescription description, HistogramBounds bounds);

  // The same for a measurement without labels.
  Counter& AddCounter(absl::string_view name, absl::string_view help);
  Gauge& AddGauge(absl::string_view name, absl::string_view help);
  Histogram& AddHistogram(absl::string_view name, absl::string_view help, HistogramBounds bounds);

  // A gauge, or with kCounter a counter, that is asked for at each scrape, on the scraping thread.
  // What read refers to must outlive the last Exposition() call.
  enum class SourceKind { kGauge, kCounter };
  void AddSource(SourceKind kind, absl::string_view name, absl::string_view help,
                 std::function<double()> read);

  // The text of a scrape.
  std::string Exposition() const;

  // Content type of that text.
  static absl::string_view ExpositionContentType() { return "text/plain; version=0.0.4"; }

 private:
  struct Source;
  void ClaimName(const MetricDescription& description) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  mutable core::Mutex mutex_;
  std::vector<std::string> names_ ABSL_GUARDED_BY(mutex_);
  std::vector<std::unique_ptr<MetricFamily<Counter>>> counters_ ABSL_GUARDED_BY(mutex_);
  std::vector<std::unique_ptr<MetricFamily<Gauge>>> gauges_ ABSL_GUARDED_BY(mutex_);
  std::vector<std::unique_ptr<MetricFamily<Histogram>>> histograms_ ABSL_GUARDED_BY(mutex_);
  std::vector<std::unique_ptr<Source>> sources_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace ndx::telemetry
