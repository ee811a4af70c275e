#include "csv_table.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "ndx/core/status_macros.h"

namespace ndx::shared_catalogues {
namespace {

class Reader {
 public:
  explicit Reader(absl::string_view text) : text_(text) {
    absl::ConsumePrefix(&text_, "\xEF\xBB\xBF");
  }

  bool AtEnd() const { return at_ >= text_.size(); }
  int line() const { return line_; }

  absl::StatusOr<std::vector<std::string>> Line() {
    std::vector<std::string> fields;
    for (;;) {
      NDX_ASSIGN_OR_RETURN(std::string field, Field());
      fields.push_back(std::move(field));
      if (AtEnd()) return fields;
      const char separator = text_[at_++];
      if (separator == ',') continue;
      if (separator == '\r' && !AtEnd() && text_[at_] == '\n') ++at_;
      ++line_;
      return fields;
    }
  }

 private:
  absl::StatusOr<std::string> Field() {
    if (AtEnd() || text_[at_] != '"') {
      const size_t end = std::min(text_.find_first_of(",\r\n", at_), text_.size());
      std::string field(text_.substr(at_, end - at_));
      at_ = end;
      return field;
    }
    std::string field;
    for (++at_; !AtEnd(); ++at_) {
      if (text_[at_] == '\n') ++line_;
      if (text_[at_] != '"') {
        field.push_back(text_[at_]);
      } else if (at_ + 1 < text_.size() && text_[at_ + 1] == '"') {
        field.push_back(text_[++at_]);
      } else {
        ++at_;
        if (!AtEnd() && absl::string_view(",\r\n").find(text_[at_]) == absl::string_view::npos) {
          return absl::InvalidArgumentError(absl::StrCat("line ", line_, ": text after a quote"));
        }
        return field;
      }
    }
    return absl::InvalidArgumentError(absl::StrCat("line ", line_, ": a quote is not closed"));
  }

  absl::string_view text_;
  size_t at_ = 0;
  int line_ = 1;
};

}  // namespace

absl::StatusOr<CsvTable> ParseCsv(absl::string_view text) {
  Reader reader(text);
  CsvTable table;
  NDX_ASSIGN_OR_RETURN(table.columns, reader.Line());
  while (!reader.AtEnd()) {
    const int line = reader.line();
    NDX_ASSIGN_OR_RETURN(std::vector<std::string> fields, reader.Line());
    if (fields.size() != table.columns.size()) {
      return absl::InvalidArgumentError(absl::StrCat("line ", line, " has ", fields.size(),
                                                     " fields, the header ", table.columns.size()));
    }
    table.rows.push_back(std::move(fields));
  }
  return table;
}

}  // namespace ndx::shared_catalogues
