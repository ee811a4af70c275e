#include "ndx/broker/stages/submit_stage.h"

#include <utility>
#include <variant>

#include "absl/strings/str_cat.h"
#include "ndx/exchange/v1/exchange_service.pb.h"

namespace ndx::broker {
namespace {

core::Refusal InvalidSubmission(absl::string_view field, absl::string_view rule_vi,
                                absl::string_view rule_en) {
  return {.reason = exchange::v1::ERROR_REASON_SUBMISSION_INVALID,
          .parameters = {{"field", std::string(field)},
                         {"rule_vi", std::string(rule_vi)},
                         {"rule_en", std::string(rule_en)}}};
}

// One printable line, as the values of metadata are.
bool IsPrintable(absl::string_view text) {
  for (const char c : text) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) return false;
  }
  return true;
}

std::optional<core::Refusal> FaultOfSubmission(const exchange::v1::SubmitRequest& request) {
  if (request.method().empty()) {
    return InvalidSubmission("method", "bắt buộc phải có", "is required");
  }
  if (request.order_key().size() > kOrderKeyBytesMax || !IsPrintable(request.order_key())) {
    return InvalidSubmission("order_key", "phải là một dòng không quá 128 byte",
                             "must be one line of at most 128 bytes");
  }
  const auto& keep_for = request.keep_for();
  if (request.has_keep_for() && (keep_for.seconds() < 0 || keep_for.nanos() < 0 ||
                                 (keep_for.seconds() == 0 && keep_for.nanos() == 0))) {
    return InvalidSubmission("keep_for", "phải lớn hơn 0", "must be more than 0");
  }
  return std::nullopt;
}

}  // namespace

Flow SubmitStage::Enter(Exchange& x) {
  if (x.submission.has_value() || x.path != kSubmitMethod || !x.route.method->service->of_node) {
    return Flow::kNext;
  }
  if (x.request_fault.has_value()) {
    x.Refuse(*std::move(x.request_fault));
    return Flow::kNext;
  }
  if (!x.request_complete) return Flow::kWait;
  Unwrap(x);
  return Flow::kNext;
}

void SubmitStage::Unwrap(Exchange& x) const {
  exchange::v1::SubmitRequest request;
  if (x.request == nullptr || !request.ParseFromString(*x.request)) {
    return x.Refuse(
        InvalidSubmission("request", "không phải là SubmitRequest", "is no SubmitRequest"));
  }
  if (auto fault = FaultOfSubmission(request)) return x.Refuse(*std::move(fault));
  auto result =
      routing::Router::Resolve(*x.registry, request.method(), x.context.provider, clock_.Now());
  if (auto* refusal = std::get_if<core::Refusal>(&result)) return x.Refuse(std::move(*refusal));
  const auto route = std::get<routing::Route>(result);
  if (route.method->service->of_node || route.method->server_streaming) {
    return x.Refuse(InvalidSubmission("method", "không lưu chờ chuyển được",
                                      "cannot be kept: it streams, or is the node's own"));
  }
  const size_t limit = route.method->rules.message_bytes_max();
  if (request.request().size() > limit) {
    return x.Refuse({.reason = exchange::v1::ERROR_REASON_MESSAGE_TOO_LARGE,
                     .parameters = {{"limit", absl::StrCat(limit)}}});
  }
  x.submission.emplace();
  x.submission->order_key = request.order_key();
  if (request.has_keep_for()) {
    x.submission->keep_for =
        absl::Seconds(request.keep_for().seconds()) + absl::Nanoseconds(request.keep_for().nanos());
  }
  x.path = request.method();
  x.route = route;
  x.request = transport::MakeMessage(std::move(*request.mutable_request()));
}

}  // namespace ndx::broker
