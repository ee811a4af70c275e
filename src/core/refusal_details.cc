#include "ndx/core/refusal_details.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "google/rpc/error_details.pb.h"

namespace ndx::core {
namespace {

void AddErrorInfo(const Refusal& refusal, absl::string_view node, google::rpc::Status& status) {
  google::rpc::ErrorInfo info;
  info.set_domain(kErrorDomain);
  info.set_reason(ReasonName(refusal.reason));
  auto& metadata = *info.mutable_metadata();
  metadata["fault"] = std::string(FaultName(RulesOf(refusal.reason).fault()));
  for (const auto& [name, value] : refusal.parameters) {
    metadata[name == "node" ? "contact" : name] = value;
  }
  if (!node.empty()) metadata["node"] = std::string(node);
  status.add_details()->PackFrom(info);
}

void AddText(const Refusal& refusal, const char* locale, Language language,
             google::rpc::Status& status) {
  google::rpc::LocalizedMessage message;
  message.set_locale(locale);
  message.set_message(TextOf(refusal, language));
  status.add_details()->PackFrom(message);
}

void AddViolations(const Refusal& refusal, google::rpc::Status& status) {
  if (refusal.violations.empty()) return;
  google::rpc::BadRequest bad_request;
  for (const FieldViolation& violation : refusal.violations) {
    if (bad_request.field_violations_size() == kViolationsMax) break;
    auto* out = bad_request.add_field_violations();
    out->set_field(violation.field);
    out->set_description(absl::StrCat(violation.description_vi, " / ", violation.description_en));
  }
  status.add_details()->PackFrom(bad_request);
}

void AddQuotaAndRetry(const Refusal& refusal, google::rpc::Status& status) {
  if (!refusal.quota_subject.empty()) {
    google::rpc::QuotaFailure failure;
    auto* violation = failure.add_violations();
    violation->set_subject(refusal.quota_subject);
    violation->set_description(TextOf(refusal, Language::kEnglish));
    status.add_details()->PackFrom(failure);
  }
  if (refusal.retry_after.has_value()) {
    google::rpc::RetryInfo retry;
    const int64_t nanos = absl::ToInt64Nanoseconds(*refusal.retry_after);
    retry.mutable_retry_delay()->set_seconds(nanos / 1'000'000'000);
    retry.mutable_retry_delay()->set_nanos(static_cast<int32_t>(nanos % 1'000'000'000));
    status.add_details()->PackFrom(retry);
  }
}

}  // namespace

google::rpc::Status RefusalDetails(const Refusal& refusal, absl::string_view node) {
  google::rpc::Status status;
  status.set_code(refusal.grpc_code != 0 ? refusal.grpc_code : RulesOf(refusal.reason).grpc_code());
  AddErrorInfo(refusal, node, status);
  AddText(refusal, "vi", Language::kVietnamese, status);
  AddText(refusal, "en", Language::kEnglish, status);
  AddViolations(refusal, status);
  AddQuotaAndRetry(refusal, status);
  return status;
}

}  // namespace ndx::core
