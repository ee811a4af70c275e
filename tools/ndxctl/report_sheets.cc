#include "ndx/tools/ndxctl/report_sheets.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "ndx/tools/ndxctl/text_table.h"

namespace ndx::tools::ndxctl {
namespace {

// Wider than an average character of the fonts is, so that a capital or two do no harm.
constexpr double kSmallCharacterMm = 1.95;
constexpr double kCharacterMm = 2.4;

// Words are put one behind the other, as a browser does; one that is wider than the column is cut.
int WrappedLines(absl::string_view text, int columns) {
  columns = std::max(columns, 1);
  int lines = 1;
  int used = 0;
  for (const absl::string_view word : absl::StrSplit(text, ' ', absl::SkipEmpty())) {
    const int width = static_cast<int>(DisplayWidth(word));
    const bool fits = used == 0 || used + 1 + width <= columns;
    if (!fits) {
      ++lines;
      used = 0;
    }
    used += (used == 0 ? 0 : 1) + width;
    if (used > columns) {
      lines += (used - 1) / columns;
      used = (used - 1) % columns + 1;
    }
  }
  return lines;
}

// Sheets being filled.
class Sheets {
 public:
  void Add(const SheetSection& section) {
    bool first = true;
    bool open = false;
    for (const SheetBlock& block : section.blocks) {
      const double title = first ? section.title.height_mm : 0;
      const double head = open ? 0 : section.open.height_mm;
      if (used_ > 0 && used_ + title + head + block.height_mm > kSheetHeightMm) {
        if (open) done_.back() += section.close;
        open = false;
        used_ = kSheetHeightMm;  // full
      }
      if (done_.empty() || used_ >= kSheetHeightMm) Begin();
      if (first) Append(section.title);
      if (!open) Append(section.open);
      first = false;
      open = true;
      Append(block);
    }
    if (open) done_.back() += section.close;
  }

  std::vector<std::string> Take() { return std::move(done_); }

 private:
  void Begin() {
    done_.emplace_back();
    used_ = 0;
  }
  void Append(const SheetBlock& block) {
    done_.back() += block.html;
    used_ += block.height_mm;
  }

  std::vector<std::string> done_;
  double used_ = 0;
};

}  // namespace

std::vector<std::string> LayOut(const std::vector<SheetSection>& sections) {
  Sheets sheets;
  for (const SheetSection& section : sections) sheets.Add(section);
  return sheets.Take();
}

int SmallLines(absl::string_view text, double width_mm) {
  return WrappedLines(text, static_cast<int>(width_mm / kSmallCharacterMm));
}

int Lines(absl::string_view text, double width_mm) {
  return WrappedLines(text, static_cast<int>(width_mm / kCharacterMm));
}

std::string Html(absl::string_view text) {
  return absl::StrReplaceAll(
      Printable(text),
      {{"&", "&amp;"}, {"<", "&lt;"}, {">", "&gt;"}, {"\"", "&quot;"}, {"'", "&#39;"}});
}

}  // namespace ndx::tools::ndxctl
