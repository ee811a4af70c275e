// What a gRPC client of the node should do by itself (cấu hình dịch vụ cho phần mềm gọi): spread
// calls over a member's nodes, give every call a deadline, and ask again where that cannot do harm.
// gRPC libraries take the text as it is (`grpc.service_config`).
//
// Reads and idempotent changes are asked again after UNAVAILABLE, with the exchange id that they
// had; nothing else is: whether another change was made, its caller must look up first.
//
// Thread-safety: thread-safe function.
// Source: https://github.com/grpc/grpc/blob/master/doc/service_config.md, proposal A6 (retries).
#pragma once

#include <string>

#include "absl/strings/string_view.h"
#include "ndx/registry/registry_snapshot.h"

namespace ndx::registry {

// JSON, for the methods that the consumer (id text) has a grant for, and the node's own.
std::string ServiceConfigFor(const RegistrySnapshot& registry, absl::string_view consumer);

}  // namespace ndx::registry
