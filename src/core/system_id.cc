#include "ndx/core/system_id.h"

#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"

namespace ndx::core {
namespace {

constexpr absl::string_view kUriScheme = "ndx://";

template <typename Predicate>
bool AllOf(absl::string_view text, size_t least, size_t most, Predicate allowed) {
  if (text.size() < least || text.size() > most) return false;
  for (const char c : text) {
    if (!allowed(c)) return false;
  }
  return true;
}

bool IsUpper(char c) { return c >= 'A' && c <= 'Z'; }
bool IsMember(char c) { return IsUpper(c) || absl::ascii_isdigit(c) || c == '.' || c == '-'; }
bool IsSystem(char c) {
  return absl::ascii_islower(c) || absl::ascii_isdigit(c) || c == '-' || c == '_';
}

}  // namespace

absl::StatusOr<SystemId> SystemId::Parse(absl::string_view text) {
  const std::vector<absl::string_view> parts = absl::StrSplit(text, ':');
  const bool well_formed = parts.size() == 4 && AllOf(parts[0], 2, 5, IsUpper) &&
                           AllOf(parts[1], 2, 5, IsUpper) && AllOf(parts[2], 1, 35, IsMember) &&
                           AllOf(parts[3], 1, 40, IsSystem);
  if (!well_formed)
    return absl::InvalidArgumentError("must be a system name such as VN:GOV:G01:population");
  SystemId id;
  id.text_ = std::string(text);
  return id;
}

absl::StatusOr<SystemId> SystemId::ParseUri(absl::string_view uri) {
  if (!absl::ConsumePrefix(&uri, kUriScheme) || absl::StrContains(uri, ":")) {
    return absl::InvalidArgumentError("must be a system URI such as ndx://VN/GOV/G01/population");
  }
  return Parse(absl::StrReplaceAll(uri, {{"/", ":"}}));
}

std::string SystemId::uri() const {
  return absl::StrCat(kUriScheme, absl::StrReplaceAll(text_, {{":", "/"}}));
}

absl::string_view SystemId::member() const {
  const std::vector<absl::string_view> parts = absl::StrSplit(text_, ':');
  return parts.size() == 4 ? parts[2] : absl::string_view();
}

absl::string_view SystemId::system() const {
  const std::vector<absl::string_view> parts = absl::StrSplit(text_, ':');
  return parts.size() == 4 ? parts[3] : absl::string_view();
}

}  // namespace ndx::core
