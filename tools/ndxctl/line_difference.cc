#include "ndx/tools/ndxctl/line_difference.h"

#include <algorithm>

#include "absl/strings/str_split.h"

namespace ndx::tools::ndxctl {
namespace {

std::vector<absl::string_view> LinesOf(absl::string_view text) {
  std::vector<absl::string_view> lines = absl::StrSplit(text, '\n');
  if (lines.back().empty()) lines.pop_back();
  return lines;
}

}  // namespace

std::vector<DifferenceLine> LineDifference(absl::string_view before, absl::string_view after) {
  const auto was = LinesOf(before);
  const auto now = LinesOf(after);
  std::vector<DifferenceLine> out;
  const auto add = [&out](char mark, absl::string_view line) {
    out.push_back({.mark = mark, .text = std::string(line)});
  };
  if (std::max(was.size(), now.size()) > kDifferenceLinesMax) {
    for (const auto line : was) add('-', line);
    for (const auto line : now) add('+', line);
    return out;
  }
  // common[i][j]: lines that was[i…] and now[j…] have in common, in order.
  std::vector<std::vector<uint32_t>> common(was.size() + 1,
                                            std::vector<uint32_t>(now.size() + 1, 0));
  for (size_t i = was.size(); i-- > 0;) {
    for (size_t j = now.size(); j-- > 0;) {
      common[i][j] = was[i] == now[j] ? common[i + 1][j + 1] + 1
                                      : std::max(common[i + 1][j], common[i][j + 1]);
    }
  }
  size_t i = 0;
  size_t j = 0;
  while (i < was.size() || j < now.size()) {
    if (i < was.size() && j < now.size() && was[i] == now[j]) {
      add(' ', was[i++]);
      ++j;
    } else if (j == now.size() || (i < was.size() && common[i + 1][j] >= common[i][j + 1])) {
      add('-', was[i++]);
    } else {
      add('+', now[j++]);
    }
  }
  return out;
}

}  // namespace ndx::tools::ndxctl
