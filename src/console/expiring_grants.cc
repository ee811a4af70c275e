#include "ndx/console/expiring_grants.h"

#include <algorithm>

namespace ndx::console {

std::vector<const registry::GrantEntry*> ExpiringGrants(const registry::RegistrySnapshot& registry,
                                                        absl::CivilDay today, uint32_t days) {
  std::vector<const registry::GrantEntry*> grants;
  for (const auto& grant : registry.grants()) {
    const auto& last = grant->in_force.to;
    if (last.has_value() && *last >= today && *last - today <= days) grants.push_back(grant.get());
  }
  std::stable_sort(grants.begin(), grants.end(),
                   [](const auto* a, const auto* b) { return *a->in_force.to < *b->in_force.to; });
  return grants;
}

std::vector<std::string> ConsumersOf(const registry::GrantEntry& grant) {
  std::vector<std::string> ids;
  for (const registry::SystemEntry* const consumer : grant.consumers) {
    ids.push_back(consumer->id.text());
  }
  return ids;
}

}  // namespace ndx::console
