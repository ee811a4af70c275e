// Server reflection, v1 and v1alpha (the messages are the same): what the registered services look
// like, and the node's own.
//
// Symbols are looked up in the registry's own pool first, then among the types linked into the
// program. A stream keeps the registry it began with.
//
// Thread-safety: OnCall is thread-safe; each call lives on its loop.
// Ownership: what current refers to outlives the service.
// Source: grpc/reflection/v1/reflection.proto.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "ndx/registry/registry_snapshot.h"
#include "ndx/transport/server_call.h"

namespace ndx::console {

class ReflectionService {
 public:
  // own_services: full names of services served here besides the registered ones.
  ReflectionService(std::function<std::shared_ptr<const registry::RegistrySnapshot>()> current,
                    std::vector<std::string> own_services)
      : current_(std::move(current)), own_services_(std::move(own_services)) {}

  // "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo", likewise v1alpha.
  static bool Owns(absl::string_view path);
  static std::vector<std::string> ServiceNames();

  std::unique_ptr<transport::ServerCallObserver> OnCall(transport::ServerCall& call) const;

 private:
  const std::function<std::shared_ptr<const registry::RegistrySnapshot>()> current_;
  const std::vector<std::string> own_services_;
};

}  // namespace ndx::console
