// An absolute http or https address, as settings name a time-stamp authority or a witness.
//
// Thread-safety: thread-safe.
// Source: RFC 3986, of which this is a part: no user, no fragment, no percent-encoding undone.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace ndx::http {

inline constexpr size_t kUrlBytesMax = 2048;

struct Url {
  bool tls = false;
  std::string host;  // a name or an address, IPv6 without brackets
  std::string port;  // decimal
  std::string path;  // from the first '/', with the query; never empty

  // "host:port" as the Host header has it.
  std::string authority() const;
};

// kInvalidArgument for anything else.
absl::StatusOr<Url> ParseUrl(absl::string_view text);

}  // namespace ndx::http
