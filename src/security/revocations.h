// The certificate revocation lists in force on a node at one moment. Where they come from:
// revocation_files.h.
//
// Thread-safety: immutable, thread-safe.
#pragma once

#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "ndx/crypto/certificate.h"
#include "ndx/crypto/revocation_list.h"

namespace ndx::security {

class Revocations {
 public:
  // Shared, because a list stays the same while another one's file is read anew.
  using List = std::shared_ptr<const crypto::RevocationList>;

  // Revokes nothing.
  Revocations() = default;
  // max_age: how far past its next update the newest list of an issuer still tells enough.
  explicit Revocations(std::vector<List> lists, absl::Duration max_age = absl::InfiniteDuration())
      : lists_(std::move(lists)), max_age_(max_age) {}

  // Since when the certificate is revoked; the earliest where several lists say so.
  std::optional<absl::Time> RevokedAt(const crypto::Certificate& certificate) const;

  // Where the newest list of the certificate's issuer is out of date by more than max_age: when
  // that list was made. Nothing where there is no list of the issuer: a node has lists of those
  // issuers that its settings name.
  std::optional<absl::Time> OutdatedSince(const crypto::Certificate& certificate,
                                          absl::Time now) const;

  // Entries of all lists.
  size_t size() const;

  // When the first of the lists is out of date. Infinite future without lists.
  absl::Time next_update() const;

 private:
  std::vector<List> lists_;
  absl::Duration max_age_ = absl::InfiniteDuration();
};

}  // namespace ndx::security
