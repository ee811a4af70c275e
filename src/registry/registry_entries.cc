#include "ndx/registry/registry_entries.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace ndx::registry {

// There is no circle: the builder refuses one.
const MemberEntry& MemberEntry::LatestSuccessor() const {
  const MemberEntry* member = this;
  while (member->successor != nullptr) member = member->successor;
  return *member;
}

std::string MemberEntry::OwnerText() const {
  return contact.empty() ? name_vi : absl::StrCat(name_vi, " (", contact, ")");
}

bool MemberScope::Covers(const AgencyCode& member) const {
  return below ? absl::StartsWith(member.text(), absl::StrCat(code.text(), ".")) : member == code;
}

bool PeerEntry::MaySpeakFor(const MemberEntry& member) const {
  return std::any_of(may_speak_for.begin(), may_speak_for.end(),
                     [&](const MemberScope& scope) { return scope.Covers(member.code); });
}

bool PeerEntry::Wants(absl::string_view service) const {
  return std::any_of(wanted_services.begin(), wanted_services.end(),
                     [&](const std::string& pattern) { return NamesService(pattern, service); });
}

bool PeerEntry::MayRelay(const MethodEntry& method) const {
  return methods.empty() || method.service->of_node ||
         std::binary_search(methods.begin(), methods.end(), &method);
}

std::string Endpoint::ToString() const {
  switch (kind) {
    case Kind::kUnix:
      return absl::StrCat("unix:", target);
    case Kind::kEmbedded:
      return absl::StrCat("embedded:", target);
    case Kind::kTcpTls:
    case Kind::kTcpPlain:
      return host.find(':') == std::string::npos ? absl::StrCat(host, ":", port)
                                                 : absl::StrCat("[", host, "]:", port);
    case Kind::kNode:
      return "node";
  }
  return "";
}

bool GrantEntry::CoversProvider(const SystemEntry* provider) const {
  return providers.empty() ||
         std::find(providers.begin(), providers.end(), provider) != providers.end();
}

}  // namespace ndx::registry
