#include "ndx/registry/agency_code.h"

#include <algorithm>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"

namespace ndx::registry {
namespace {

constexpr size_t kLegacyGroups = 4;
constexpr size_t kGroupsMax = 9;

bool IsUpper(char c) { return c >= 'A' && c <= 'Z'; }

bool AllDigits(absl::string_view text, size_t length) {
  return text.size() == length && std::all_of(text.begin(), text.end(), [](char c) {
           return absl::ascii_isdigit(static_cast<unsigned char>(c));
         });
}

// G09, H55.
bool IsLevelOne(absl::string_view group) {
  return group.size() == 3 && IsUpper(group[0]) && AllDigits(group.substr(1), 2);
}

// One to three digits or capitals.
bool IsLowerLevel(absl::string_view group) {
  return !group.empty() && group.size() <= 3 && std::all_of(group.begin(), group.end(), [](char c) {
    return IsUpper(c) || absl::ascii_isdigit(static_cast<unsigned char>(c));
  });
}

bool IsZero(absl::string_view group) {
  return group.find_first_not_of('0') == absl::string_view::npos;
}

bool IsEnterprise(absl::string_view text) {
  if (text.size() == 14 && text[10] == '-') {
    return AllDigits(text.substr(0, 10), 10) && AllDigits(text.substr(11), 3);
  }
  return AllDigits(text, 10) || AllDigits(text, 12);
}

using Groups = std::vector<absl::string_view>;

bool IsLegacy(const Groups& groups) {
  return groups.size() == kLegacyGroups && AllDigits(groups[0], 3) && AllDigits(groups[1], 2) &&
         AllDigits(groups[2], 2) && IsLevelOne(groups[3]);
}

bool IsNewOrder(const Groups& groups) {
  return groups.size() <= kGroupsMax && IsLevelOne(groups[0]) &&
         std::all_of(groups.begin() + 1, groups.end(), IsLowerLevel);
}

// Zeros stand for levels that are absent, and only the lowest levels can be: zeros above a level
// that is there stay, for the code would otherwise become another agency's.
std::string FromLegacy(const Groups& groups) {
  Groups levels(groups.rbegin(), groups.rend());
  while (levels.size() > 1 && IsZero(levels.back())) levels.pop_back();
  return absl::StrJoin(levels, ".");
}

}  // namespace

absl::StatusOr<AgencyCode> AgencyCode::Parse(absl::string_view text) {
  AgencyCode code;
  if (text.size() <= kTextLengthMax) {
    const Groups groups = absl::StrSplit(text, '.');
    if (IsLegacy(groups)) {
      code.text_ = FromLegacy(groups);
      return code;
    }
    if (IsNewOrder(groups) || IsEnterprise(text)) {
      code.text_ = std::string(text);
      return code;
    }
  }
  return absl::InvalidArgumentError(
      "must be an agency code such as G09.20 or 000.00.20.G09, or an enterprise code");
}

bool AgencyCode::is_enterprise() const { return IsEnterprise(text_); }

std::string AgencyCode::LegacyText() const {
  if (text_.empty() || is_enterprise()) return "";
  Groups levels = absl::StrSplit(text_, '.');
  levels.resize(std::max(levels.size(), kLegacyGroups), "");
  const Groups absent = {"", "00", "00", "000"};
  for (size_t i = 1; i < kLegacyGroups; ++i) {
    if (levels[i].empty()) levels[i] = absent[i];
  }
  const Groups reversed(levels.rbegin(), levels.rend());
  if (!IsLegacy(reversed) || FromLegacy(reversed) != text_) return "";
  return absl::StrJoin(reversed, ".");
}

}  // namespace ndx::registry
