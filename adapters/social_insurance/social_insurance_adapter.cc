#include "ndx/adapters/social_insurance/social_insurance_adapter.h"

#include <string>
#include <utility>

#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "health_card_verdict.h"
#include "ndx/adapters/connectors/message_path.h"
#include "ndx/adapters/connectors/sql_backend.h"
#include "ndx/adapters/sdk/error_details.h"
#include "ndx/core/status_macros.h"
#include "ndx/social_insurance/v1/social_insurance_service.pb.h"

namespace ndx::social_insurance {

absl::string_view DescriptorSet();

namespace {

using connectors::SqlSession;

absl::string_view StatementFor(CardNumberKind kind) {
  switch (kind) {
    case CardNumberKind::kInsuranceNumber:
      return "card_by_insurance_number";
    case CardNumberKind::kCitizenId:
      return "card_by_citizen";
    case CardNumberKind::kCard:
      return "card_by_number";
  }
  return "card_by_number";
}

class SocialInsuranceBackend final : public connectors::SqlBackend {
 public:
  using SqlBackend::SqlBackend;

  void AddMethods(sdk::MethodTable& methods) override {
    methods.Unary("FindInsuranceNumber", *this, &SocialInsuranceBackend::FindInsuranceNumber);
    methods.Unary("CheckHealthCard", *this, &SocialInsuranceBackend::CheckHealthCard);
  }

 private:
  absl::Status FindInsuranceNumber(const v1::FindInsuranceNumberRequest& request,
                                   v1::FindInsuranceNumberResponse& answer,
                                   sdk::CallContext& context) {
    return database().Read(context, /*one_state=*/false, [&](SqlSession& session) {
      v1::FindInsuranceNumberResponse found;
      const auto rows = session.Run(
          "find_number", {.request = &request},
          [&](const connectors::SqlRow& row) { return connectors::WriteRow(found, row); });
      if (!rows.ok()) return rows.status();
      if (*rows == 1) answer = std::move(found);
      answer.set_outcome(*rows == 0   ? v1::LOOKUP_OUTCOME_NOT_FOUND
                         : *rows == 1 ? v1::LOOKUP_OUTCOME_FOUND
                                      : v1::LOOKUP_OUTCOME_AMBIGUOUS);
      return absl::OkStatus();
    });
  }

  absl::Status CheckHealthCard(const v1::CheckHealthCardRequest& request,
                               v1::CheckHealthCardResponse& answer, sdk::CallContext& context) {
    NDX_ASSIGN_OR_RETURN(const std::string on_date, DayOfCheck(request, context));
    const CardNumber number = ReadCardNumber(request.card_number());
    if (number.result != v1::HEALTH_CARD_RESULT_VALID) {
      Disclose(number.result, answer);
      return absl::OkStatus();
    }
    return database().Read(context, /*one_state=*/request.with_visits(), [&](SqlSession& session) {
      const auto rows = session.RunInto(
          StatementFor(number.kind), {.values = {{"number", request.card_number()}}}, answer, "");
      if (!rows.ok()) return rows.status();
      const v1::HealthCardResult result =
          *rows == 0 ? v1::HEALTH_CARD_RESULT_NOT_FOUND : VerdictOf(answer, request, on_date);
      Disclose(result, answer);
      if (!request.with_visits() || answer.social_insurance_number().empty()) {
        return absl::OkStatus();
      }
      const SqlSession::Input patient{
          .values = {{"social_insurance_number", answer.social_insurance_number()}}};
      return session.RunInto("visits", patient, answer, "visits").status();
    });
  }

  static absl::StatusOr<std::string> DayOfCheck(const v1::CheckHealthCardRequest& request,
                                                const sdk::CallContext& context) {
    if (request.on_date().empty()) {
      return absl::FormatTime("%Y-%m-%d", context.clock().Now(), absl::FixedTimeZone(7 * 60 * 60));
    }
    absl::CivilDay day;
    if (request.on_date().size() == 10 && absl::ParseCivilTime(request.on_date(), &day)) {
      return request.on_date();
    }
    return sdk::FieldError("on_date", "is no date yyyy-MM-dd");
  }
};

}  // namespace

absl::StatusOr<std::unique_ptr<sdk::Adapter>> MakeSocialInsuranceAdapter(
    const core::Clock& clock, const connectors::AdapterFiles& files) {
  const auto& service = *v1::CheckHealthCardRequest::descriptor()->file()->FindServiceByName(
      "SocialInsuranceService");
  NDX_ASSIGN_OR_RETURN(auto database,
                       connectors::SqlDatabase::Open(clock, files.DatabaseOptions()));
  return connectors::BuildSqlAdapter(
      clock, files,
      sdk::DescribeAdapter("social_insurance", service, "Cơ sở dữ liệu quốc gia về bảo hiểm",
                           DescriptorSet()),
      service, std::make_unique<SocialInsuranceBackend>(std::move(database)));
}

}  // namespace ndx::social_insurance
