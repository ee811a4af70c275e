#include "ndx/journal/retention_rules.h"

#include <set>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "ndx/core/limits.h"
#include "ndx/core/status_macros.h"
#include "ndx/crypto/digest.h"

namespace ndx::journal {
namespace {

absl::Status CheckException(const RetentionException& exception) {
  if (exception.name.empty() || exception.name.size() > core::kMethodBytesMax) {
    return absl::InvalidArgumentError(
        "a retention exception names a service (package.Service) or a method "
        "(/package.Service/Method)");
  }
  if (exception.keep_days > kKeepDaysMax) {
    return absl::InvalidArgumentError(absl::StrCat("the retention of ", exception.name, " is ",
                                                   exception.keep_days, " days; at most ",
                                                   kKeepDaysMax, ", or for ever"));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<uint32_t> KeepDaysOfLevel(uint32_t level) {
  switch (level) {
    case 2:
      return kKeepDaysOfLevel2;
    case 3:
      return kKeepDaysOfLevel3;
    case 4:
      return kKeepDaysOfLevel4;
    case 5:
      return kKeepDaysOfLevel5;
    default:
      return absl::InvalidArgumentError(absl::StrCat("security level ", level, "; one of ",
                                                     kSecurityLevelMin, " to ", kSecurityLevelMax));
  }
}

absl::StatusOr<RetentionRules> RetentionRules::Make(
    std::optional<uint32_t> security_level, const std::vector<RetentionException>& exceptions,
    bool remove_relayed) {
  RetentionRules rules;
  rules.remove_relayed_ = remove_relayed;
  rules.security_level_ = security_level;
  if (security_level.has_value()) {
    NDX_ASSIGN_OR_RETURN(rules.keep_days_, KeepDaysOfLevel(*security_level));
  }
  if (exceptions.size() > kRetentionExceptionsMax) {
    return absl::InvalidArgumentError(
        absl::StrCat("more than ", kRetentionExceptionsMax, " retention exceptions"));
  }
  for (const RetentionException& exception : exceptions) {
    NDX_RETURN_IF_ERROR(CheckException(exception));
    if (!rules.exceptions_.try_emplace(exception.name, exception.keep_days).second) {
      return absl::InvalidArgumentError(
          absl::StrCat("two retention exceptions name ", exception.name));
    }
  }
  if (rules.Retentions().size() > kRetentionsMax) {
    return absl::InvalidArgumentError(
        absl::StrCat("more than ", kRetentionsMax, " different retentions"));
  }
  return rules;
}

AppliedRetention RetentionRules::For(absl::string_view method) const {
  const auto of_method = exceptions_.find(std::string(method));
  if (of_method != exceptions_.end()) return {of_method->second, of_method->first};
  const absl::string_view path = absl::StripPrefix(method, "/");
  const auto of_service = exceptions_.find(std::string(path.substr(0, path.find('/'))));
  if (of_service != exceptions_.end()) return {of_service->second, of_service->first};
  return {keep_days_, ""};
}

std::optional<uint32_t> RetentionRules::DaysOf(const v1::JournalLeaf& closing) const {
  const AppliedRetention applied = For(closing.method());
  // Whoever has a request kept may ask for its answer at any later time, and has nobody else to
  // ask.
  const bool passed_on = closing.event() == v1::JOURNAL_EVENT_ANSWERED &&
                         !closing.relayed_to().empty() && closing.submitted_plus_one() == 0;
  if (remove_relayed_ && passed_on && applied.exception.empty()) return 0;
  if (applied.keep_days == 0) return std::nullopt;
  return applied.keep_days;
}

std::vector<uint32_t> RetentionRules::AllDays() const {
  std::vector<uint32_t> days;
  if (remove_relayed_) days.push_back(0);
  for (const uint32_t each : Retentions()) days.push_back(each);
  return days;
}

std::vector<uint32_t> RetentionRules::Retentions() const {
  std::set<uint32_t> days = {keep_days_};
  for (const auto& [name, keep_days] : exceptions_) days.insert(keep_days);
  days.erase(0);
  return {days.begin(), days.end()};
}

std::string RetentionRules::Digest() const {
  std::string text = absl::StrCat("retention v1\n", keep_days_, "\n");
  for (const auto& [name, keep_days] : exceptions_) {
    absl::StrAppend(&text, name, "\t", keep_days, "\n");
  }
  if (remove_relayed_) absl::StrAppend(&text, "relayed\n");
  const crypto::Digest digest = crypto::Sha256Of({text});
  return std::string(crypto::AsBytes(digest));
}

}  // namespace ndx::journal
