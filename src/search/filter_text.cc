#include "ndx/search/filter_text.h"

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"

namespace ndx::search {
namespace {

std::string Quoted(absl::string_view value) {
  return absl::StrCat("\"", absl::StrReplaceAll(value, {{"\\", "\\\\"}, {"\"", "\\\""}}), "\"");
}

std::string Stamp(absl::Time time) {
  return absl::FormatTime("\"%Y-%m-%dT%H:%M:%E*SZ\"", time, absl::UTCTimeZone());
}

}  // namespace

FilterText& FilterText::Append(absl::string_view part) {
  absl::StrAppend(&text_, text_.empty() ? "" : " AND ", part);
  return *this;
}

FilterText& FilterText::Add(absl::string_view field, absl::string_view value) {
  return value.empty() ? *this : Append(absl::StrCat(field, " = ", Quoted(value)));
}

FilterText& FilterText::AddAny(absl::string_view field, const std::vector<std::string>& values) {
  if (values.empty()) return *this;
  const std::string any =
      absl::StrJoin(values, " OR ", [field](std::string* out, const std::string& value) {
        absl::StrAppend(out, field, " = ", Quoted(value));
      });
  return Append(absl::StrCat("(", any, ")"));
}

FilterText& FilterText::AddFrom(absl::Time from) {
  return Append(absl::StrCat("time >= ", Stamp(from)));
}

FilterText& FilterText::AddBefore(absl::Time before) {
  return Append(absl::StrCat("time < ", Stamp(before)));
}

FilterText& FilterText::AddExpression(absl::string_view expression) {
  expression = absl::StripAsciiWhitespace(expression);
  return expression.empty() ? *this : Append(absl::StrCat("(", expression, ")"));
}

}  // namespace ndx::search
