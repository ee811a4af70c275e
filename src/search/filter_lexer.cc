#include "filter_lexer.h"

#include "absl/strings/ascii.h"

namespace ndx::search {
namespace {

bool IsNameByte(char c) { return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '_'; }

// Everything that has no meaning of its own in the language.
bool IsValueByte(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte > ' ' && byte != 0x7F && c != '(' && c != ')' && c != '"' && c != '\'' && c != '=' &&
         c != '<' && c != '>' && c != '!' && c != ',';
}

}  // namespace

void FilterLexer::SkipSpace() {
  while (at_ < text_.size() && absl::ascii_isspace(static_cast<unsigned char>(text_[at_]))) ++at_;
}

bool FilterLexer::Next(Token* token, FilterFault* fault) {
  SkipSpace();
  *token = {.position = at_};
  if (at_ == text_.size()) return true;
  const char c = text_[at_];
  if (IsNameByte(c)) {
    token->kind = TokenKind::kName;
    while (at_ < text_.size() && IsNameByte(text_[at_])) token->text.push_back(text_[at_++]);
    return true;
  }
  const bool equals_follows = at_ + 1 < text_.size() && text_[at_ + 1] == '=';
  if (c == '(' || c == ')' || c == '-') {
    token->kind = c == '(' ? TokenKind::kOpen : c == ')' ? TokenKind::kClose : TokenKind::kMinus;
    ++at_;
    return true;
  }
  if (c == '=' || c == ':' || c == '<' || c == '>' || (c == '!' && equals_follows)) {
    token->kind = TokenKind::kComparator;
    const bool two = equals_follows && (c == '<' || c == '>' || c == '!');
    token->text = std::string(text_.substr(at_, two ? 2 : 1));
    at_ += token->text.size();
    return true;
  }
  *fault = {.position = at_,
            .english =
                "this character has no meaning here; a comparison looks like consumer = "
                "VN:GOV:H55*, put values with spaces in double quotes",
            .vietnamese =
                "ký tự này không có nghĩa ở đây; một phép so sánh có dạng consumer = "
                "VN:GOV:H55*, giá trị có dấu cách đặt trong dấu nháy kép"};
  return false;
}

bool FilterLexer::Quoted(Token* token, FilterFault* fault) {
  const char quote = text_[at_++];
  token->kind = TokenKind::kQuoted;
  while (at_ < text_.size() && text_[at_] != quote) {
    if (text_[at_] == '\\' && at_ + 1 < text_.size()) ++at_;
    token->text.push_back(text_[at_++]);
  }
  if (at_ == text_.size()) {
    *fault = {.position = token->position,
              .english = "the quotation mark is never closed",
              .vietnamese = "dấu nháy mở ở đây không được đóng lại"};
    return false;
  }
  ++at_;
  return true;
}

bool FilterLexer::NextValue(Token* token, FilterFault* fault) {
  SkipSpace();
  *token = {.position = at_};
  if (at_ < text_.size() && (text_[at_] == '"' || text_[at_] == '\'')) return Quoted(token, fault);
  token->kind = TokenKind::kValue;
  while (at_ < text_.size() && IsValueByte(text_[at_])) token->text.push_back(text_[at_++]);
  if (!token->text.empty()) return true;
  *fault = {.position = at_,
            .english =
                "a value must follow here; in double quotes where it holds other than "
                "letters, digits and . : / _ - *",
            .vietnamese =
                "ở đây phải có một giá trị; đặt trong dấu nháy kép nếu có ký tự khác "
                "chữ, số và . : / _ - *"};
  return false;
}

}  // namespace ndx::search
