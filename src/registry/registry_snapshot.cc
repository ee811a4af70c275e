#include "ndx/registry/registry_snapshot.h"

#include <optional>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "ndx/settings/nearest_name.h"
#include "snapshot_builder.h"

namespace ndx::registry {
namespace {

template <typename Map, typename Key>
auto Lookup(const Map& map, const Key& key) -> typename Map::mapped_type {
  const auto found = map.find(key);
  return found == map.end() ? nullptr : found->second;
}

const std::vector<const MethodGrant*>& GrantsIn(
    const absl::flat_hash_map<std::string, std::vector<const MethodGrant*>>& grants,
    absl::string_view consumer) {
  static const auto* const kNone = new std::vector<const MethodGrant*>();
  const auto found = grants.find(consumer);
  return found == grants.end() ? *kNone : found->second;
}

}  // namespace

RegistrySnapshot::RegistrySnapshot()
    : pool_(std::make_unique<google::protobuf::DescriptorPool>()) {}

RegistrySnapshot::~RegistrySnapshot() = default;

const PurposeEntry* RegistrySnapshot::FindPurpose(absl::string_view code) const {
  return Lookup(purpose_by_code_, code);
}

const MemberEntry* RegistrySnapshot::FindMember(absl::string_view code) const {
  if (const MemberEntry* member = Lookup(member_by_code_, code)) return member;
  const auto canonical = AgencyCode::Parse(code);
  return canonical.ok() ? Lookup(member_by_code_, canonical->text()) : nullptr;
}

const SystemEntry* RegistrySnapshot::FindSystem(absl::string_view id) const {
  if (const SystemEntry* system = Lookup(system_by_id_, id)) return system;
  const auto canonical = CanonicalSystemId(id);
  return canonical ? Lookup(system_by_id_, canonical->text()) : nullptr;
}

const SystemEntry* RegistrySnapshot::FindSystemByCertificate(absl::string_view spki_sha256) const {
  return Lookup(system_by_certificate_, spki_sha256);
}

const ServiceEntry* RegistrySnapshot::FindService(absl::string_view name) const {
  return Lookup(service_by_name_, name);
}

const MethodEntry* RegistrySnapshot::FindMethod(absl::string_view path) const {
  return Lookup(method_by_path_, path);
}

const GrantEntry* RegistrySnapshot::FindGrant(absl::string_view name) const {
  return Lookup(grant_by_name_, name);
}

const ConsumerGroupEntry* RegistrySnapshot::FindConsumerGroup(absl::string_view name) const {
  return Lookup(consumer_group_by_name_, name);
}

const PeerEntry* RegistrySnapshot::FindPeer(const SystemEntry& system) const {
  return Lookup(peer_by_system_, &system);
}

const std::vector<const MethodGrant*>& RegistrySnapshot::GrantsOf(absl::string_view consumer,
                                                                  const MethodEntry& method) const {
  return GrantsIn(method.grants_of, consumer);
}

const std::vector<const MethodGrant*>& RegistrySnapshot::ShadowGrantsOf(
    absl::string_view consumer, const MethodEntry& method) const {
  return GrantsIn(method.shadow_grants_of, consumer);
}

// First the service, then the method within it: names are compared with a few others instead of all
// of them.
std::string RegistrySnapshot::NearestMethod(absl::string_view path) const {
  absl::ConsumePrefix(&path, "/");
  const size_t slash = path.find('/');
  const absl::string_view service_name = path.substr(0, slash);
  const absl::string_view method_name =
      slash == absl::string_view::npos ? absl::string_view() : path.substr(slash + 1);
  const ServiceEntry* service = FindService(service_name);
  if (service == nullptr) {
    std::vector<std::string> names;
    for (const auto& entry : services_) names.push_back(entry->name);
    service = FindService(settings::NearestName(service_name, names));
  }
  if (service == nullptr) return "";
  std::vector<std::string> names;
  for (const MethodEntry* method : service->methods) names.push_back(method->descriptor->name());
  return absl::StrCat(service->name, "/", settings::NearestName(method_name, names));
}

std::string RegistrySnapshot::VersionHex() const { return absl::BytesToHexString(version_); }

}  // namespace ndx::registry
