#include "ndx/broker/error_answer.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"

namespace ndx::broker {
namespace {

constexpr absl::string_view kDomain = "ndx";

// Keeps the trailers under their limit whatever a rule finds.
constexpr size_t kViolationsMax = 16;

void AddErrorInfo(const core::Refusal& refusal, absl::string_view node,
                  google::rpc::Status& status) {
  google::rpc::ErrorInfo info;
  info.set_domain(std::string(kDomain));
  info.set_reason(core::ReasonName(refusal.reason));
  (*info.mutable_metadata())["fault"] =
      std::string(core::FaultName(core::RulesOf(refusal.reason).fault()));
  (*info.mutable_metadata())["node"] = std::string(node);
  for (const auto& [name, value] : refusal.parameters) (*info.mutable_metadata())[name] = value;
  status.add_details()->PackFrom(info);
}

void AddRequestInfo(const core::ExchangeId& id, google::rpc::Status& status) {
  google::rpc::RequestInfo info;
  info.set_request_id(id.ToString());
  status.add_details()->PackFrom(info);
}

void AddText(absl::string_view locale, std::string text, google::rpc::Status& status) {
  google::rpc::LocalizedMessage message;
  message.set_locale(std::string(locale));
  message.set_message(std::move(text));
  status.add_details()->PackFrom(message);
}

void AddViolations(const core::Refusal& refusal, google::rpc::Status& status) {
  if (refusal.violations.empty()) return;
  google::rpc::BadRequest bad_request;
  for (const core::FieldViolation& violation : refusal.violations) {
    if (bad_request.field_violations_size() == static_cast<int>(kViolationsMax)) break;
    auto* out = bad_request.add_field_violations();
    out->set_field(violation.field);
    out->set_description(absl::StrCat(violation.description_vi, " / ", violation.description_en));
  }
  status.add_details()->PackFrom(bad_request);
}

void AddQuotaAndRetry(const core::Refusal& refusal, google::rpc::Status& status) {
  if (!refusal.quota_subject.empty()) {
    google::rpc::QuotaFailure failure;
    auto* violation = failure.add_violations();
    violation->set_subject(refusal.quota_subject);
    violation->set_description(core::TextOf(refusal, core::Language::kEnglish));
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

bool SpeaksForTheBus(const google::protobuf::Any& detail) {
  google::rpc::ErrorInfo info;
  return detail.Is<google::rpc::ErrorInfo>() &&
         (!detail.UnpackTo(&info) || info.domain() == std::string(kDomain));
}

// Bytes of the UTF-8 character that begins here; 0 if none does.
size_t CharacterBytes(absl::string_view text) {
  const auto byte = [text](size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char first = byte(0);
  const size_t size = first < 0x80 ? 1 : first < 0xC2 ? 0 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
  if (size == 0 || first > 0xF4 || size > text.size()) return 0;
  for (size_t i = 1; i < size; ++i) {
    if ((byte(i) & 0xC0) != 0x80) return 0;
  }
  // Overlong forms, surrogates and what lies past the last code point.
  if ((first == 0xE0 && byte(1) < 0xA0) || (first == 0xED && byte(1) > 0x9F)) return 0;
  if ((first == 0xF0 && byte(1) < 0x90) || (first == 0xF4 && byte(1) > 0x8F)) return 0;
  return size;
}

// Whole characters within the limit, up to the first byte that is none: a text field with other
// bytes could not be read by anybody.
std::string TextUpTo(absl::string_view text, size_t bytes_max) {
  size_t end = 0;
  while (end < text.size()) {
    const size_t size = CharacterBytes(text.substr(end));
    if (size == 0 || end + size > bytes_max) break;
    end += size;
  }
  return std::string(text.substr(0, end));
}

transport::GrpcStatus ToWire(const google::rpc::Status& status) {
  return {status.code(), status.message(), status.SerializeAsString()};
}

}  // namespace

transport::GrpcStatus RenderRefusal(const core::Refusal& refusal, const core::ExchangeId& id,
                                    absl::string_view node) {
  const std::string vi = core::TextOf(refusal, core::Language::kVietnamese);
  const std::string en = core::TextOf(refusal, core::Language::kEnglish);
  google::rpc::Status status;
  status.set_code(refusal.grpc_code != 0 ? refusal.grpc_code
                                         : core::RulesOf(refusal.reason).grpc_code());
  status.set_message(absl::StrCat(vi, " / ", en));
  AddErrorInfo(refusal, node, status);
  AddRequestInfo(id, status);
  AddText("vi", vi, status);
  AddText("en", en, status);
  AddViolations(refusal, status);
  AddQuotaAndRetry(refusal, status);
  return ToWire(status);
}

transport::GrpcStatus RenderProviderError(const transport::GrpcStatus& from_provider,
                                          absl::string_view provider, const core::ExchangeId& id,
                                          absl::string_view node) {
  google::rpc::Status status;
  google::rpc::Status theirs;
  if (theirs.ParseFromString(from_provider.details_bin)) {
    for (auto& detail : *theirs.mutable_details()) {
      if (!SpeaksForTheBus(detail)) status.add_details()->Swap(&detail);
    }
  }
  status.set_code(from_provider.code);
  status.set_message(TextUpTo(from_provider.message, kProviderMessageBytesMax));
  AddErrorInfo({.reason = exchange::v1::ERROR_REASON_PROVIDER_ERROR,
                .parameters = {{"provider", std::string(provider)}}},
               node, status);
  AddRequestInfo(id, status);
  return ToWire(status);
}

}  // namespace ndx::broker
