#include "ndx/console/refusal_status.h"

#include "absl/strings/cord.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"

namespace ndx::console {
namespace {

constexpr char kDetailsUrl[] = "ndx/google.rpc.Status";
constexpr char kDomain[] = "ndx";

void AddText(const core::Refusal& refusal, core::Language language, const char* locale,
             google::rpc::Status& status) {
  google::rpc::LocalizedMessage text;
  text.set_locale(locale);
  text.set_message(core::TextOf(refusal, language));
  status.add_details()->PackFrom(text);
}

void AddViolations(const core::Refusal& refusal, google::rpc::Status& status) {
  if (refusal.violations.empty()) return;
  google::rpc::BadRequest bad_request;
  for (const core::FieldViolation& violation : refusal.violations) {
    auto* field = bad_request.add_field_violations();
    field->set_field(violation.field);
    field->set_description(violation.description_en);
  }
  status.add_details()->PackFrom(bad_request);
}

void AddRetry(const core::Refusal& refusal, google::rpc::Status& status) {
  if (!refusal.retry_after.has_value()) return;
  google::rpc::RetryInfo retry;
  retry.mutable_retry_delay()->set_seconds(absl::ToInt64Seconds(*refusal.retry_after));
  status.add_details()->PackFrom(retry);
}

}  // namespace

absl::Status RefusalStatus(const core::Refusal& refusal) {
  const auto& rules = core::RulesOf(refusal.reason);
  google::rpc::Status status;
  status.set_code(rules.grpc_code());
  status.set_message(core::TextOf(refusal, core::Language::kEnglish));
  google::rpc::ErrorInfo info;
  info.set_domain(kDomain);
  info.set_reason(core::ReasonName(refusal.reason));
  (*info.mutable_metadata())["fault"] = std::string(core::FaultName(rules.fault()));
  status.add_details()->PackFrom(info);
  AddText(refusal, core::Language::kVietnamese, "vi", status);
  AddText(refusal, core::Language::kEnglish, "en", status);
  AddViolations(refusal, status);
  AddRetry(refusal, status);
  absl::Status result(static_cast<absl::StatusCode>(rules.grpc_code()), status.message());
  result.SetPayload(kDetailsUrl, absl::Cord(status.SerializeAsString()));
  return result;
}

transport::GrpcStatus ToWireStatus(const absl::Status& status) {
  transport::GrpcStatus wire = transport::ToGrpcStatus(status);
  if (const auto details = status.GetPayload(kDetailsUrl); details.has_value()) {
    wire.details_bin = std::string(*details);
  }
  return wire;
}

}  // namespace ndx::console
