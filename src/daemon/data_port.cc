#include "data_port.h"

#include <utility>
#include <variant>

#include "ndx/crypto/certificate.h"

namespace ndx::daemon {

DataPort::DataPort(const Parts& parts, console::HealthService health)
    : parts_(parts),
      health_(std::move(health)),
      lines_(parts.clock),
      handshakes_refused_(parts.metrics.AddCounters({.name = "ndx_handshakes_refused_total",
                                                     .help = "TLS handshakes refused, by cause.",
                                                     .label_names = {"cause"}})),
      attacks_(parts.metrics.AddCounters({.name = "ndx_connections_cut_total",
                                          .help = "Connections cut for hostile behaviour, by kind.",
                                          .label_names = {"kind"}})),
      answers_not_taken_(parts.metrics.AddCounter(
          "ndx_answers_not_taken_total",
          "Streams reset because their caller took too little of the answer.")),
      connections_(parts.metrics.AddCounter("ndx_connections_total", "Connections accepted.")),
      connections_refused_(
          parts.metrics.AddCounters({.name = "ndx_connections_refused_total",
                                     .help = "Connections turned away before a handshake.",
                                     .label_names = {"cause"}})),
      not_grpc_(
          parts.metrics.AddCounter("ndx_requests_not_grpc_total",
                                   "Requests that are not gRPC, answered with an HTTP status.")),
      connections_open_(parts.metrics.AddGauge("ndx_connections_open", "Connections open now.")) {}

std::unique_ptr<transport::ServerCallObserver> DataPort::OnCall(transport::ServerCall& call) {
  if (console::HealthService::Owns(call.head().path)) return health_.OnCall(call);
  return parts_.broker.face().OnCall(call);
}

std::string DataPort::SystemOf(const transport::PeerIdentity& peer) const {
  const auto certificate = crypto::Certificate::FromDer(peer.leaf_der);
  if (!certificate.ok()) return "";
  security::VerificationFacts facts;
  if (const auto issuer = crypto::Certificate::FromDer(peer.issuer_der); issuer.ok()) {
    facts.issuer_spki_sha256 = issuer->spki_sha256();
  }
  const auto registry = parts_.registry.Current();
  const auto who =
      parts_.authenticator.Authenticate(*certificate, facts, *registry, parts_.clock.Now());
  const auto* principal = std::get_if<security::Principal>(&who);
  return principal == nullptr ? "" : principal->system.text();
}

void DataPort::OnHandshakeRefused(absl::string_view address, transport::HandshakeRefusal refusal,
                                  absl::string_view cause) {
  const absl::string_view name = transport::HandshakeRefusalName(refusal);
  handshakes_refused_.With({name}).Add();
  parts_.broker.refusals().CountHandshake(name);
  const auto held_back = lines_.Admit(name, address);
  if (!held_back) return;
  parts_.log.Write(
      telemetry::LogEvent::kHandshakeRefused,
      {{"peer", address}, {"cause", name}, {"detail", cause}, {"held_back", *held_back}});
}

void DataPort::OnConnectionOpened(const transport::PeerIdentity& peer) {
  if (parts_.ocsp != nullptr) parts_.ocsp->Notice(peer.leaf_der, peer.issuer_der);
  connections_.Add();
  connections_open_.Add(1);
}

void DataPort::OnConnectionClosed(const transport::PeerIdentity& peer) {
  connections_open_.Add(-1);
  parts_.log.Write(telemetry::LogEvent::kConnectionClosed, {{"peer", peer.address}});
}

void DataPort::OnAttackCutOff(const transport::PeerIdentity& peer,
                              transport::ConnectionAttack attack) {
  const absl::string_view name = transport::ConnectionAttackName(attack);
  attacks_.With({name}).Add();
  const auto held_back = lines_.Admit(name, peer.address);
  if (!held_back) return;
  parts_.log.Write(telemetry::LogEvent::kConnectionAbused, {{"peer", peer.address},
                                                            {"consumer", SystemOf(peer)},
                                                            {"kind", name},
                                                            {"held_back", *held_back}});
}

void DataPort::OnStreamCutOff(const transport::PeerIdentity& peer) {
  answers_not_taken_.Add();
  const auto held_back = lines_.Admit("answer_not_taken", peer.address);
  if (!held_back) return;
  parts_.log.Write(
      telemetry::LogEvent::kAnswerNotTaken,
      {{"peer", peer.address}, {"consumer", SystemOf(peer)}, {"held_back", *held_back}});
}

void DataPort::OnConnectionRefused(absl::string_view address, absl::string_view cause) {
  connections_refused_.With({cause}).Add();
  const auto held_back = lines_.Admit(cause, address);
  if (!held_back) return;
  parts_.log.Write(telemetry::LogEvent::kConnectionRefused,
                   {{"peer", address}, {"cause", cause}, {"held_back", *held_back}});
}

void DataPort::OnNotGrpc(const transport::PeerIdentity&, int) { not_grpc_.Add(); }

}  // namespace ndx::daemon
