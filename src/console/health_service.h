// grpc.health.v1.Health: Check and Watch, for the node as a whole ("") and for each service.
//
// Thread-safety: OnCall is thread-safe; each call lives on its loop.
// Ownership: what serving and known refer to outlives the service.
// Source: grpc/health/v1/health.proto. Watch sends the state at once, SERVICE_UNKNOWN included, and
// again when it has changed, which it looks at every kHealthInterval.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "ndx/transport/server_call.h"

namespace ndx::console {

inline constexpr absl::Duration kHealthInterval = absl::Milliseconds(500);

class HealthService {
 public:
  // Whether a service takes calls; nullopt for one that is not known. Must not block.
  using State = std::function<std::optional<bool>(absl::string_view service)>;

  explicit HealthService(State state) : state_(std::move(state)) {}

  // "/grpc.health.v1.Health/Check" or "…/Watch".
  static bool Owns(absl::string_view path);
  std::unique_ptr<transport::ServerCallObserver> OnCall(transport::ServerCall& call) const;

 private:
  const State state_;
};

}  // namespace ndx::console
