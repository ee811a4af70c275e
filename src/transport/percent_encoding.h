// The encoding of grpc-message: UTF-8 with every byte outside 0x20-0x7E, and '%', as %XX.
//
// Thread-safety: thread-safe.
// Source: gRPC "PROTOCOL-HTTP2", Percent-Encoded.
#pragma once

#include <string>

#include "absl/strings/string_view.h"

namespace ndx::transport {

std::string PercentEncode(absl::string_view text);

// Never fails: what is not a valid escape is kept as it stands, as the specification asks.
std::string PercentDecode(absl::string_view text);

}  // namespace ndx::transport
