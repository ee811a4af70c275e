// Rows under headings, columns as wide as their widest cell.
//
// Thread-safety: thread-compatible. Widths count characters, not bytes: Vietnamese text lines up.
#pragma once

#include <ostream>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "ndx/tools/ndxctl/terminal.h"

namespace ndx::tools::ndxctl {

struct Cell {
  Cell(std::string the_text, Colour the_colour = Colour::kPlain)
      : text(std::move(the_text)), colour(the_colour) {}
  Cell(const char* the_text) : text(the_text) {}
  Cell(absl::string_view the_text) : text(the_text) {}
  std::string text;
  Colour colour = Colour::kPlain;
};

class TextTable {
 public:
  explicit TextTable(std::vector<std::string> headings) : headings_(std::move(headings)) {}

  // Cells beyond the headings are dropped, missing ones are empty.
  void AddRow(std::vector<Cell> cells);

  // Writes headings and rows; nothing but the headings when there are no rows.
  void Print(Terminal& terminal) const;

  size_t rows() const { return rows_.size(); }

 private:
  std::vector<size_t> Widths() const;

  std::vector<std::string> headings_;
  std::vector<std::vector<Cell>> rows_;
};

// Characters that a text takes on a terminal: code points without combining marks.
size_t DisplayWidth(absl::string_view text);

// Text of the node's or a provider's, made safe for a terminal: control characters become '?'.
std::string Printable(absl::string_view text);

}  // namespace ndx::tools::ndxctl
