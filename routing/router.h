// Stage 3 of an exchange: method (and ndx-provider) → route. Pure.
//
// Thread-safety: thread-safe functions. Ownership: a Route points into the snapshot.
#pragma once

#include <variant>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "ndx/core/refusal.h"
#include "ndx/registry/registry_snapshot.h"

namespace ndx::routing {

// Where an exchange goes.
struct Route {
  const registry::MethodEntry* method = nullptr;
  const registry::ProviderEntry* provider = nullptr;
};

class Router {
 public:
  // `path` is ":path", `provider` the value of ndx-provider, empty when not sent. In the order of
  // ErrorReason: METHOD_UNKNOWN with the nearest method, PROVIDER_AMBIGUOUS, PROVIDER_UNKNOWN,
  // STREAMING_UNSUPPORTED, SERVICE_NOT_IN_USE, PROVIDER_NOT_IN_USE on the day of `now`.
  static std::variant<Route, core::Refusal> Resolve(const registry::RegistrySnapshot& registry,
                                                    absl::string_view path,
                                                    absl::string_view provider, absl::Time now);
};

}  // namespace ndx::routing
