#include "ndx/broker/limit_watch.h"

#include <string>

namespace ndx::broker {
namespace {

constexpr std::array<absl::string_view, kLimits> kNames = {
    "in_flight", "in_flight_per_consumer", "memory", "memory_per_consumer", "capacity",
    "quota",     "provider_calls"};

}  // namespace

absl::string_view LimitName(Limit limit) { return kNames[static_cast<size_t>(limit)]; }

LimitWatch::LimitWatch(const std::set<Limit>& in_shadow, telemetry::MetricRegistry& metrics,
                       telemetry::Log& log)
    : log_(log) {
  auto& passed =
      metrics.AddCounters({.name = "ndx_limit_exceeded_total",
                           .help = "Exchanges past a limit of the node: refused, or let through "
                                   "where the limit is in shadow mode.",
                           .label_names = {"limit", "mode"}});
  for (size_t i = 0; i < kLimits; ++i) {
    entries_[i].in_shadow = in_shadow.contains(static_cast<Limit>(i));
    entries_[i].passed = &passed.With({kNames[i], entries_[i].in_shadow ? "shadow" : "refused"});
  }
}

bool LimitWatch::Refuses(Limit limit, absl::string_view consumer) const {
  const Entry& entry = entries_[static_cast<size_t>(limit)];
  entry.passed->Add();
  if (!entry.in_shadow) return true;
  log_.Write(telemetry::LogEvent::kLimitInShadow,
             {{"limit", LimitName(limit)}, {"consumer", consumer}});
  return false;
}

}  // namespace ndx::broker
