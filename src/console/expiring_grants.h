// Grants whose end is near: what an operator is reminded of.
//
// Thread-safety: thread-safe function. Ownership: what is returned points into the snapshot.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/time/civil_time.h"
#include "ndx/registry/registry_snapshot.h"

namespace ndx::console {

// Grants whose last day is today or at most so many days later, the nearest first. Days are those
// of Asia/Ho_Chi_Minh.
std::vector<const registry::GrantEntry*> ExpiringGrants(const registry::RegistrySnapshot& registry,
                                                        absl::CivilDay today, uint32_t days);

// Who may ask by a grant: ids of systems.
std::vector<std::string> ConsumersOf(const registry::GrantEntry& grant);

}  // namespace ndx::console
