// Stage 2 of an exchange: peer certificate → Principal, or the reason why not.
//
// The peer's certificate has chained to a trusted authority in the handshake; everything else is
// decided here and for every exchange anew, so that an expiry, a revocation or a suspension takes
// effect on connections that are open. In this order:
//
//   deny list    CERTIFICATE_DENIED
//   validity     CERTIFICATE_NOT_YET_VALID, CERTIFICATE_EXPIRED
//   revocation   CERTIFICATE_REVOKED; REVOCATION_UNKNOWN where list or responder cannot tell
//   system       CERTIFICATE_WITHOUT_SYSTEM unless there is exactly one well-formed ndx:// URI, or
//                none at all and a key that is registered as that of such a certificate
//   registry     CERTIFICATE_NOT_REGISTERED unless that system has this key registered for today
//   issuer       CERTIFICATE_ISSUER_NOT_REGISTERED where the member's authorities are registered
//                and this one is none of them
//   standing     MEMBER_REPLACED, SYSTEM_SUSPENDED, SYSTEM_NOT_IN_USE (system_standing.h)
//
// The certificate is read once for each connection: crypto::Certificate::FromDer(der).
//
// Thread-safety: thread-safe; SetDenied() and SetOcsp() before the first Authenticate(). Errors are
// Refusals whose parameters hold nothing from the certificate but dates.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <variant>

#include "absl/base/thread_annotations.h"
#include "absl/time/time.h"
#include "ndx/core/mutex.h"
#include "ndx/core/refusal.h"
#include "ndx/core/system_id.h"
#include "ndx/crypto/certificate.h"
#include "ndx/crypto/digest.h"
#include "ndx/registry/registry_snapshot.h"
#include "ndx/security/denied_certificates.h"
#include "ndx/security/ocsp_statuses.h"
#include "ndx/security/revocations.h"

namespace ndx::security {

// Who calls, proved.
struct Principal {
  core::SystemId system;
  const registry::SystemEntry* entry = nullptr;  // in the snapshot given
  std::string spki_sha256;                       // 32 bytes, for the journal
};

// What the transport found when it verified the chain; both dates may be found right with a wrong
// node clock on one side only, so the dates of the certificate are looked at as well.
struct VerificationFacts {
  bool expired = false;
  bool not_yet_valid = false;
  // Of the certificate that issued the peer's, in the chain that was verified.
  std::optional<crypto::Digest> issuer_spki_sha256 = std::nullopt;
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

  // Whom the node denies; outlives this. Nobody without.
  void SetDenied(const DeniedCertificates& denied) { denied_ = &denied; }

  // What responders say; outlives this. Nobody is asked without.
  void SetOcsp(const OcspStatuses& statuses) { ocsp_ = &statuses; }

 private:
  std::optional<core::Refusal> RefusalOfCertificate(const crypto::Certificate& peer,
                                                    const VerificationFacts& facts,
                                                    absl::Time now) const;
  std::optional<core::Refusal> RefusalOfRevocation(const crypto::Certificate& peer,
                                                   absl::Time now) const;

  const std::string node_contact_;
  const DeniedCertificates* denied_ = nullptr;
  const OcspStatuses* ocsp_ = nullptr;
  mutable core::Mutex mutex_;
  std::shared_ptr<const Revocations> revocations_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace ndx::security
