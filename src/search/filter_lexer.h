// Cuts a filter into tokens. Private to this folder.
//
// Thread-safety: thread-compatible.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "ndx/search/filter.h"

namespace ndx::search {

enum class TokenKind : uint8_t {
  kEnd,
  kName,        // a field, AND, OR, NOT
  kComparator,  // = != < <= > >= :
  kValue,       // unquoted
  kQuoted,      // its text is without quotes and escapes
  kOpen,
  kClose,
  kMinus,
};

struct Token {
  TokenKind kind = TokenKind::kEnd;
  size_t position = 0;
  std::string text;
};

class FilterLexer {
 public:
  explicit FilterLexer(absl::string_view text) : text_(text) {}

  // The next token where a name, a bracket or a comparator may stand. False, with *fault set, where
  // there is none.
  bool Next(Token* token, FilterFault* fault);

  // The next token where a value must stand: here ':' and '-' belong to it.
  bool NextValue(Token* token, FilterFault* fault);

 private:
  void SkipSpace();
  bool Quoted(Token* token, FilterFault* fault);

  const absl::string_view text_;
  size_t at_ = 0;
};

}  // namespace ndx::search
