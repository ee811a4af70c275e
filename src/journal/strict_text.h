// Parsing where only one spelling is right, as the public log formats want it. Private to this
// folder.
//
// Thread-safety: thread-safe.
#pragma once

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace ndx::journal {

// Standard alphabet, with padding, nothing else; kInvalidArgument otherwise.
absl::StatusOr<std::string> DecodeBase64(absl::string_view text);

// Decimal without sign or leading zeroes; kInvalidArgument otherwise.
absl::StatusOr<uint64_t> ParseDecimal(absl::string_view text);

// True for UTF-8.
bool IsUtf8(absl::string_view text);

// True for UTF-8 without control characters.
bool IsUtf8Line(absl::string_view line);

}  // namespace ndx::journal
