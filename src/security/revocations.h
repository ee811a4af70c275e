// The certificate revocation lists in force on a node, read from files again on reload.
//
// Thread-safety: immutable once read, thread-safe.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "ndx/crypto/certificate.h"
#include "ndx/crypto/revocation_list.h"

namespace ndx::security {

class Revocations {
 public:
  // Revokes nothing.
  Revocations() = default;

  // Reads files with one list each, PEM or DER; every list must be signed by one of the authorities
  // in ca_file (PEM). Errors name the file: kNotFound, kInvalidArgument, kPermissionDenied (no
  // authority signed it).
  static absl::StatusOr<Revocations> Read(const std::vector<std::string>& crl_files,
                                          const std::string& ca_file);

  // Since when the certificate is revoked; the earliest where several lists say so.
  std::optional<absl::Time> RevokedAt(const crypto::Certificate& certificate) const;

  // Entries of all lists.
  size_t size() const;

  // When the first of the lists is out of date; a list that is out of date still counts. Infinite
  // future without lists.
  absl::Time next_update() const;

 private:
  std::vector<crypto::RevocationList> lists_;
};

}  // namespace ndx::security
