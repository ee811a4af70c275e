#include "ndx/security/revocations.h"

#include <algorithm>
#include <fstream>
#include <sstream>
#include <utility>

#include "absl/strings/str_cat.h"
#include "ndx/core/status_macros.h"

namespace ndx::security {
namespace {

absl::StatusOr<std::vector<crypto::Certificate>> ReadAuthorities(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return absl::NotFoundError(absl::StrCat(path, ": cannot be opened"));
  std::ostringstream content;
  content << file.rdbuf();
  auto authorities = crypto::Certificate::ListFromPem(content.str());
  if (!authorities.ok()) {
    return absl::Status(authorities.status().code(),
                        absl::StrCat(path, ": ", authorities.status().message()));
  }
  return authorities;
}

}  // namespace

absl::StatusOr<Revocations> Revocations::Read(const std::vector<std::string>& crl_files,
                                              const std::string& ca_file) {
  Revocations revocations;
  if (crl_files.empty()) return revocations;
  NDX_ASSIGN_OR_RETURN(const auto authorities, ReadAuthorities(ca_file));
  for (const std::string& path : crl_files) {
    NDX_ASSIGN_OR_RETURN(auto list, crypto::RevocationList::Load(path, authorities));
    revocations.lists_.push_back(std::move(list));
  }
  return revocations;
}

std::optional<absl::Time> Revocations::RevokedAt(const crypto::Certificate& certificate) const {
  std::optional<absl::Time> earliest;
  for (const crypto::RevocationList& list : lists_) {
    const auto since = list.RevokedAt(certificate);
    if (since && (!earliest || *since < *earliest)) earliest = since;
  }
  return earliest;
}

size_t Revocations::size() const {
  size_t size = 0;
  for (const crypto::RevocationList& list : lists_) size += list.size();
  return size;
}

absl::Time Revocations::next_update() const {
  absl::Time earliest = absl::InfiniteFuture();
  for (const crypto::RevocationList& list : lists_) {
    earliest = std::min(earliest, list.next_update());
  }
  return earliest;
}

}  // namespace ndx::security
