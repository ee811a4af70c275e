#include "ndx/console/code_view.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "ndx/core/status_macros.h"
#include "ndx/registry/agency_code.h"
#include "ndx/registry/calendar.h"
#include "ndx/registry/province_code.h"
#include "ndx/routing/format_rules.h"

namespace ndx::console {
namespace {

constexpr size_t kProvinceCodeLength = 2;

bool Is(options::v1::Format format, absl::string_view text) {
  return routing::CheckFormat(format, text).kind == routing::FormatVerdict::Kind::kGood;
}

std::string DayText(const std::optional<absl::CivilDay>& day) {
  return day.has_value() ? absl::FormatCivilTime(*day) : "";
}

// Of a dossier code that is one: yyMMdd or yyyyMMdd between its dashes.
absl::StatusOr<absl::CivilDay> DayOfDossier(absl::string_view part) {
  const std::string full = part.size() == 6 ? absl::StrCat("20", part) : std::string(part);
  return registry::ParseDay(
      absl::StrCat(full.substr(0, 4), "-", full.substr(4, 2), "-", full.substr(6)));
}

v1::MemberMeaning MemberOf(const registry::RegistrySnapshot& registry,
                           const registry::AgencyCode& code, absl::CivilDay day) {
  v1::MemberMeaning meaning;
  meaning.set_code(code.text());
  meaning.set_legacy_code(code.LegacyText());
  const registry::MemberEntry* const member = registry.FindMember(code.text());
  if (member == nullptr) return meaning;
  meaning.set_registered(true);
  meaning.set_name_vi(member->name_vi);
  meaning.set_valid_from(DayText(member->in_use.from));
  meaning.set_valid_to(DayText(member->in_use.to));
  meaning.set_in_use(member->in_use.Contains(day));
  const registry::MemberEntry& last = member->LatestSuccessor();
  if (&last != member) {
    meaning.set_successor_code(last.code.text());
    meaning.set_successor_name(last.name_vi);
  }
  return meaning;
}

void AddProvinces(absl::string_view code, absl::CivilDay day, v1::ExplainCodeResponse& response) {
  for (const registry::ProvinceMeaning& each : registry::MeaningsOfProvinceCode(code)) {
    v1::ProvinceMeaning& meaning = *response.add_provinces();
    meaning.set_name(std::string(each.name));
    meaning.set_valid_from(DayText(each.in_use.from));
    meaning.set_valid_to(DayText(each.in_use.to));
    meaning.set_on_day(each.in_use.Contains(day));
    if (each.joined_into != nullptr) {
      meaning.set_successor_code(std::string(each.joined_into->code));
      meaning.set_successor_name(std::string(each.joined_into->name));
    }
  }
}

}  // namespace

absl::StatusOr<v1::ExplainCodeResponse> ExplainCode(const registry::RegistrySnapshot& registry,
                                                    const v1::ExplainCodeRequest& request,
                                                    absl::CivilDay today) {
  absl::string_view agency = request.code();
  if (Is(options::v1::FORMAT_DOSSIER_CODE, request.code()) && !request.code().empty()) {
    const std::vector<absl::string_view> parts = absl::StrSplit(agency, '-');
    agency = parts[0];
    NDX_ASSIGN_OR_RETURN(today, DayOfDossier(parts[1]));
  }
  if (!request.day().empty()) {
    NDX_ASSIGN_OR_RETURN(today, registry::ParseDay(request.day()));
  }
  v1::ExplainCodeResponse response;
  response.set_day(absl::FormatCivilTime(today));
  if (agency.size() == kProvinceCodeLength) {
    AddProvinces(agency, today, response);
    if (!response.provinces().empty()) return response;
  }
  const auto code = registry::AgencyCode::Parse(agency);
  if (!code.ok() || code->is_enterprise()) {
    return absl::InvalidArgumentError(
        "must be an agency code (H55.242, 000.00.20.G09), a province code of some time (15) or a "
        "dossier code; phải là mã định danh điện tử, mã tỉnh hoặc mã hồ sơ");
  }
  *response.mutable_member() = MemberOf(registry, *code, today);
  return response;
}

}  // namespace ndx::console
