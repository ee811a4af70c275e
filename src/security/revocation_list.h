// Certificate revocation lists, RFC 5280 section 5, as files that a node reads again on reload.
//
// Thread-safety: immutable once read.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace ndx::security {

// Bytes of one CRL file.
inline constexpr size_t kCrlFileBytesMax = size_t{64} << 20;

class RevocationList {
 public:
  // Revokes nothing.
  RevocationList() = default;

  // Reads CRL files (PEM, possibly several in one file, or DER). Every list must be signed by one
  // of the authorities in ca_file (PEM): kInvalidArgument with the file's name otherwise, or when
  // it is no CRL. Of several lists of one issuer all entries count.
  static absl::StatusOr<RevocationList> Read(const std::vector<std::string>& crl_files,
                                             const std::string& ca_file);

  // When the certificate of that issuer and serial number was revoked.
  std::optional<absl::Time> RevokedAt(absl::string_view issuer_der, absl::string_view serial) const;

  // Entries in all.
  size_t size() const { return revoked_.size(); }

  // The earliest nextUpdate of the lists: afterwards something is out of date. Infinite future
  // without lists.
  absl::Time next_update() const { return next_update_; }

 private:
  absl::flat_hash_map<std::string, absl::Time> revoked_;  // issuer, 0x00-free length prefix, serial
  absl::Time next_update_ = absl::InfiniteFuture();
};

}  // namespace ndx::security
