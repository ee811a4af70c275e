// Orders about certificates that the node denies (chặn chứng thư số): recorded, carried out.
//
//   Deny  ─▶ leaf ─▶ kept and in force ─▶ its connections are ended
//   Allow ─▶ leaf ─▶ taken off the list
//
// Denying takes something away and is one person's; allowing again is somebody else's than the one
// who denied. A crash behind a leaf leaves an order that was not carried out: it is given again.
//
// Thread-safety: thread-safe; everything blocks on the disk. Ownership: everything given outlives
// it. Errors: RefusalStatus() of CERTIFICATE_NOT_DENIED, PROPOSAL_SAME_PERSON and
// JOURNAL_UNAVAILABLE; others of security::DeniedCertificates.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "ndx/console/persons.h"
#include "ndx/core/clock.h"
#include "ndx/core/mutex.h"
#include "ndx/crypto/digest.h"
#include "ndx/journal/journal.h"
#include "ndx/security/denied_certificates.h"
#include "ndx/telemetry/log.h"

namespace ndx::console {

class CertificateDesk {
 public:
  struct Parts {
    security::DeniedCertificates& denied;
    journal::Journal& journal;
    const core::Clock& clock;
    telemetry::Log& log;
    // Ends the connections of certificates with this key.
    std::function<void(const crypto::Digest& spki_sha256)> end_connections;
    const Persons* persons = nullptr;  // null: names alone tell persons apart
  };
  explicit CertificateDesk(Parts parts) : parts_(std::move(parts)) {}
  CertificateDesk(const CertificateDesk&) = delete;
  CertificateDesk& operator=(const CertificateDesk&) = delete;

  struct Denied {
    security::Denial denial;
    bool was_denied = false;  // by an earlier order, which stands
  };
  absl::StatusOr<Denied> Deny(const std::string& who, const crypto::Digest& spki_sha256,
                              const std::string& reason);

  // The index of the leaf.
  absl::StatusOr<uint64_t> Allow(const std::string& who, const crypto::Digest& spki_sha256,
                                 const std::string& reason);

  // The earliest first.
  std::vector<security::Denial> List() const { return parts_.denied.All(); }

 private:
  const Parts parts_;
  core::Mutex deciding_;  // held over the disk: one order at a time
};

}  // namespace ndx::console
