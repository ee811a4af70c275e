// Addresses of ports as settings write them.
//
// Thread-safety: thread-safe.
#pragma once

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace ndx::daemon {

struct HostPort {
  std::string host;  // without brackets
  uint16_t port = 0;
};

// "127.0.0.1:7480" or "[::1]:7480". kInvalidArgument for anything else.
absl::StatusOr<HostPort> ParseHostPort(absl::string_view text);

}  // namespace ndx::daemon
