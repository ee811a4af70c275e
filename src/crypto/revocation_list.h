// A certificate revocation list (danh sách chứng thư số bị thu hồi) of one issuer.
//
// Thread-safety: immutable after construction, thread-safe.
// Source: RFC 5280 section 5; delta lists and indirect lists are refused.
#pragma once

#include <optional>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "ndx/crypto/certificate.h"

namespace ndx::crypto {

class RevocationList {
 public:
  static constexpr size_t kBytesMax = size_t{32} << 20;

  // From DER or PEM. The list must be signed by one of issuers. kInvalidArgument if it cannot be
  // read or holds critical extensions not understood here; kPermissionDenied if no issuer signed
  // it.
  static absl::StatusOr<RevocationList> Parse(absl::string_view content,
                                              absl::Span<const Certificate> issuers);

  // From a file.
  static absl::StatusOr<RevocationList> Load(const std::string& path,
                                             absl::Span<const Certificate> issuers);

  // True if the list speaks for this certificate's issuer.
  bool Covers(const Certificate& certificate) const;

  // True if the certificate is on the list. False for one of another issuer.
  bool IsRevoked(const Certificate& certificate) const;

  // Since when, if it is.
  std::optional<absl::Time> RevokedAt(const Certificate& certificate) const;

  const std::string& issuer() const { return issuer_; }
  absl::Time this_update() const { return this_update_; }
  // absl::InfiniteFuture() if the list does not say.
  absl::Time next_update() const { return next_update_; }
  size_t size() const { return revoked_.size(); }

 private:
  RevocationList() = default;

  std::string issuer_;
  std::string issuer_der_;
  absl::Time this_update_;
  absl::Time next_update_;
  absl::flat_hash_map<std::string, absl::Time> revoked_;  // serial in hexadecimal → since when
};

}  // namespace ndx::crypto
