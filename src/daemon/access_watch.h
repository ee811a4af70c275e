// Calls to mind what operators have to do about rights: grants whose end is near and requests for
// access that wait too long, logged once a day, counted in metrics; requests that waited too long
// expire.
//
// Thread-safety: Tick() from one thread; the metrics' sources from any. Ownership: everything given
// outlives it, and it outlives the metrics' last reading.
// Errors: what cannot be read is tried again with the next tick and logged by whoever asks for it.
#pragma once

#include <cstdint>
#include <optional>

#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "ndx/console/access_desk.h"
#include "ndx/core/clock.h"
#include "ndx/registry/registry.h"
#include "ndx/telemetry/log.h"
#include "ndx/telemetry/metric_registry.h"

namespace ndx::daemon {

// Lines a day of each kind; the metrics count all.
inline constexpr size_t kReminderLinesMax = 1000;
// Requests that expire in one tick, and how often is looked for them.
inline constexpr size_t kExpireAtOnce = 16;
inline constexpr absl::Duration kExpireInterval = absl::Minutes(1);

class AccessWatch {
 public:
  struct Parts {
    const registry::Registry& registry;
    console::AccessDesk* desk;  // null where the node does not keep its registry
    const core::Clock& clock;
    telemetry::Log& log;
  };
  AccessWatch(const Parts& parts, uint32_t reminder_days)
      : parts_(parts), reminder_days_(reminder_days) {}
  AccessWatch(const AccessWatch&) = delete;
  AccessWatch& operator=(const AccessWatch&) = delete;

  void AddMetrics(telemetry::MetricRegistry& metrics) const;

  // Once a second.
  void Tick();

 private:
  size_t Waiting(bool overdue) const;
  void Remind(absl::CivilDay today) const;

  const Parts parts_;
  const uint32_t reminder_days_;
  std::optional<absl::CivilDay> reminded_;
  absl::Time expire_next_ = absl::InfinitePast();
};

}  // namespace ndx::daemon
