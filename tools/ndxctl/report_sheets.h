// Blocks of a printed page laid out on sheets of A4, landscape, so that the number of sheets is
// known before anything prints them and every sheet can say which of how many it is.
//
// Heights are estimates on the safe side: lines have a fixed height, and characters are counted
// wider than they are.
//
// Thread-safety: thread-safe.
#pragma once

#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace ndx::tools::ndxctl {

inline constexpr double kSheetWidthMm = 269;   // without margins
inline constexpr double kSheetHeightMm = 180;  // without margins and the line at the foot
inline constexpr double kSmallLineMm = 4;      // tables
inline constexpr double kLineMm = 5.2;         // paragraphs

struct SheetBlock {
  std::string html;
  double height_mm = 0;
};

// Blocks between an opening and a closing, which are repeated on every sheet that they go over.
struct SheetSection {
  SheetBlock title;  // once, on the sheet of the first block
  SheetBlock open;
  std::string close;
  std::vector<SheetBlock> blocks;
};

// The inside of each sheet. A block that is higher than a sheet gets one of its own.
std::vector<std::string> LayOut(const std::vector<SheetSection>& sections);

// Lines that a text takes in a column so wide; at least one. Characters of the small font.
int SmallLines(absl::string_view text, double width_mm);
// The same of paragraphs' font.
int Lines(absl::string_view text, double width_mm);

// Text within HTML: what HTML reads as its own is escaped, control characters become '?'.
std::string Html(absl::string_view text);

}  // namespace ndx::tools::ndxctl
