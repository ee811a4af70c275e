// Counts and logs providers whose connections had to be cut.
//
// Thread-safety: thread-safe.
#pragma once

#include <string>

#include "ndx/core/clock.h"
#include "ndx/daemon/peer_log_limit.h"
#include "ndx/dispatch/dispatcher.h"
#include "ndx/telemetry/log.h"
#include "ndx/telemetry/metric_registry.h"

namespace ndx::daemon {

class ProviderWatch final : public dispatch::ProviderObserver {
 public:
  // All must outlive it.
  ProviderWatch(const core::Clock& clock, telemetry::MetricRegistry& metrics, telemetry::Log& log);

  void OnProviderCutOff(const std::string& system, const std::string& endpoint,
                        transport::ConnectionAttack attack) override;

 private:
  telemetry::Log& log_;
  telemetry::MetricFamily<telemetry::Counter>& cut_;
  PeerLogLimit lines_;
};

}  // namespace ndx::daemon
