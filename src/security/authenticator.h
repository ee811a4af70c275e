// Stage 2 of an exchange: peer certificate → Principal, or the reason why not.
//
// The peer's certificate has chained to a trusted authority in the handshake; everything else is
// decided here and for every exchange anew, so that an expiry, a revocation or a suspension takes
// effect on connections that are open. In this order:
//
//   validity     CERTIFICATE_NOT_YET_VALID, CERTIFICATE_EXPIRED
//   revocation   CERTIFICATE_REVOKED
//   URI SAN      CERTIFICATE_WITHOUT_SYSTEM unless there is exactly one well-formed ndx:// URI
//   registry     CERTIFICATE_NOT_REGISTERED unless that system has this key registered for today
//   standing     MEMBER_REPLACED, SYSTEM_SUSPENDED (system_standing.h)
//
// The certificate is read once for each connection: crypto::Certificate::FromDer(der).
//
// Thread-safety: thread-safe. Errors are Refusals whose parameters hold nothing from the
// certificate but dates.
#pragma once

#include <memory>
#include <string>
#include <variant>

#include "absl/base/thread_annotations.h"
#include "absl/time/time.h"
#include "ndx/core/mutex.h"
#include "ndx/core/refusal.h"
#include "ndx/core/system_id.h"
#include "ndx/crypto/certificate.h"
#include "ndx/registry/registry_snapshot.h"
#include "ndx/security/revocations.h"

namespace ndx::security {

// Who calls, proved.
struct Principal {
  core::SystemId system;
  const registry::SystemEntry* entry = nullptr;  // in the snapshot given
  std::string spki_sha256;                       // 32 bytes, for the journal
};

// What the transport found when it verified the chain; both may be false with a wrong node clock on
// one side only, so the dates of the certificate are looked at as well.
struct VerificationFacts {
  bool expired = false;
  bool not_yet_valid = false;
};

class Authenticator {
 public:
  // `node_contact` is whom an unregistered caller should turn to.
  explicit Authenticator(std::string node_contact);

  std::variant<Principal, core::Refusal> Authenticate(const crypto::Certificate& peer,
                                                      const VerificationFacts& facts,
                                                      const registry::RegistrySnapshot& registry,
                                                      absl::Time now) const;

  // Puts other lists in force, for exchanges from now on.
  void SetRevocations(std::shared_ptr<const Revocations> revocations);

 private:
  const std::string node_contact_;
  mutable core::Mutex mutex_;
  std::shared_ptr<const Revocations> revocations_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace ndx::security
