#include "ndx/security/revocations.h"

#include <algorithm>

namespace ndx::security {

std::optional<absl::Time> Revocations::RevokedAt(const crypto::Certificate& certificate) const {
  std::optional<absl::Time> earliest;
  for (const List& list : lists_) {
    const auto since = list->RevokedAt(certificate);
    if (since && (!earliest || *since < *earliest)) earliest = since;
  }
  return earliest;
}

std::optional<absl::Time> Revocations::OutdatedSince(const crypto::Certificate& certificate,
                                                     absl::Time now) const {
  if (max_age_ == absl::InfiniteDuration()) return std::nullopt;
  const crypto::RevocationList* newest = nullptr;
  for (const List& list : lists_) {
    if (!list->Covers(certificate)) continue;
    if (newest == nullptr || list->next_update() > newest->next_update()) newest = list.get();
  }
  if (newest == nullptr || now <= newest->next_update() + max_age_) return std::nullopt;
  return newest->this_update();
}

size_t Revocations::size() const {
  size_t size = 0;
  for (const List& list : lists_) size += list->size();
  return size;
}

absl::Time Revocations::next_update() const {
  absl::Time earliest = absl::InfiniteFuture();
  for (const List& list : lists_) earliest = std::min(earliest, list->next_update());
  return earliest;
}

}  // namespace ndx::security
