// Counts who goes past a limit of the node, and knows the limits in shadow mode (chế độ thử): what
// goes past those is counted and logged, and let through.
//
//   ndx_limit_exceeded_total{limit,mode}    exchanges; mode: refused, shadow
//
// Thread-safety: thread-safe, no locks but the log's. Ownership: metrics and log must outlive it.
#pragma once

#include <array>
#include <set>

#include "absl/strings/string_view.h"
#include "ndx/telemetry/log.h"
#include "ndx/telemetry/metric_registry.h"

namespace ndx::broker {

// In the order of ndx.settings.v1.NodeLimit, whose first value is none.
enum class Limit {
  kInFlight,
  kInFlightPerConsumer,
  kMemory,
  kMemoryPerConsumer,
  kCapacity,
  kQuota,
  kProviderCalls,
};
inline constexpr size_t kLimits = 7;

absl::string_view LimitName(Limit limit);

class LimitWatch {
 public:
  LimitWatch(const std::set<Limit>& in_shadow, telemetry::MetricRegistry& metrics,
             telemetry::Log& log);

  // An exchange of this consumer (empty where that is not known yet) goes past the limit. True: it
  // is to be refused.
  bool Refuses(Limit limit, absl::string_view consumer) const;

 private:
  struct Entry {
    bool in_shadow = false;
    telemetry::Counter* passed = nullptr;
  };
  std::array<Entry, kLimits> entries_;
  telemetry::Log& log_;
};

}  // namespace ndx::broker
