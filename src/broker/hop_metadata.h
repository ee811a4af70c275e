// Which metadata crosses the node. Everything custom does, in both directions, except what the node
// itself says (ndx-*, traceparent), what means something only between two neighbours, and what
// proxies say about who stands before them (forwarded, x-forwarded-*, x-road-*, client certificates
// in headers): a provider would take it for the node's word. A key with '_' or '.' for '-' is the
// same key.
//
// Thread-safety: thread-safe (pure functions).
// Source of the keys between neighbours: RFC 9110 section 7.6.1 and 11.7; of those about others:
// RFC 7239, RFC 9440, Envoy's x-forwarded-client-cert, nginx, X-Road. Those that gRPC and HTTP/2
// own never get this far (transport/metadata.h, IsReservedKey).
#pragma once

#include "absl/strings/string_view.h"
#include "ndx/transport/metadata.h"

namespace ndx::broker {

// A key as it came from a caller or a provider, lower case.
bool CrossesNode(absl::string_view key);

// The entries that cross, in their order.
transport::Metadata AcrossNode(const transport::Metadata& metadata);

}  // namespace ndx::broker
