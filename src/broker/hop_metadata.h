// Which metadata crosses the node. Everything custom does, in both directions, except what the node
// itself says (ndx-*, traceparent) and what means something only between two neighbours.
//
// Thread-safety: thread-safe (pure functions).
// Source of the keys between neighbours: RFC 9110 section 7.6.1 and 11.7; those that gRPC and
// HTTP/2 own never get this far (transport/metadata.h, IsReservedKey).
#pragma once

#include "absl/strings/string_view.h"
#include "ndx/transport/metadata.h"

namespace ndx::broker {

// A key as it came from a caller or a provider, lower case.
bool CrossesNode(absl::string_view key);

// The entries that cross, in their order.
transport::Metadata AcrossNode(const transport::Metadata& metadata);

}  // namespace ndx::broker
