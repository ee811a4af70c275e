#include "ndx/console/operator_directory.h"

#include <pwd.h>

#include <cstdint>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "ndx/registry/agency_code.h"
#include "ndx/registry/spki_digest.h"

namespace ndx::console {
namespace {

constexpr size_t kPasswdBufferBytes = size_t{16} << 10;

std::optional<uid_t> UserId(const std::string& user, const OperatorDirectory::UserLookup& lookup) {
  uint32_t number = 0;
  if (absl::SimpleAtoi(user, &number)) return number;
  return lookup(user);
}

template <typename Operators, typename Key>
std::optional<OperatorIdentity> Look(const Operators& operators, const Key& key) {
  const auto found = operators.find(key);
  if (found == operators.end()) return std::nullopt;
  return found->second;
}

}  // namespace

std::string RoleName(OperatorRole role) {
  const std::string& name = settings::v1::OperatorRole_Name(role);
  return absl::AsciiStrToLower(absl::StripPrefix(name, "OPERATOR_ROLE_"));
}

void OperatorDirectory::Add(const settings::v1::Operator& entry, const UserLookup& lookup,
                            std::vector<std::string>& faults) {
  const auto fault = [&](auto... words) {
    faults.push_back(absl::StrCat("operators: \"", entry.user(), "\" ", words...));
  };
  OperatorIdentity identity{.name = entry.user(), .roles = {settings::v1::OPERATOR_ROLE_VIEWER}};
  for (const int role : entry.roles()) identity.roles.insert(static_cast<OperatorRole>(role));
  if (entry.roles().empty() || identity.Has(settings::v1::OPERATOR_ROLE_UNSPECIFIED)) {
    fault("has no role");
  }
  for (const std::string& member : entry.acts_for()) {
    const auto code = registry::AgencyCode::Parse(member);
    if (code.ok()) {
      identity.acts_for.insert(code->text());
    } else {
      fault("acts for \"", member, "\", which ", code.status().message());
    }
  }
  const std::optional<uid_t> uid = UserId(entry.user(), lookup);
  const bool remote = !entry.certificates_spki_sha256().empty() || !entry.token_users().empty();
  if (!uid.has_value() && !remote) {
    faults.push_back(absl::StrCat("operators: this machine has no user \"", entry.user(),
                                  "\", and neither certificate nor token is listed for it"));
  }
  if (uid.has_value() && !operators_.emplace(*uid, identity).second) fault("is listed twice");
  for (const std::string& key : entry.certificates_spki_sha256()) {
    const auto digest = registry::ParseSpkiDigest(key);
    if (!digest.ok()) {
      fault("certificates_spki_sha256 has an entry that is not 64 hexadecimal digits");
    } else if (!by_key_.emplace(registry::SpkiDigestText(*digest), identity).second) {
      fault("has a certificate that is listed twice: a certificate is one person's");
    }
  }
  for (const std::string& user : entry.token_users()) {
    if (user.empty() || !by_token_.emplace(user, identity).second) {
      fault("has a token user that is empty or listed twice: a token is one person's");
    }
  }
}

absl::StatusOr<OperatorDirectory> OperatorDirectory::Build(
    const settings::v1::OperatorSettings& settings, const UserLookup& lookup) {
  OperatorDirectory directory;
  std::vector<std::string> faults;
  std::set<std::string> names;
  for (const settings::v1::Operator& entry : settings.operators()) {
    directory.Add(entry, lookup, faults);
    if (!names.insert(entry.user()).second) {
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
  return Look(operators_, peer.unix_peer.uid);
}

std::optional<OperatorIdentity> OperatorDirectory::FindByKey(const std::string& spki_sha256) const {
  return Look(by_key_, spki_sha256);
}

std::optional<OperatorIdentity> OperatorDirectory::FindByToken(const std::string& user) const {
  return Look(by_token_, user);
}

}  // namespace ndx::console
