#include "ndx/daemon/access_watch.h"

#include <algorithm>

#include "absl/strings/str_join.h"
#include "ndx/console/expiring_grants.h"
#include "ndx/registry/access_request.h"
#include "ndx/registry/calendar.h"

namespace ndx::daemon {

using telemetry::LogEvent;

void AccessWatch::AddMetrics(telemetry::MetricRegistry& metrics) const {
  using Kind = telemetry::MetricRegistry::SourceKind;
  metrics.AddSource(Kind::kGauge, "ndx_grants_ending",
                    "Grants whose last day is near (registry.access_requests.reminder_days).",
                    [this] {
                      const absl::CivilDay today = registry::VietnamDay(parts_.clock.Now());
                      const auto snapshot = parts_.registry.Current();
                      return static_cast<double>(
                          console::ExpiringGrants(*snapshot, today, reminder_days_).size());
                    });
  if (parts_.desk == nullptr) return;
  metrics.AddSource(Kind::kGauge, "ndx_access_requests_waiting",
                    "Requests for access that wait for somebody.",
                    [this] { return static_cast<double>(Waiting(false)); });
  metrics.AddSource(Kind::kGauge, "ndx_access_requests_overdue",
                    "Requests for access that wait longer than they should.",
                    [this] { return static_cast<double>(Waiting(true)); });
}

size_t AccessWatch::Waiting(bool overdue) const {
  const auto open = parts_.desk->Open();
  if (!open.ok()) return 0;
  return static_cast<size_t>(std::count_if(open->begin(), open->end(), [&](const auto& request) {
    return !overdue || parts_.desk->Overdue(request);
  }));
}

void AccessWatch::Tick() {
  const absl::Time now = parts_.clock.Now();
  const absl::CivilDay today = registry::VietnamDay(now);
  if (!reminded_.has_value() || *reminded_ != today) {
    reminded_ = today;
    Remind(today);
  }
  if (parts_.desk == nullptr || now < expire_next_) return;
  const auto expired = parts_.desk->ExpireOld(kExpireAtOnce);
  // A few with each tick, so that none takes long.
  const bool more = expired.ok() && *expired == kExpireAtOnce;
  expire_next_ = more ? now : now + kExpireInterval;
}

void AccessWatch::Remind(absl::CivilDay today) const {
  const auto snapshot = parts_.registry.Current();
  size_t lines = 0;
  for (const auto* const grant : console::ExpiringGrants(*snapshot, today, reminder_days_)) {
    if (++lines > kReminderLinesMax) break;
    parts_.log.Write(LogEvent::kGrantEndsSoon,
                     {{"grant", grant->name},
                      {"consumer", absl::StrJoin(console::ConsumersOf(*grant), " ")},
                      {"last_day", grant->in_force.ToText()}});
  }
  if (parts_.desk == nullptr) return;
  const auto open = parts_.desk->Open();
  if (!open.ok()) return;
  for (const auto& request : *open) {
    if (!parts_.desk->Overdue(request)) continue;
    parts_.log.Write(
        LogEvent::kAccessRequestOverdue,
        {{"request", request.number()},
         {"operator", registry::RequesterOf(request)},
         {"waits_for", registry::StateOf(request) == registry::v1::ACCESS_REQUEST_STATE_MORE_ASKED
                           ? "answer"
                           : "owner"}});
  }
}

}  // namespace ndx::daemon
