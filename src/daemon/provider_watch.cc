#include "ndx/daemon/provider_watch.h"

#include "absl/strings/str_cat.h"

namespace ndx::daemon {

ProviderWatch::ProviderWatch(const core::Clock& clock, telemetry::MetricRegistry& metrics,
                             telemetry::Log& log)
    : log_(log),
      cut_(metrics.AddCounters(
          {.name = "ndx_provider_connections_cut_total",
           .help = "Connections to providers cut for hostile behaviour, by kind.",
           .label_names = {"kind"}})),
      lines_(clock) {}

void ProviderWatch::OnProviderCutOff(const std::string& system, const std::string& endpoint,
                                     transport::ConnectionAttack attack) {
  const absl::string_view kind = transport::ConnectionAttackName(attack);
  cut_.With({kind}).Add();
  const auto held_back = lines_.Admit(kind, absl::StrCat(system, ":"));
  if (!held_back) return;
  log_.Write(
      telemetry::LogEvent::kProviderCutOff,
      {{"provider", system}, {"endpoint", endpoint}, {"kind", kind}, {"held_back", *held_back}});
}

}  // namespace ndx::daemon
