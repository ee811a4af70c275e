// Rights explained: why somebody may or may not ask, and who can see a field.
//
// Thread-safety: thread-safe functions.
#pragma once

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "ndx/console/v1/access_service.pb.h"
#include "ndx/registry/registry_snapshot.h"

namespace ndx::console {

// By this registry, at this time. What the registry itself refuses (a suspended or replaced member,
// an unknown method) is a verdict of the rule "registry". kNotFound for an unknown system.
absl::StatusOr<v1::ExplainAccessResponse> ExplainAccess(const registry::RegistrySnapshot& registry,
                                                        const v1::ExplainAccessRequest& request,
                                                        absl::Time at);

// kNotFound when no answer has such a field.
absl::StatusOr<v1::ListFieldReadersResponse> ListFieldReaders(
    const registry::RegistrySnapshot& registry, const v1::ListFieldReadersRequest& request,
    absl::Time now);

}  // namespace ndx::console
