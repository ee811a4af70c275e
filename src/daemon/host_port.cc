#include "ndx/daemon/host_port.h"

#include "absl/strings/numbers.h"
#include "absl/strings/strip.h"

namespace ndx::daemon {

absl::StatusOr<HostPort> ParseHostPort(absl::string_view text) {
  const size_t colon = text.rfind(':');
  uint32_t port = 0;
  if (colon == absl::string_view::npos || colon == 0 ||
      text.find_first_not_of("0123456789", colon + 1) != absl::string_view::npos ||
      !absl::SimpleAtoi(text.substr(colon + 1), &port) || port > 65535) {
    return absl::InvalidArgumentError("must be address:port");
  }
  absl::string_view host = text.substr(0, colon);
  if (absl::ConsumePrefix(&host, "[") != absl::ConsumeSuffix(&host, "]")) {
    return absl::InvalidArgumentError("must be address:port");
  }
  return HostPort{.host = std::string(host), .port = static_cast<uint16_t>(port)};
}

}  // namespace ndx::daemon
