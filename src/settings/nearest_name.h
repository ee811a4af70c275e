// The known name nearest to a mistyped one, for "did you mean".
//
// Thread-safety: thread-safe.
#pragma once

#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace ndx::settings {

// Characters of a name that are compared; keeps the cost bounded for names that come from outside.
inline constexpr size_t kNearestNameCompared = 128;

// The candidate with the fewest edits (insert, delete, replace, swap of neighbours; case ignored),
// the first of equals. Empty when there are no candidates.
std::string NearestName(absl::string_view name, const std::vector<std::string>& candidates);

// " (did you mean `x`?)" when a candidate is near enough to be what was meant (at most a third of
// its length away); otherwise "; known: a, b, c" with at most ten of them.
std::string NearestHint(absl::string_view name, const std::vector<std::string>& candidates);

}  // namespace ndx::settings
