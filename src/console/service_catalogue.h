// The registry as an operator sees it: services with methods and grants, descriptors, sizes.
//
// Thread-safety: thread-safe functions.
#pragma once

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/descriptor.pb.h"
#include "ndx/console/v1/operator_service.pb.h"
#include "ndx/registry/registry_snapshot.h"

namespace ndx::console {

// now decides which grants count as in force.
v1::ListServicesResponse ListServices(const registry::RegistrySnapshot& registry,
                                      absl::string_view name_contains, absl::Time now);

// Descriptors of one service, or of all when the name is empty, imports first. kNotFound when there
// is no such service.
absl::StatusOr<google::protobuf::FileDescriptorSet> DescriptorsOf(
    const registry::RegistrySnapshot& registry, absl::string_view service);

v1::RegistryCounts CountsOf(const registry::RegistrySnapshot& registry);

}  // namespace ndx::console
