// Whether a registered system may take part, whoever speaks for it.
//
// Thread-safety: thread-safe function.
#pragma once

#include <optional>
#include <string>

#include "absl/time/time.h"
#include "ndx/core/refusal.h"
#include "ndx/registry/registry_entries.h"

namespace ndx::security {

// MEMBER_REPLACED, naming who took the member's place, after its last day; SYSTEM_SUSPENDED where
// system or member is suspended or the member's code is not in use; SYSTEM_NOT_IN_USE outside the
// system's own days; nothing otherwise.
// node_contact: whom the text tells to turn to.
std::optional<core::Refusal> RefusalOfSystem(const registry::SystemEntry& system,
                                             const std::string& node_contact, absl::Time now);

}  // namespace ndx::security
