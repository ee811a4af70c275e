#include "ndx/broker/exchange_meter.h"

#include "ndx/dispatch/failure_reason.h"

namespace ndx::broker {
namespace {

// Paths that no registered method has share one label: callers choose them.
constexpr char kUnknownMethod[] = "unknown";

telemetry::LogEvent EventOf(Outcome outcome) {
  switch (outcome) {
    case Outcome::kAnswered:
      return telemetry::LogEvent::kExchangeAnswered;
    case Outcome::kRefused:
      return telemetry::LogEvent::kExchangeRefused;
    case Outcome::kInDoubt:
      return telemetry::LogEvent::kExchangeInDoubt;
    default:
      return telemetry::LogEvent::kExchangeFailed;
  }
}

}  // namespace

ExchangeMetrics::ExchangeMetrics(telemetry::MetricRegistry& registry)
    : exchanges(registry.AddCounters({.name = "ndx_exchanges_total",
                                      .help = "Exchanges by method, outcome and reason.",
                                      .label_names = {"method", "outcome", "reason"},
                                      .series_max = 5000})),
      duration(registry.AddHistograms({.name = "ndx_exchange_duration_seconds",
                                       .help = "From the first byte in to the answer out.",
                                       .label_names = {"method"}},
                                      telemetry::HistogramBounds::Latency())),
      provider(registry.AddHistograms({.name = "ndx_exchange_provider_seconds",
                                       .help = "At the provider, the network included.",
                                       .label_names = {"method"}},
                                      telemetry::HistogramBounds::Latency())),
      waiting(registry.AddHistograms(
          {.name = "ndx_exchange_waiting_seconds",
           .help = "For a place at the provider, of exchanges that had to wait.",
           .label_names = {"method"}},
          telemetry::HistogramBounds::Latency())),
      added(registry.AddHistograms(
          {.name = "ndx_exchange_added_seconds",
           .help = "What the bus adds to the provider's time, the journal included.",
           .label_names = {"method"}},
          telemetry::HistogramBounds::Latency())),
      field_warnings(
          registry.AddCounters({.name = "ndx_exchange_field_warnings_total",
                                .help = "Request fields that break a rule of which is only warned.",
                                .label_names = {"method"}})),
      shadow_decisions(registry.AddCounters(
          {.name = "ndx_shadow_decisions_total",
           .help =
               "Exchanges of which a grant in shadow mode would have decided otherwise; reason: "
               "why it would have refused, empty where it would have allowed.",
           .label_names = {"grant", "reason"},
           .series_max = 5000})) {}

absl::string_view OutcomeName(Outcome outcome) {
  switch (outcome) {
    case Outcome::kAnswered:
      return "answered";
    case Outcome::kRefused:
      return "refused";
    case Outcome::kInDoubt:
      return "in_doubt";
    case Outcome::kFailed:
      return "failed";
    case Outcome::kUndecided:
      break;
  }
  return "undecided";
}

void ExchangeMeter::Ended(const Exchange& x) {
  const std::string method =
      x.route.method == nullptr ? kUnknownMethod : std::string(x.route.method->name());
  MethodMetrics& metrics = MetricsOf(method);
  std::string reason;
  if (x.refusal.has_value()) {
    reason = core::ReasonName(x.refusal->reason);
  } else if (!x.status.ok()) {
    reason = core::ReasonName(exchange::v1::ERROR_REASON_PROVIDER_ERROR);
  }
  if (x.outcome == Outcome::kAnswered && reason.empty()) {
    metrics.answered->Add();
  } else {
    metrics_.exchanges.With({method, std::string(OutcomeName(x.outcome)), reason}).Add();
  }
  const int64_t nanos = clock_.MonotonicNanos() - x.received_nanos;
  metrics.duration->ObserveDuration(absl::Nanoseconds(nanos));
  if (x.provider_nanos > 0) {
    metrics.provider->ObserveDuration(absl::Nanoseconds(x.provider_nanos));
    metrics.added->ObserveDuration(absl::Nanoseconds(nanos - x.provider_nanos));
  }
  if (!x.field_warnings.empty()) {
    metrics_.field_warnings.With({method}).Add(x.field_warnings.size());
  }
  if (x.decision.shadow_differs()) {
    const routing::ShadowVerdict& shadow = *x.decision.shadow;
    metrics_.shadow_decisions
        .With({shadow.grant->grant->name,
               shadow.refusal.has_value() ? core::ReasonName(shadow.refusal->reason) : ""})
        .Add();
  }
  if (x.waited_nanos > 0) metrics.waiting->ObserveDuration(absl::Nanoseconds(x.waited_nanos));
  WriteLog(x, reason);
}

ExchangeMeter::MethodMetrics& ExchangeMeter::MetricsOf(const std::string& method) {
  const auto found = methods_.find(method);
  if (found != methods_.end()) return found->second;
  MethodMetrics made{.answered = &metrics_.exchanges.With(
                         {method, std::string(OutcomeName(Outcome::kAnswered)), ""}),
                     .duration = &metrics_.duration.With({method}),
                     .provider = &metrics_.provider.With({method}),
                     .waiting = &metrics_.waiting.With({method}),
                     .added = &metrics_.added.With({method})};
  return methods_.emplace(method, made).first->second;
}

void ExchangeMeter::WriteLog(const Exchange& x, const std::string& reason) {
  if (!log_.Wants(EventOf(x.outcome))) return;
  const absl::string_view consumer =
      x.principal.has_value() ? absl::string_view(x.principal->system.text()) : "";
  const absl::string_view method =
      x.route.method == nullptr ? absl::string_view(kUnknownMethod) : x.route.method->name();
  log_.Write(EventOf(x.outcome),
             {{"exchange", x.id},
              {"consumer", consumer},
              {"method", method},
              {"reason", reason},
              {"leaf", x.leaf_index},
              {"duration_ms", absl::Nanoseconds(clock_.MonotonicNanos() - x.received_nanos)}});
}

}  // namespace ndx::broker
