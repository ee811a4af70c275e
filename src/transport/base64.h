// Base64 as gRPC uses it for "-bin" metadata.
//
// Thread-safety: thread-safe.
// Source: RFC 4648 section 4; gRPC: senders should leave padding out, receivers must take both.
#pragma once

#include <string>

#include "absl/strings/string_view.h"

namespace ndx::transport {

// Without padding.
std::string EncodeBase64(absl::string_view bytes);

// Appends the decoded bytes to *out. Takes the value with or without padding. False, with *out
// unspecified, on any other character, a length that no encoding has, wrong padding, or bits left
// over that are not zero.
bool DecodeBase64(absl::string_view text, std::string* out);

}  // namespace ndx::transport
