#include "data_port.h"

#include <utility>

namespace ndx::daemon {

DataPort::DataPort(broker::Broker& broker, console::HealthService health,
                   telemetry::MetricRegistry& metrics, telemetry::Log& log)
    : broker_(broker),
      health_(std::move(health)),
      log_(log),
      handshakes_refused_(metrics.AddCounters({.name = "ndx_handshakes_refused_total",
                                               .help = "TLS handshakes refused, by cause.",
                                               .label_names = {"cause"}})),
      attacks_(metrics.AddCounters({.name = "ndx_connections_cut_total",
                                    .help = "Connections cut for hostile behaviour, by kind.",
                                    .label_names = {"kind"}})),
      connections_(metrics.AddCounter("ndx_connections_total", "Connections accepted.")),
      connections_refused_(metrics.AddCounter("ndx_connections_refused_total",
                                              "Connections turned away: too many.")),
      not_grpc_(metrics.AddCounter("ndx_requests_not_grpc_total",
                                   "Requests that are not gRPC, answered with an HTTP status.")),
      connections_open_(metrics.AddGauge("ndx_connections_open", "Connections open now.")) {}

std::unique_ptr<transport::ServerCallObserver> DataPort::OnCall(transport::ServerCall& call) {
  if (console::HealthService::Owns(call.head().path)) return health_.OnCall(call);
  return broker_.face().OnCall(call);
}

void DataPort::OnHandshakeRefused(absl::string_view address, transport::HandshakeRefusal refusal,
                                  absl::string_view cause) {
  const absl::string_view name = transport::HandshakeRefusalName(refusal);
  handshakes_refused_.With({name}).Add();
  broker_.refusals().CountHandshake(name);
  log_.Write(telemetry::LogEvent::kHandshakeRefused,
             {{"peer", address}, {"cause", name}, {"detail", cause}});
}

void DataPort::OnConnectionOpened(const transport::PeerIdentity&) {
  connections_.Add();
  connections_open_.Add(1);
}

void DataPort::OnConnectionClosed(const transport::PeerIdentity& peer) {
  connections_open_.Add(-1);
  log_.Write(telemetry::LogEvent::kConnectionClosed, {{"peer", peer.address}});
}

void DataPort::OnAttackCutOff(const transport::PeerIdentity& peer,
                              transport::ConnectionAttack attack) {
  const absl::string_view name = transport::ConnectionAttackName(attack);
  attacks_.With({name}).Add();
  log_.Write(telemetry::LogEvent::kConnectionAbused, {{"peer", peer.address}, {"kind", name}});
}

void DataPort::OnConnectionRefused(absl::string_view cause) {
  connections_refused_.Add();
  log_.Write(telemetry::LogEvent::kConnectionRefused, {{"cause", cause}});
}

void DataPort::OnNotGrpc(const transport::PeerIdentity&, int) { not_grpc_.Add(); }

}  // namespace ndx::daemon
