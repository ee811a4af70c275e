#include "ndx/settings/nearest_name.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace ndx::settings {
namespace {

constexpr size_t kListed = 10;

std::string Compared(absl::string_view name) {
  return absl::AsciiStrToLower(name.substr(0, kNearestNameCompared));
}

// Optimal string alignment distance, three rows.
size_t Edits(absl::string_view a, absl::string_view b) {
  std::vector<size_t> before_last(b.size() + 1);
  std::vector<size_t> last(b.size() + 1);
  std::vector<size_t> row(b.size() + 1);
  for (size_t j = 0; j <= b.size(); ++j) last[j] = j;
  for (size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      const size_t cost = a[i - 1] == b[j - 1] ? 0 : 1;
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, last[j - 1] + cost});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        row[j] = std::min(row[j], before_last[j - 2] + 1);
      }
    }
    std::swap(before_last, last);
    std::swap(last, row);
  }
  return last[b.size()];
}

struct Nearest {
  const std::string* name = nullptr;
  size_t edits = 0;
};

Nearest FindNearest(absl::string_view name, const std::vector<std::string>& candidates) {
  const std::string compared = Compared(name);
  Nearest nearest;
  for (const std::string& candidate : candidates) {
    const size_t edits = Edits(compared, Compared(candidate));
    if (nearest.name == nullptr || edits < nearest.edits) nearest = {&candidate, edits};
  }
  return nearest;
}

}  // namespace

std::string NearestName(absl::string_view name, const std::vector<std::string>& candidates) {
  const Nearest nearest = FindNearest(name, candidates);
  return nearest.name == nullptr ? std::string() : *nearest.name;
}

std::string NearestHint(absl::string_view name, const std::vector<std::string>& candidates) {
  const Nearest nearest = FindNearest(name, candidates);
  if (nearest.name == nullptr) return "; none is known";
  const size_t length = std::max(name.size(), nearest.name->size());
  if (nearest.edits * 3 <= length) return absl::StrCat(" (did you mean `", *nearest.name, "`?)");
  const size_t listed = std::min(candidates.size(), kListed);
  return absl::StrCat("; known: ",
                      absl::StrJoin(candidates.begin(),
                                    candidates.begin() + static_cast<std::ptrdiff_t>(listed), ", "),
                      listed < candidates.size() ? ", …" : "");
}

}  // namespace ndx::settings
