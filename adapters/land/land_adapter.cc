#include "ndx/adapters/land/land_adapter.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "ndx/adapters/connectors/sql_backend.h"
#include "ndx/adapters/sdk/error_details.h"
#include "ndx/core/status_macros.h"
#include "ndx/land/v1/land_service.pb.h"

namespace ndx::land {

absl::string_view DescriptorSet();

namespace {

using connectors::SqlSession;

constexpr size_t kContentBytesMax = 2000;
constexpr int kHoldersMax = 50;

// Of a day in Vietnam; the SQL computes with it, so it must be one.
absl::Status CheckDay(absl::string_view field, const std::string& day) {
  absl::CivilDay parsed;
  if (day.size() == 10 && absl::ParseCivilTime(day, &parsed)) return absl::OkStatus();
  return sdk::FieldError(field, "is no date yyyy-MM-dd");
}

absl::Status CheckCode(absl::string_view field, const std::string& code, size_t digits) {
  const bool right = code.empty() || (code.size() == digits &&
                                      code.find_first_not_of("0123456789") == std::string::npos);
  return right ? absl::OkStatus()
               : sdk::FieldError(field, absl::StrCat("must have ", digits, " digits"));
}

// What is written must be sound: everything else would be read by others for years.
absl::Status CheckChange(const v1::RegisterChangeRequest& request) {
  if (!v1::ChangeKind_IsValid(request.kind())) return sdk::FieldError("kind", "is not known");
  if (request.content().size() > kContentBytesMax) {
    return sdk::FieldError("content", absl::StrCat("is longer than ", kContentBytesMax, " bytes"));
  }
  NDX_RETURN_IF_ERROR(CheckCode("new_commune_code", request.new_commune_code(), 5));
  NDX_RETURN_IF_ERROR(CheckCode("new_province_code", request.new_province_code(), 2));
  if (request.new_holders_size() > kHoldersMax) {
    return sdk::FieldError("new_holders", absl::StrCat("are more than ", kHoldersMax));
  }
  if (request.kind() == v1::CHANGE_KIND_TRANSFER && request.new_holders().empty()) {
    return sdk::FieldError("new_holders", "are required for a transfer");
  }
  for (int i = 0; i < request.new_holders_size(); ++i) {
    const v1::LandHolder& holder = request.new_holders(i);
    const std::string path = absl::StrCat("new_holders[", i, "]");
    if (holder.citizen_id().empty() == holder.enterprise_code().empty()) {
      return sdk::FieldError(path, "needs either citizen_id or enterprise_code");
    }
    if (holder.name().empty()) return sdk::FieldError(path + ".name", "is required");
    if (holder.role().empty()) return sdk::FieldError(path + ".role", "is required");
    NDX_RETURN_IF_ERROR(CheckCode(path + ".citizen_id", holder.citizen_id(), 12));
  }
  return absl::OkStatus();
}

class LandBackend final : public connectors::SqlBackend {
 public:
  using SqlBackend::SqlBackend;

  void AddMethods(sdk::MethodTable& methods) override {
    methods.Unary("RegisterChange", *this, &LandBackend::RegisterChange);
  }

  absl::Status CheckConfigured(const google::protobuf::Message& request) const override {
    const auto* changes = dynamic_cast<const v1::ListChangesRequest*>(&request);
    return changes == nullptr ? absl::OkStatus() : CheckDay("since_date", changes->since_date());
  }

 private:
  absl::Status RegisterChange(const v1::RegisterChangeRequest& request,
                              v1::RegisterChangeResponse& answer, sdk::CallContext& context) {
    NDX_RETURN_IF_ERROR(CheckChange(request));
    return kept_answers().Once(context, answer, [&](SqlSession& session) {
      return ChangeParcel(request, answer, session);
    });
  }

  // Inside the transaction.
  static absl::Status ChangeParcel(const v1::RegisterChangeRequest& request,
                                   v1::RegisterChangeResponse& answer, SqlSession& session) {
    const SqlSession::Input input{.request = &request};
    NDX_ASSIGN_OR_RETURN(const uint64_t changed, session.Run("change_parcel", input));
    v1::Parcel parcel;
    NDX_ASSIGN_OR_RETURN(const uint64_t found, session.RunInto("parcel_state", input, parcel, ""));
    answer.set_parcel_version(parcel.version());
    if (changed == 0) {
      answer.set_outcome(found == 0 ? v1::REGISTER_CHANGE_OUTCOME_PARCEL_NOT_FOUND
                         : parcel.status() != v1::PARCEL_STATUS_ACTIVE
                             ? v1::REGISTER_CHANGE_OUTCOME_PARCEL_BLOCKED
                             : v1::REGISTER_CHANGE_OUTCOME_VERSION_CHANGED);
      return absl::OkStatus();
    }
    NDX_RETURN_IF_ERROR(ReplaceHolders(request, session));
    return WriteChange(request, parcel, answer, session);
  }

  static absl::Status ReplaceHolders(const v1::RegisterChangeRequest& request,
                                     SqlSession& session) {
    if (request.new_holders().empty()) return absl::OkStatus();
    NDX_RETURN_IF_ERROR(session.Run("delete_holders", {.request = &request}).status());
    for (int i = 0; i < request.new_holders_size(); ++i) {
      const SqlSession::Input holder{
          .request = &request.new_holders(i),
          .values = {{"parcel_id", request.parcel_id()}, {"position", int64_t{i + 1}}}};
      NDX_RETURN_IF_ERROR(session.Run("insert_holder", holder).status());
    }
    return absl::OkStatus();
  }

  static absl::Status WriteChange(const v1::RegisterChangeRequest& request,
                                  const v1::Parcel& parcel, v1::RegisterChangeResponse& answer,
                                  SqlSession& session) {
    NDX_RETURN_IF_ERROR(session.Run("take_change_number", {}).status());
    NDX_RETURN_IF_ERROR(session.RunInto("change_number", {}, answer, "").status());
    answer.set_outcome(v1::REGISTER_CHANGE_OUTCOME_REGISTERED);
    answer.set_registered_at(absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", session.context().clock().Now(),
                                              absl::UTCTimeZone()));
    const SqlSession::Input change{
        .request = &request,
        .values = {{"change_number", static_cast<int64_t>(answer.change_number())},
                   {"commune_code", parcel.commune_code()},
                   {"now", answer.registered_at()},
                   {"parcel_version", static_cast<int64_t>(parcel.version())}}};
    return session.Run("insert_change", change).status();
  }
};

}  // namespace

absl::StatusOr<std::unique_ptr<sdk::Adapter>> MakeLandAdapter(
    const core::Clock& clock, const connectors::AdapterFiles& files) {
  const auto& service =
      *v1::GetParcelRequest::descriptor()->file()->FindServiceByName("LandService");
  NDX_ASSIGN_OR_RETURN(auto database,
                       connectors::SqlDatabase::Open(clock, files.DatabaseOptions()));
  return connectors::BuildSqlAdapter(
      clock, files,
      sdk::DescribeAdapter("land", service, "Cơ sở dữ liệu đất đai quốc gia", DescriptorSet()),
      service, std::make_unique<LandBackend>(std::move(database)));
}

}  // namespace ndx::land
