#include "filter_parser.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "filter_value.h"

namespace ndx::search {
namespace {

std::string NamesOfFields() {
  return absl::StrJoin(SearchFields(), ", ", [](std::string* out, const SearchField& field) {
    absl::StrAppend(out, absl::string_view(field.text));
  });
}

// A node that holds the children, or the only one of them itself.
void Gather(FilterNode::Kind kind, std::vector<FilterNode> children, FilterNode* out) {
  if (children.size() == 1) {
    FilterNode only = std::move(children.front());
    *out = std::move(only);
    return;
  }
  out->kind = kind;
  out->children = std::move(children);
}

void Negate(FilterNode* node) {
  FilterNode inner = std::move(*node);
  *node = {.kind = FilterNode::Kind::kNot};
  node->children.push_back(std::move(inner));
}

}  // namespace

bool FilterParser::Fail(size_t position, absl::string_view english, absl::string_view vietnamese) {
  fault_ = {
      .position = position, .english = std::string(english), .vietnamese = std::string(vietnamese)};
  return false;
}

bool FilterParser::IsWord(absl::string_view word) const {
  return token_.kind == TokenKind::kName && token_.text == word;
}

bool FilterParser::BeginsTerm() const {
  if (token_.kind == TokenKind::kName) return token_.text != "AND" && token_.text != "OR";
  return token_.kind == TokenKind::kOpen || token_.kind == TokenKind::kMinus;
}

bool FilterParser::Parse(FilterNode* root) {
  if (!Advance()) return false;
  if (token_.kind == TokenKind::kEnd) return true;
  if (!Expression(root)) return false;
  if (token_.kind == TokenKind::kEnd) return true;
  return Fail(token_.position, "AND, OR or the end of the filter must follow here",
              "ở đây phải là AND, OR hoặc kết thúc bộ lọc");
}

bool FilterParser::Expression(FilterNode* out) {
  std::vector<FilterNode> children(1);
  if (!Sequence(&children.back())) return false;
  while (IsWord("AND")) {
    children.emplace_back();
    if (!Advance() || !Sequence(&children.back())) return false;
  }
  Gather(FilterNode::Kind::kAnd, std::move(children), out);
  return true;
}

bool FilterParser::Sequence(FilterNode* out) {
  std::vector<FilterNode> children(1);
  if (!Factor(&children.back())) return false;
  while (BeginsTerm()) {
    children.emplace_back();
    if (!Factor(&children.back())) return false;
  }
  Gather(FilterNode::Kind::kAnd, std::move(children), out);
  return true;
}

bool FilterParser::Factor(FilterNode* out) {
  std::vector<FilterNode> children(1);
  if (!Term(&children.back())) return false;
  while (IsWord("OR")) {
    children.emplace_back();
    if (!Advance() || !Term(&children.back())) return false;
  }
  Gather(FilterNode::Kind::kOr, std::move(children), out);
  return true;
}

bool FilterParser::Term(FilterNode* out) {
  const bool negated = IsWord("NOT") || token_.kind == TokenKind::kMinus;
  if (negated && !Advance()) return false;
  if (token_.kind == TokenKind::kOpen) {
    if (++depth_ > kFilterDepthMax) {
      return Fail(token_.position, "too many brackets within each other",
                  "quá nhiều ngoặc lồng nhau");
    }
    const size_t opened = token_.position;
    if (!Advance() || !Expression(out)) return false;
    if (token_.kind != TokenKind::kClose) {
      return Fail(opened, "this bracket is never closed", "ngoặc mở ở đây không được đóng lại");
    }
    --depth_;
    if (!Advance()) return false;
  } else if (!Restriction(out)) {
    return false;
  }
  if (negated) Negate(out);
  return true;
}

bool FilterParser::Restriction(FilterNode* out) {
  if (token_.kind != TokenKind::kName) {
    return Fail(token_.position, "the name of a field must stand here",
                "ở đây phải là tên một trường");
  }
  const Token name = token_;
  const SearchField* const field = FindField(name.text);
  if (field == nullptr) {
    return Fail(name.position, absl::StrCat("no field has this name; fields are ", NamesOfFields()),
                absl::StrCat("không có trường nào tên như vậy; các trường là ", NamesOfFields()));
  }
  if (++conditions_ > kFilterConditionsMax) {
    return Fail(name.position, absl::StrCat("more than ", kFilterConditionsMax, " comparisons"),
                absl::StrCat("quá ", kFilterConditionsMax, " phép so sánh"));
  }
  if (!Advance()) return false;
  if (token_.kind != TokenKind::kComparator) {
    return Fail(token_.position, "a comparison must follow the field: = != < <= > >= or :",
                "sau tên trường phải là phép so sánh: = != < <= > >= hoặc :");
  }
  const Token comparator = token_;
  Token value;
  if (!lexer_.NextValue(&value, &fault_)) return false;
  out->kind = FilterNode::Kind::kCondition;
  if (!ReadCondition(*field, comparator, value, now_, &out->condition, &fault_)) return false;
  if (comparator.text == "!=") Negate(out);
  return Advance();
}

}  // namespace ndx::search
