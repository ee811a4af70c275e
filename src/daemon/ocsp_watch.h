// Asks responders about the certificates of whoever is connected, and tells log and metrics how
// that goes.
//
// A thread of its own: it waits for other people's servers.
//
// Thread-safety: construction and destruction from one thread. Ownership: everything given outlives
// it.
#pragma once

#include <thread>

#include "ndx/core/clock.h"
#include "ndx/daemon/peer_log_limit.h"
#include "ndx/http/http_client.h"
#include "ndx/security/ocsp_statuses.h"
#include "ndx/telemetry/log.h"
#include "ndx/telemetry/metric_registry.h"

namespace ndx::daemon {

class OcspWatch {
 public:
  struct Parts {
    security::OcspStatuses& statuses;
    http::HttpPoster& poster;
    const core::Clock& clock;
    telemetry::Log& log;
    telemetry::MetricRegistry& metrics;
  };
  // Begins.
  explicit OcspWatch(const Parts& parts);
  // Ends a question that is under way, and the thread.
  ~OcspWatch();
  OcspWatch(const OcspWatch&) = delete;
  OcspWatch& operator=(const OcspWatch&) = delete;

 private:
  void Run();

  const Parts parts_;
  PeerLogLimit lines_;
  telemetry::MetricFamily<telemetry::Counter>& questions_;
  std::thread thread_;
};

}  // namespace ndx::daemon
