// Builds the tree of a filter from its text: recursive descent over AIP-160's grammar. Private to
// this folder.
//
//   expression  = sequence { "AND" sequence }
//   sequence    = factor { factor }             side by side means AND
//   factor      = term { "OR" term }            OR binds tighter than AND, as in AIP-160
//   term        = [ "NOT" | "-" ] simple
//   simple      = "(" expression ")" | restriction
//   restriction = field comparator value
//
// Thread-safety: thread-compatible.
#pragma once

#include "filter_lexer.h"
#include "ndx/search/filter.h"

namespace ndx::search {

class FilterParser {
 public:
  FilterParser(absl::string_view text, absl::Time now, FilterFault* fault)
      : lexer_(text), now_(now), fault_(*fault) {}

  // False with the fault filled in.
  bool Parse(FilterNode* root);

 private:
  bool Expression(FilterNode* out);
  bool Sequence(FilterNode* out);
  bool Factor(FilterNode* out);
  bool Term(FilterNode* out);
  bool Restriction(FilterNode* out);
  bool Advance() { return lexer_.Next(&token_, &fault_); }
  bool IsWord(absl::string_view word) const;
  bool BeginsTerm() const;
  bool Fail(size_t position, absl::string_view english, absl::string_view vietnamese);

  FilterLexer lexer_;
  const absl::Time now_;
  FilterFault& fault_;
  Token token_;
  size_t depth_ = 0;
  size_t conditions_ = 0;
};

}  // namespace ndx::search
