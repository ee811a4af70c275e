// What a status says, for checks of error texts.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/strings/match.h"

namespace ndx::tests {

inline bool Says(const absl::Status& status, const std::string& text) {
  return absl::StrContains(status.message(), text);
}

}  // namespace ndx::tests
