#include "ndx/broker/stages/authenticate_stage.h"

#include <utility>
#include <variant>

#include "absl/strings/str_cat.h"
#include "ndx/broker/relay_proof.h"
#include "ndx/dispatch/failure_reason.h"
#include "ndx/security/system_standing.h"

namespace ndx::broker {

Flow AuthenticateStage::Enter(Exchange& x) {
  x.registry = registry_.Current();
  if (x.made_by_node()) {
    AuthenticateOwn(x);
  } else {
    AuthenticatePeer(x);
  }
  if (x.principal.has_value() && x.outcome == Outcome::kUndecided) TakeConsumerPlace(x);
  return Flow::kNext;
}

void AuthenticateStage::TakeConsumerPlace(Exchange& x) {
  x.holds_consumer_place = admission_.TryEnterConsumer(x.principal->system);
  if (x.holds_consumer_place) return;
  constexpr absl::Duration kPause = absl::Milliseconds(200);
  x.Refuse({.reason = exchange::v1::ERROR_REASON_TOO_MANY_IN_FLIGHT,
            .parameters = {{"limit", absl::StrCat(admission_.options().in_flight_per_consumer_max)},
                           {"retry_after", dispatch::ShortDuration(kPause)}},
            .retry_after = kPause});
}

void AuthenticateStage::AuthenticatePeer(Exchange& x) {
  const PeerRead* peer = ReadOnce(*x.peer);
  if (peer == nullptr) {
    x.Refuse({.reason = exchange::v1::ERROR_REASON_CERTIFICATE_WITHOUT_SYSTEM});
    return;
  }
  auto result =
      authenticator_.Authenticate(peer->certificate, peer->facts, *x.registry, clock_.Now());
  if (auto* refusal = std::get_if<core::Refusal>(&result)) {
    x.refused_spki_sha256 = std::string(crypto::AsBytes(peer->certificate.spki_sha256()));
    x.Refuse(std::move(*refusal));
  } else {
    x.principal = std::get<security::Principal>(std::move(result));
    if (x.context.relay_assertion.empty()) return;
    auto unproved = ProveRelay(x, node_, node_contact_, clock_.Now());
    if (unproved.has_value()) x.Refuse(*std::move(unproved));
  }
}

void AuthenticateStage::AuthenticateOwn(Exchange& x) {
  const core::SystemId& consumer = x.replay.has_value() ? x.replay->consumer : x.delivery->consumer;
  const registry::SystemEntry* system = x.registry->FindSystem(consumer.text());
  if (system == nullptr) {
    x.Refuse({.reason = exchange::v1::ERROR_REASON_CERTIFICATE_NOT_REGISTERED,
              .parameters = {{"node", node_contact_}}});
  } else if (auto refusal = security::RefusalOfSystem(*system, node_contact_, clock_.Now())) {
    x.Refuse(*std::move(refusal));
  } else {
    x.principal = security::Principal{.system = system->id, .entry = system};
  }
}

const AuthenticateStage::PeerRead* AuthenticateStage::ReadOnce(
    const transport::PeerIdentity& peer) {
  const auto found = peers_.find(peer.connection_id);
  if (found != peers_.end()) return found->second.get();
  auto certificate = crypto::Certificate::FromDer(peer.leaf_der);
  if (!certificate.ok()) return nullptr;
  if (peers_.size() >= kPeersMax) peers_.clear();  // connections come and go; reading is cheap
  security::VerificationFacts facts{
      .expired = peer.certificate_time == transport::CertificateTime::kExpired,
      .not_yet_valid = peer.certificate_time == transport::CertificateTime::kNotYetValid};
  if (const auto issuer = crypto::Certificate::FromDer(peer.issuer_der); issuer.ok()) {
    facts.issuer_spki_sha256 = issuer->spki_sha256();
  }
  auto read = std::make_unique<const PeerRead>(PeerRead{*std::move(certificate), facts});
  return peers_.emplace(peer.connection_id, std::move(read)).first->second.get();
}

}  // namespace ndx::broker
