#include "ndx/tools/ndxctl/text_table.h"

#include <algorithm>

namespace ndx::tools::ndxctl {
namespace {

constexpr size_t kGap = 2;

// U+0300 to U+036F stand over the letter before them: 0xCC 0x80 to 0xCD 0xAF.
bool IsCombining(absl::string_view text, size_t at) {
  if (at + 1 >= text.size()) return false;
  const auto first = static_cast<unsigned char>(text[at]);
  const auto second = static_cast<unsigned char>(text[at + 1]);
  return first == 0xCC || (first == 0xCD && second <= 0xAF);
}

}  // namespace

size_t DisplayWidth(absl::string_view text) {
  size_t width = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    const bool continuation = (static_cast<unsigned char>(text[i]) & 0xC0) == 0x80;
    if (!continuation && !IsCombining(text, i)) ++width;
  }
  return width;
}

std::string Printable(absl::string_view text) {
  std::string out(text);
  for (char& c : out) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte == 0x7F) c = '?';
  }
  return out;
}

void TextTable::AddRow(std::vector<Cell> cells) {
  cells.resize(headings_.size(), Cell(""));
  for (Cell& cell : cells) cell.text = Printable(cell.text);
  rows_.push_back(std::move(cells));
}

std::vector<size_t> TextTable::Widths() const {
  std::vector<size_t> widths;
  for (size_t column = 0; column < headings_.size(); ++column) {
    size_t width = DisplayWidth(headings_[column]);
    for (const auto& row : rows_) width = std::max(width, DisplayWidth(row[column].text));
    widths.push_back(width);
  }
  return widths;
}

void TextTable::Print(Terminal& terminal) const {
  const std::vector<size_t> widths = Widths();
  const auto print = [&](const std::vector<Cell>& cells) {
    std::string line;
    for (size_t column = 0; column < cells.size(); ++column) {
      line += terminal.Paint(cells[column].text, cells[column].colour);
      if (column + 1 == cells.size()) break;
      line.append(widths[column] - DisplayWidth(cells[column].text) + kGap, ' ');
    }
    line.erase(line.find_last_not_of(' ') + 1);
    terminal.out << line << "\n";
  };
  std::vector<Cell> headings;
  for (const std::string& heading : headings_) headings.emplace_back(heading, Colour::kDim);
  print(headings);
  for (const auto& row : rows_) print(row);
}

}  // namespace ndx::tools::ndxctl
