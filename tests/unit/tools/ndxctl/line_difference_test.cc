#include "ndx/tools/ndxctl/line_difference.h"

#include <catch2/catch.hpp>
#include <string>

namespace ndx::tools::ndxctl {
namespace {

std::string Shown(const std::string& before, const std::string& after) {
  std::string out;
  for (const DifferenceLine& line : LineDifference(before, after)) {
    out.append(1, line.mark).append(line.text).append("|");
  }
  return out;
}

TEST_CASE("lines that stay, go and come") {
  CHECK(Shown("a\nb\nc\n", "a\nx\nc\nd\n") == " a|-b|+x| c|+d|");
  CHECK(Shown("", "a\nb\n") == "+a|+b|");
  CHECK(Shown("a\nb\n", "") == "-a|-b|");
  CHECK(Shown("a\n", "a\n") == " a|");
  CHECK(Shown("", "").empty());
  CHECK(Shown("a\nb", "b\na") == "-a| b|+a|");
}

TEST_CASE("texts past the limit are shown whole, as gone and new") {
  std::string many;
  for (size_t i = 0; i <= kDifferenceLinesMax; ++i) many += "x\n";
  const auto lines = LineDifference(many, "x\n");
  REQUIRE(lines.size() == kDifferenceLinesMax + 2);
  CHECK(lines.front().mark == '-');
  CHECK(lines.back().mark == '+');
}

}  // namespace
}  // namespace ndx::tools::ndxctl
