// What became of the lines of a text.
//
// Thread-safety: thread-safe function.
#pragma once

#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace ndx::tools::ndxctl {

struct DifferenceLine {
  char mark = ' ';  // '-' gone, '+' new, ' ' as it was
  std::string text;
};

// The longest common subsequence stays; past kDifferenceLinesMax lines on either side all of the
// one is gone and all of the other new.
inline constexpr size_t kDifferenceLinesMax = 2000;
std::vector<DifferenceLine> LineDifference(absl::string_view before, absl::string_view after);

}  // namespace ndx::tools::ndxctl
