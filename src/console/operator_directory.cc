#include "ndx/console/operator_directory.h"

#include <pwd.h>

#include <cstdint>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"

namespace ndx::console {
namespace {

constexpr size_t kPasswdBufferBytes = size_t{16} << 10;

std::optional<uid_t> UserId(const std::string& user, const OperatorDirectory::UserLookup& lookup) {
  uint32_t number = 0;
  if (absl::SimpleAtoi(user, &number)) return number;
  return lookup(user);
}

}  // namespace

std::string RoleName(OperatorRole role) {
  const std::string& name = settings::v1::OperatorRole_Name(role);
  return absl::AsciiStrToLower(absl::StripPrefix(name, "OPERATOR_ROLE_"));
}

absl::StatusOr<OperatorDirectory> OperatorDirectory::Build(
    const settings::v1::OperatorSettings& settings, const UserLookup& lookup) {
  OperatorDirectory directory;
  std::vector<std::string> faults;
  for (const settings::v1::Operator& entry : settings.operators()) {
    const std::optional<uid_t> uid = UserId(entry.user(), lookup);
    if (!uid.has_value()) {
      faults.push_back(absl::StrCat("operators: this machine has no user \"", entry.user(), "\""));
      continue;
    }
    OperatorIdentity identity{.name = entry.user(), .roles = {settings::v1::OPERATOR_ROLE_VIEWER}};
    for (const int role : entry.roles()) identity.roles.insert(static_cast<OperatorRole>(role));
    if (entry.roles().empty() || identity.Has(settings::v1::OPERATOR_ROLE_UNSPECIFIED)) {
      faults.push_back(absl::StrCat("operators: \"", entry.user(), "\" has no role"));
    }
    if (!directory.operators_.emplace(*uid, std::move(identity)).second) {
      faults.push_back(absl::StrCat("operators: \"", entry.user(), "\" is listed twice"));
    }
  }
  if (!faults.empty()) return absl::InvalidArgumentError(absl::StrJoin(faults, "\n"));
  return directory;
}

std::optional<uid_t> OperatorDirectory::SystemUser(const std::string& user) {
  std::vector<char> buffer(kPasswdBufferBytes);
  passwd entry{};
  passwd* found = nullptr;
  getpwnam_r(user.c_str(), &entry, buffer.data(), buffer.size(), &found);
  if (found == nullptr) return std::nullopt;
  return found->pw_uid;
}

std::optional<OperatorIdentity> OperatorDirectory::Find(const transport::PeerIdentity& peer) const {
  if (peer.kind != transport::PeerKind::kUnix) return std::nullopt;
  const auto found = operators_.find(peer.unix_peer.uid);
  if (found == operators_.end()) return std::nullopt;
  return found->second;
}

}  // namespace ndx::console
