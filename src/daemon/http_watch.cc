#include "ndx/daemon/http_watch.h"

#include "absl/strings/str_cat.h"

namespace ndx::daemon {

HttpWatch::HttpWatch(const core::Clock& clock, telemetry::MetricRegistry& metrics,
                     telemetry::Log& log)
    : log_(log),
      refused_(metrics.AddCounters(
          {.name = "ndx_http_refused_total",
           .help = "Peers that a port of HTTP/1.1 turned away or cut, by cause.",
           .label_names = {"cause"}})),
      lines_(clock) {}

void HttpWatch::OnRefused(absl::string_view address, absl::string_view cause) {
  refused_.With({cause}).Add();
  const auto held_back = lines_.Admit(absl::StrCat("http ", cause), address);
  if (!held_back) return;
  log_.Write(telemetry::LogEvent::kConnectionRefused,
             {{"peer", address}, {"cause", cause}, {"for", "http"}, {"held_back", *held_back}});
}

}  // namespace ndx::daemon
