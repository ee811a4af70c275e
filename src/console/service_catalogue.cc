#include "ndx/console/service_catalogue.h"

#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "ndx/registry/service_feed.h"

namespace ndx::console {
namespace {

using google::protobuf::FileDescriptor;
using google::protobuf::FileDescriptorSet;

void SetDuration(absl::Duration duration, google::protobuf::Duration& out) {
  out.set_seconds(absl::ToInt64Seconds(duration));
  out.set_nanos(
      static_cast<int32_t>(absl::ToInt64Nanoseconds(duration - absl::Seconds(out.seconds()))));
}

void AddGrant(const registry::GrantEntry& grant, absl::Time now, v1::ServiceMethod& method) {
  v1::MethodGrant& out = *method.add_grants();
  out.set_name(grant.name);
  if (grant.group != nullptr) {
    out.set_consumer_group(grant.group->name);
  } else {
    out.set_consumer(grant.consumers.front()->id.text());
  }
  out.set_shadow(grant.shadow);
  out.set_campaign_total(grant.campaign_total);
  out.mutable_purposes()->Add(grant.purposes.begin(), grant.purposes.end());
  out.set_quota_per_second(grant.quota_per_second);
  out.set_quota_per_day(grant.quota_per_day);
  out.set_in_force(grant.in_force.Contains(registry::VietnamDay(now)));
  out.set_legal_basis(grant.legal_basis);
}

void AddMethod(const registry::MethodEntry& method, absl::Time now,
               v1::RegisteredService& service) {
  v1::ServiceMethod& out = *service.add_methods();
  out.set_name(method.path.substr(method.path.rfind('/') + 1));
  out.set_path(method.path);
  out.set_title_vi(method.rules.title_vi());
  *out.mutable_rules() = method.rules;
  out.set_request_type(method.input->full_name());
  out.set_response_type(method.output->full_name());
  out.set_server_streaming(method.server_streaming);
  SetDuration(method.default_deadline, *out.mutable_default_deadline());
  for (const auto& hold : method.grants) AddGrant(*hold->grant, now, out);
}

}  // namespace

v1::ListServicesResponse ListServices(const registry::RegistrySnapshot& registry,
                                      absl::string_view name_contains, absl::Time now) {
  v1::ListServicesResponse response;
  response.set_registry_version(registry.VersionHex());
  for (const auto& service : registry.services()) {
    if (!absl::StrContains(service->name, name_contains)) continue;
    v1::RegisteredService& out = *response.add_services();
    out.set_name(service->name);
    out.set_title_vi(service->title_vi);
    out.set_title_en(service->title_en);
    out.set_of_node(service->of_node);
    if (service->fed_by != nullptr) out.set_feed_of(service->fed_by->system->id.text());
    for (const registry::ProviderEntry& provider : service->providers) {
      v1::ServiceProvider& out_provider = *out.add_providers();
      out_provider.set_system(provider.system->id.text());
      out_provider.set_endpoint(provider.endpoint.ToString());
      if (provider.via != nullptr) out_provider.set_via_peer(provider.via->system->id.text());
    }
    for (const registry::MethodEntry* method : service->methods) {
      AddMethod(*method, now, out);
    }
  }
  return response;
}

absl::StatusOr<FileDescriptorSet> DescriptorsOf(const registry::RegistrySnapshot& registry,
                                                absl::string_view service) {
  std::vector<const FileDescriptor*> files;
  if (service.empty()) {
    for (const auto& entry : registry.services()) files.push_back(entry->descriptor->file());
    return registry::WithImports(files);
  }
  const registry::ServiceEntry* const entry = registry.FindService(service);
  if (entry == nullptr) {
    return absl::NotFoundError(absl::StrCat("no service of that name is registered; there are ",
                                            registry.services().size(), ", see ListServices"));
  }
  return registry::WithImports({entry->descriptor->file()});
}

v1::RegistryCounts CountsOf(const registry::RegistrySnapshot& registry) {
  v1::RegistryCounts counts;
  counts.set_members(static_cast<uint32_t>(registry.members().size()));
  counts.set_systems(static_cast<uint32_t>(registry.systems().size()));
  counts.set_services(static_cast<uint32_t>(registry.services().size()));
  counts.set_methods(static_cast<uint32_t>(registry.methods().size()));
  counts.set_grants(static_cast<uint32_t>(registry.grants().size()));
  return counts;
}

}  // namespace ndx::console
