#include "ndx/broker/error_answer.h"

#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"
#include "ndx/core/refusal_details.h"
#include "ndx/core/status_macros.h"
#include "ndx/dispatch/failure_reason.h"

namespace ndx::broker {
namespace {

// Where the provider's requests are kept: ErrorInfo.metadata["submit"] names the method.
constexpr absl::string_view kSubmitAdviceVi = " Có thể gửi bằng Submit để nút lưu và chuyển sau.";
constexpr absl::string_view kSubmitAdviceEn = " Submit it to have the node keep and deliver it.";

void AddRequestInfo(const core::ExchangeId& id, google::rpc::Status& status) {
  google::rpc::RequestInfo info;
  info.set_request_id(id.ToString());
  status.add_details()->PackFrom(info);  // RefusalTemplate relies on its being the last
}

bool SpeaksForTheBus(const google::protobuf::Any& detail) {
  google::rpc::ErrorInfo info;
  return detail.Is<google::rpc::ErrorInfo>() &&
         (!detail.UnpackTo(&info) || info.domain() == core::kErrorDomain);
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

core::Refusal NodeOverloaded(absl::Duration retry_after) {
  return {.reason = exchange::v1::ERROR_REASON_NODE_OVERLOADED,
          .parameters = {{"retry_after", dispatch::ShortDuration(retry_after)}},
          .retry_after = retry_after};
}

bool SaysNothingWasSent(exchange::v1::ErrorReason reason) {
  switch (reason) {
    case exchange::v1::ERROR_REASON_EXCHANGE_ID_REUSED:
    case exchange::v1::ERROR_REASON_QUOTA_USED:
    case exchange::v1::ERROR_REASON_SUBJECT_QUOTA_USED:
    case exchange::v1::ERROR_REASON_CAMPAIGN_TOTAL_USED:
    case exchange::v1::ERROR_REASON_JOURNAL_UNAVAILABLE:
    case exchange::v1::ERROR_REASON_PROVIDER_DOWN:
    case exchange::v1::ERROR_REASON_PROVIDER_BUSY:
    case exchange::v1::ERROR_REASON_DEADLINE_BEFORE_SENDING:
    case exchange::v1::ERROR_REASON_CANCELLED:  // a change that was sent is not cancelled
    case exchange::v1::ERROR_REASON_RELAY_PEER_DOWN:
      return true;
    default:
      // Those of stages 1 to 4.
      return reason != exchange::v1::ERROR_REASON_UNSPECIFIED &&
             reason < exchange::v1::ERROR_REASON_EXCHANGE_ID_REUSED;
  }
}

transport::GrpcStatus RenderRefusal(const core::Refusal& refusal, const core::ExchangeId& id,
                                    absl::string_view node) {
  google::rpc::Status status = core::RefusalDetails(refusal, node);
  const bool may_submit = refusal.parameters.contains("submit");
  status.set_message(absl::StrCat(
      core::TextOf(refusal, core::Language::kVietnamese), may_submit ? kSubmitAdviceVi : "", " / ",
      core::TextOf(refusal, core::Language::kEnglish), may_submit ? kSubmitAdviceEn : ""));
  AddRequestInfo(id, status);
  return ToWire(status);
}

RefusalTemplate::RefusalTemplate(const core::Refusal& refusal, absl::string_view node)
    : rendered_(RenderRefusal(refusal, core::ExchangeId(), node)) {
  NDX_CHECK(absl::EndsWith(rendered_.details_bin, core::ExchangeId().ToString()));
}

transport::GrpcStatus RefusalTemplate::For(const core::ExchangeId& id) const {
  transport::GrpcStatus status = rendered_;
  const size_t before = status.details_bin.size() - core::ExchangeId::kTextLength;
  status.details_bin.replace(before, core::ExchangeId::kTextLength, id.ToString());
  return status;
}

transport::GrpcStatus RenderProviderError(const transport::GrpcStatus& from_provider,
                                          absl::string_view provider, const core::ExchangeId& id,
                                          absl::string_view node) {
  const google::rpc::Status ours =
      core::RefusalDetails({.reason = exchange::v1::ERROR_REASON_PROVIDER_ERROR,
                            .parameters = {{"provider", std::string(provider)}}},
                           node);
  google::rpc::Status status;
  google::rpc::Status theirs;
  if (theirs.ParseFromString(from_provider.details_bin)) {
    for (auto& detail : *theirs.mutable_details()) {
      if (!SpeaksForTheBus(detail)) status.add_details()->Swap(&detail);
    }
  }
  status.set_code(from_provider.code);
  status.set_message(TextUpTo(from_provider.message, kProviderMessageBytesMax));
  *status.add_details() = ours.details(0);  // ErrorInfo: the texts are the provider's
  AddRequestInfo(id, status);
  return ToWire(status);
}

}  // namespace ndx::broker
