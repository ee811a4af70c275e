#include "ndx/routing/router.h"

#include <string>
#include <vector>

#include "absl/strings/str_join.h"
#include "ndx/registry/calendar.h"

namespace ndx::routing {
namespace {

using core::Refusal;
using registry::ProviderEntry;

std::string ProviderNames(const registry::ServiceEntry& service) {
  return absl::StrJoin(service.providers, ", ",
                       [](std::string* out, const ProviderEntry& provider) {
                         out->append(provider.system->id.text());
                       });
}

// The only provider, or the only one that is in use today; null where there are several.
const ProviderEntry* OnlyProvider(const registry::ServiceEntry& service, absl::CivilDay today) {
  if (service.providers.size() == 1) return &service.providers.front();
  const ProviderEntry* only = nullptr;
  for (const ProviderEntry& provider : service.providers) {
    if (!provider.system->in_use.Contains(today)) continue;
    if (only != nullptr) return nullptr;
    only = &provider;
  }
  return only;
}

}  // namespace

std::variant<Route, Refusal> Router::Resolve(const registry::RegistrySnapshot& registry,
                                             absl::string_view path, absl::string_view provider,
                                             absl::Time now) {
  const registry::MethodEntry* method = registry.FindMethod(path);
  if (method == nullptr) {
    return Refusal{.reason = exchange::v1::ERROR_REASON_METHOD_UNKNOWN,
                   .parameters = {{"nearest", registry.NearestMethod(path)}}};
  }
  const registry::ServiceEntry& service = *method->service;
  const absl::CivilDay today = registry::VietnamDay(now);
  const ProviderEntry* chosen = nullptr;
  if (provider.empty()) {
    chosen = OnlyProvider(service, today);
    if (chosen == nullptr) {
      return Refusal{.reason = exchange::v1::ERROR_REASON_PROVIDER_AMBIGUOUS,
                     .parameters = {{"list", ProviderNames(service)}}};
    }
  } else {
    // Either spelling of the member's code is the same system.
    const registry::SystemEntry* system = registry.FindSystem(provider);
    for (const ProviderEntry& candidate : service.providers) {
      if (system != nullptr && candidate.system == system) chosen = &candidate;
    }
    if (chosen == nullptr) {
      return Refusal{.reason = exchange::v1::ERROR_REASON_PROVIDER_UNKNOWN,
                     .parameters = {{"list", ProviderNames(service)}}};
    }
  }
  if (method->client_streaming) {
    return Refusal{.reason = exchange::v1::ERROR_REASON_STREAMING_UNSUPPORTED};
  }
  if (!service.in_use.Contains(today)) {
    return Refusal{.reason = exchange::v1::ERROR_REASON_SERVICE_NOT_IN_USE,
                   .parameters = {{"from", service.in_use.FromText()},
                                  {"to", service.in_use.ToText()},
                                  {"owner", chosen->system->member->OwnerText()}}};
  }
  const registry::DateRange& in_use = chosen->system->in_use;
  if (!in_use.Contains(today)) {
    return Refusal{.reason = exchange::v1::ERROR_REASON_PROVIDER_NOT_IN_USE,
                   .parameters = {{"from", in_use.FromText()},
                                  {"to", in_use.ToText()},
                                  {"owner", chosen->system->member->OwnerText()}}};
  }
  return Route{.method = method, .provider = chosen};
}

}  // namespace ndx::routing
