#include "ndx/adapters/business_registry/business_registry_adapter.h"

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/civil_time.h"
#include "ndx/adapters/connectors/sql_backend.h"
#include "ndx/adapters/sdk/error_details.h"
#include "ndx/business_registry/v1/business_registry_service.pb.h"
#include "ndx/core/status_macros.h"

namespace ndx::business_registry {

absl::string_view DescriptorSet();

namespace {

// Days that one list may cover, first and last included.
constexpr int kDaysMax = 5;

absl::StatusOr<absl::CivilDay> DayIn(absl::string_view field, const std::string& text) {
  absl::CivilDay day;
  if (text.size() == 10 && absl::ParseCivilTime(text, &day)) return day;
  return sdk::FieldError(field, "is no date yyyy-MM-dd");
}

absl::Status CheckTimeOfDay(absl::string_view field, const std::string& text) {
  if (text.empty()) return absl::OkStatus();
  absl::CivilMinute minute;
  if (text.size() == 5 && absl::ParseCivilTime(absl::StrCat("2025-01-01T", text), &minute)) {
    return absl::OkStatus();
  }
  return sdk::FieldError(field, "is no time HH:mm");
}

absl::Status CheckRange(const v1::ListDossiersRequest& request) {
  NDX_ASSIGN_OR_RETURN(const absl::CivilDay from, DayIn("from_date", request.from_date()));
  NDX_ASSIGN_OR_RETURN(const absl::CivilDay to, DayIn("to_date", request.to_date()));
  if (to < from) return sdk::FieldError("to_date", "is before from_date");
  if (to - from + 1 > kDaysMax) {
    return sdk::FieldError("to_date", absl::StrCat("is too late: at most ", kDaysMax, " days"));
  }
  return absl::OkStatus();
}

class BusinessRegistryBackend final : public connectors::SqlBackend {
 public:
  using SqlBackend::SqlBackend;

  absl::Status CheckConfigured(const google::protobuf::Message& request) const override {
    if (const auto* day = dynamic_cast<const v1::ListDossiersOfDayRequest*>(&request)) {
      NDX_RETURN_IF_ERROR(DayIn("date", day->date()).status());
      NDX_RETURN_IF_ERROR(CheckTimeOfDay("from_time", day->from_time()));
      return CheckTimeOfDay("to_time", day->to_time());
    }
    if (const auto* range = dynamic_cast<const v1::ListDossiersRequest*>(&request)) {
      return CheckRange(*range);
    }
    return absl::OkStatus();
  }
};

}  // namespace

absl::StatusOr<std::unique_ptr<sdk::Adapter>> MakeBusinessRegistryAdapter(
    const core::Clock& clock, const connectors::AdapterFiles& files) {
  const auto& service =
      *v1::GetEnterpriseRequest::descriptor()->file()->FindServiceByName("BusinessRegistryService");
  NDX_ASSIGN_OR_RETURN(auto database,
                       connectors::SqlDatabase::Open(clock, files.DatabaseOptions()));
  return connectors::BuildSqlAdapter(
      clock, files,
      sdk::DescribeAdapter("business_registry", service,
                           "Cơ sở dữ liệu quốc gia về đăng ký doanh nghiệp", DescriptorSet()),
      service, std::make_unique<BusinessRegistryBackend>(std::move(database)));
}

}  // namespace ndx::business_registry
