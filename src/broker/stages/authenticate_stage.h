// Stage 2: certificate → system. Asked anew for each exchange, so that expiry, revocation and
// suspension take effect on connections that are open; only the reading of the certificate is kept,
// per connection.
//
// A peer may ask for another system: it says so by a signed assertion (relay_proof.h), and the
// exchange's principal is then that system. Without one it asks in its own name.
//
// A replay carries no certificate: its consumer is looked up in the registry of today.
//
// The consumer's place among its exchanges in flight is taken here and not when the body has come:
// who opens calls and sends nothing must not fill the node. Refuses TOO_MANY_IN_FLIGHT.
#pragma once

#include <memory>

#include "absl/container/flat_hash_map.h"
#include "ndx/broker/admission.h"
#include "ndx/broker/stage.h"
#include "ndx/core/clock.h"
#include "ndx/crypto/certificate.h"
#include "ndx/registry/registry.h"
#include "ndx/security/authenticator.h"

namespace ndx::broker {

class AuthenticateStage final : public Stage {
 public:
  AuthenticateStage(const core::Clock& clock, Admission& admission,
                    const registry::Registry& registry,
                    const security::Authenticator& authenticator, std::string node,
                    std::string node_contact)
      : clock_(clock),
        admission_(admission),
        registry_(registry),
        authenticator_(authenticator),
        node_(std::move(node)),
        node_contact_(std::move(node_contact)) {}

  absl::string_view name() const override { return "authenticate"; }
  Flow Enter(Exchange& x) override;

 private:
  // Certificates read on this loop, by connection.
  static constexpr size_t kPeersMax = 4096;

  // What is read of a connection's certificates, once.
  struct PeerRead {
    crypto::Certificate certificate;
    security::VerificationFacts facts;
  };

  void AuthenticatePeer(Exchange& x);
  void AuthenticateOwn(Exchange& x);
  void TakeConsumerPlace(Exchange& x);
  const PeerRead* ReadOnce(const transport::PeerIdentity& peer);

  const core::Clock& clock_;
  Admission& admission_;
  const registry::Registry& registry_;
  const security::Authenticator& authenticator_;
  const std::string node_;  // its system
  const std::string node_contact_;
  absl::flat_hash_map<uint64_t, std::unique_ptr<const PeerRead>> peers_;
};

}  // namespace ndx::broker
