#include "ndx/settings/fault_list.h"

#include <algorithm>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"

namespace ndx::settings {
namespace {

// Cuts between characters, not within one.
std::string Shown(absl::string_view value) {
  if (value.size() <= kValueShownMax) return std::string(value);
  size_t end = kValueShownMax;
  while (end > 0 && (static_cast<unsigned char>(value[end]) & 0xC0U) == 0x80U) --end;
  return absl::StrCat(value.substr(0, end), "…");
}

std::string Line(const Fault& fault) {
  std::string line = fault.where.file;
  if (fault.where.line > 0) absl::StrAppend(&line, ":", fault.where.line);
  if (!line.empty()) absl::StrAppend(&line, ": ");
  if (!fault.where.path.empty()) absl::StrAppend(&line, fault.where.path, ": ");
  if (!fault.value.empty())
    absl::StrAppend(&line, "\"", absl::Utf8SafeCHexEscape(fault.value), "\" ");
  return absl::StrCat(line, fault.problem);
}

}  // namespace

void FaultList::Add(SourceLocation where, absl::string_view value, absl::string_view problem) {
  faults_.push_back({std::move(where), Shown(value), std::string(problem)});
}

absl::Status FaultList::ToStatus() const {
  if (faults_.empty()) return absl::OkStatus();
  std::string text;
  for (size_t i = 0; i < std::min(faults_.size(), kFaultsShownMax); ++i) {
    absl::StrAppend(&text, i == 0 ? "" : "\n", Line(faults_[i]));
  }
  if (faults_.size() > kFaultsShownMax) {
    absl::StrAppend(&text, "\n… and ", faults_.size() - kFaultsShownMax, " more");
  }
  return absl::InvalidArgumentError(text);
}

}  // namespace ndx::settings
