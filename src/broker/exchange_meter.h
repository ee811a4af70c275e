// Metrics and log lines of exchanges that ended.
//
//   ndx_exchanges_total{method,outcome,reason}    exchanges
//   ndx_exchange_duration_seconds{method}         first byte in to answer out
//   ndx_exchange_provider_seconds{method}         at the provider, the network included
//   ndx_exchange_waiting_seconds{method}          for a place at the provider, of those that waited
//   ndx_exchange_added_seconds{method}            what the bus adds: the first less the second
//   ndx_exchange_field_warnings_total{method}     request fields that break a rule that only warns
//   ndx_shadow_decisions_total{grant,reason}      exchanges of which a grant in shadow mode would
//                                                 have decided otherwise; reason: why it would have
//                                                 refused, empty where it would have allowed
//
// Thread-safety: one per event loop; the metrics behind it are shared.
#pragma once

#include <string>

#include "absl/container/flat_hash_map.h"
#include "ndx/broker/exchange.h"
#include "ndx/telemetry/log.h"
#include "ndx/telemetry/metric_registry.h"

namespace ndx::broker {

// The families, made once for a node.
struct ExchangeMetrics {
  explicit ExchangeMetrics(telemetry::MetricRegistry& registry);

  telemetry::MetricFamily<telemetry::Counter>& exchanges;
  telemetry::MetricFamily<telemetry::Histogram>& duration;
  telemetry::MetricFamily<telemetry::Histogram>& provider;
  telemetry::MetricFamily<telemetry::Histogram>& waiting;
  telemetry::MetricFamily<telemetry::Histogram>& added;
  telemetry::MetricFamily<telemetry::Counter>& field_warnings;
  telemetry::MetricFamily<telemetry::Counter>& shadow_decisions;
};

absl::string_view OutcomeName(Outcome outcome);

class ExchangeMeter {
 public:
  ExchangeMeter(const core::Clock& clock, ExchangeMetrics& metrics, telemetry::Log& log)
      : clock_(clock), metrics_(metrics), log_(log) {}

  void Ended(const Exchange& x);

 private:
  struct MethodMetrics {
    telemetry::Counter* answered;
    telemetry::Histogram* duration;
    telemetry::Histogram* provider;
    telemetry::Histogram* waiting;
    telemetry::Histogram* added;
  };

  MethodMetrics& MetricsOf(const std::string& method);
  void WriteLog(const Exchange& x, const std::string& reason);

  const core::Clock& clock_;
  ExchangeMetrics& metrics_;
  telemetry::Log& log_;
  absl::flat_hash_map<std::string, MethodMetrics> methods_;
};

}  // namespace ndx::broker
