// Counts and logs peers that the ports of HTTP/1.1 turn away or cut.
//
// Thread-safety: thread-safe.
#pragma once

#include "ndx/core/clock.h"
#include "ndx/daemon/peer_log_limit.h"
#include "ndx/http/http_server.h"
#include "ndx/telemetry/log.h"
#include "ndx/telemetry/metric_registry.h"

namespace ndx::daemon {

class HttpWatch final : public http::HttpServerObserver {
 public:
  // All must outlive it.
  HttpWatch(const core::Clock& clock, telemetry::MetricRegistry& metrics, telemetry::Log& log);

  void OnRefused(absl::string_view address, absl::string_view cause) override;

 private:
  telemetry::Log& log_;
  telemetry::MetricFamily<telemetry::Counter>& refused_;
  PeerLogLimit lines_;
};

}  // namespace ndx::daemon
