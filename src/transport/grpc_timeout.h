// The grpc-timeout header: at most eight digits and a unit of H M S m u n.
//
// Thread-safety: thread-safe.
// Units: nanoseconds.
// Source: gRPC "PROTOCOL-HTTP2", Timeout.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"

namespace ndx::transport {

// Longer timeouts are taken as this one: 10 years, which added to any monotonic time cannot
// overflow.
inline constexpr int64_t kTimeoutNanosMax = int64_t{3650} * 86'400 * 1'000'000'000;

// Empty when the text is not a timeout. "0n" is a timeout that has passed.
std::optional<int64_t> ParseGrpcTimeout(absl::string_view text);

// The text of the longest timeout that is not longer than nanos: a deadline never grows on its way.
// Nothing left (zero or less) is "0n".
std::string FormatGrpcTimeout(int64_t nanos);

}  // namespace ndx::transport
