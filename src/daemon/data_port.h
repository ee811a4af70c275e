// What listens on the data plane's port: health for load balancers, and the broker's gRPC face for
// everything else. Refused handshakes never become an exchange; they are counted and logged here.
//
// Thread-safety: as ServerService and ServerObserver: called on every loop at once.
#pragma once

#include <memory>

#include "ndx/broker/broker.h"
#include "ndx/console/health_service.h"
#include "ndx/telemetry/log.h"
#include "ndx/telemetry/metric_registry.h"
#include "ndx/transport/server.h"

namespace ndx::daemon {

class DataPort final : public transport::ServerService, public transport::ServerObserver {
 public:
  DataPort(broker::Broker& broker, console::HealthService health,
           telemetry::MetricRegistry& metrics, telemetry::Log& log);

  std::unique_ptr<transport::ServerCallObserver> OnCall(transport::ServerCall& call) override;

  void OnHandshakeRefused(absl::string_view address, transport::HandshakeRefusal refusal,
                          absl::string_view cause) override;
  void OnConnectionOpened(const transport::PeerIdentity& peer) override;
  void OnConnectionClosed(const transport::PeerIdentity& peer) override;
  void OnAttackCutOff(const transport::PeerIdentity& peer,
                      transport::ConnectionAttack attack) override;
  void OnConnectionRefused(absl::string_view cause) override;
  void OnNotGrpc(const transport::PeerIdentity& peer, int http_status) override;

 private:
  broker::Broker& broker_;
  const console::HealthService health_;
  telemetry::Log& log_;
  telemetry::MetricFamily<telemetry::Counter>& handshakes_refused_;
  telemetry::MetricFamily<telemetry::Counter>& attacks_;
  telemetry::Counter& connections_;
  telemetry::Counter& connections_refused_;
  telemetry::Counter& not_grpc_;
  telemetry::Gauge& connections_open_;
};

}  // namespace ndx::daemon
