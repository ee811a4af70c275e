// Writes a filter from its parts, for whoever offers choices instead of the language.
//
//   FilterText text;
//   text.Add("consumer", "VN:GOV:H55*");
//   text.AddAny("outcome", {"failed", "in_doubt"});
//   text.str()  →  consumer = "VN:GOV:H55*" AND (outcome = "failed" OR outcome = "in_doubt")
//
// Thread-safety: thread-compatible.
#pragma once

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace ndx::search {

class FilterText {
 public:
  // An empty value adds nothing.
  FilterText& Add(absl::string_view field, absl::string_view value);
  // No value adds nothing.
  FilterText& AddAny(absl::string_view field, const std::vector<std::string>& values);
  FilterText& AddFrom(absl::Time from);      // included
  FilterText& AddBefore(absl::Time before);  // not included
  // An expression as it is, which is right if what stands here is.
  FilterText& AddExpression(absl::string_view expression);

  const std::string& str() const { return text_; }

 private:
  FilterText& Append(absl::string_view part);

  std::string text_;
};

}  // namespace ndx::search
