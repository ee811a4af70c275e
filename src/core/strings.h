// Debian's absl::string_view is its own class, not std::string_view. This is the one place that
// converts.
#pragma once

#include <string_view>

#include "absl/strings/string_view.h"

namespace ndx::core {

inline std::string_view ToStd(absl::string_view text) { return {text.data(), text.size()}; }
inline absl::string_view ToAbsl(std::string_view text) { return {text.data(), text.size()}; }

}  // namespace ndx::core
