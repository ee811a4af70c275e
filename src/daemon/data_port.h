// What listens on the data plane's port: health for load balancers, and the broker's gRPC face for
// everything else. Refused handshakes never become an exchange; they are counted and logged here.
//
// Thread-safety: as ServerService and ServerObserver: called on every loop at once.
#pragma once

#include <memory>
#include <string>

#include "ndx/broker/broker.h"
#include "ndx/console/health_service.h"
#include "ndx/core/clock.h"
#include "ndx/daemon/peer_log_limit.h"
#include "ndx/registry/registry.h"
#include "ndx/security/authenticator.h"
#include "ndx/security/ocsp_statuses.h"
#include "ndx/telemetry/log.h"
#include "ndx/telemetry/metric_registry.h"
#include "ndx/transport/server.h"

namespace ndx::daemon {

class DataPort final : public transport::ServerService, public transport::ServerObserver {
 public:
  // Everything but health must outlive it.
  struct Parts {
    broker::Broker& broker;
    const registry::Registry& registry;
    const security::Authenticator& authenticator;
    security::OcspStatuses* ocsp;  // null where nobody is asked
    const core::Clock& clock;
    telemetry::MetricRegistry& metrics;
    telemetry::Log& log;
  };

  DataPort(const Parts& parts, console::HealthService health);

  std::unique_ptr<transport::ServerCallObserver> OnCall(transport::ServerCall& call) override;

  void OnHandshakeRefused(absl::string_view address, transport::HandshakeRefusal refusal,
                          absl::string_view cause) override;
  void OnConnectionOpened(const transport::PeerIdentity& peer) override;
  void OnConnectionClosed(const transport::PeerIdentity& peer) override;
  void OnAttackCutOff(const transport::PeerIdentity& peer,
                      transport::ConnectionAttack attack) override;
  void OnStreamCutOff(const transport::PeerIdentity& peer) override;
  void OnConnectionRefused(absl::string_view address, absl::string_view cause) override;
  void OnNotGrpc(const transport::PeerIdentity& peer, int http_status) override;

 private:
  // The system that the certificate proves; empty where it proves none.
  std::string SystemOf(const transport::PeerIdentity& peer) const;

  const Parts parts_;
  const console::HealthService health_;
  PeerLogLimit lines_;
  telemetry::MetricFamily<telemetry::Counter>& handshakes_refused_;
  telemetry::MetricFamily<telemetry::Counter>& attacks_;
  telemetry::Counter& answers_not_taken_;
  telemetry::Counter& connections_;
  telemetry::MetricFamily<telemetry::Counter>& connections_refused_;
  telemetry::Counter& not_grpc_;
  telemetry::Gauge& connections_open_;
};

}  // namespace ndx::daemon
