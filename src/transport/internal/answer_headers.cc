#include "internal/answer_headers.h"

#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "ndx/transport/base64.h"
#include "ndx/transport/percent_encoding.h"

namespace ndx::transport {

bool AnswerHeaders::Add(absl::string_view name, absl::string_view value, size_t bytes_max,
                        size_t count_max) {
  bytes_ += name.size() + value.size() + Metadata::kEntryOverheadBytes;
  ++count_;
  if (bytes_ > bytes_max * kAttackFactor) return false;
  if (bytes_ > bytes_max || count_ > count_max) {
    Fail(absl::ResourceExhaustedError("the answer's metadata is larger than the limit"));
    return true;
  }
  if (name == ":status") {
    if (!absl::SimpleAtoi(value, &http_status)) http_status = 0;
  } else if (name == "content-type") {
    is_grpc = absl::StartsWith(value, "application/grpc");
  } else if (absl::StartsWith(name, "grpc-")) {
    AddGrpc(name, value);
  } else if (!IsReservedKey(name)) {
    AddCustom(name, value);
  }
  return true;
}

void AnswerHeaders::AddGrpc(absl::string_view name, absl::string_view value) {
  const auto status_of = [this]() -> GrpcStatus& {
    if (!status) status.emplace();
    return *status;
  };
  if (name == "grpc-status") {
    int code = 0;
    if (!absl::SimpleAtoi(value, &code) || code < 0) {
      code = static_cast<int>(absl::StatusCode::kUnknown);
    }
    GrpcStatus& status_now = status_of();
    status_now.code = code;
    status_now.message = std::move(message_);
    status_now.details_bin = std::move(details_);
  } else if (name == "grpc-message") {
    (status ? status->message : message_) = PercentDecode(value);
  } else if (name == "grpc-status-details-bin") {
    std::string details;
    if (!DecodeBase64(value, &details)) {
      Fail(absl::InternalError("grpc-status-details-bin is not base64"));
    }
    (status ? status->details_bin : details_) = std::move(details);
  } else if (name == "grpc-retry-pushback-ms") {
    AddCustom(name, value);  // a hint for whoever retries
  }
}

void AnswerHeaders::AddCustom(absl::string_view name, absl::string_view value) {
  const absl::Status added = metadata.AddFromWire(name, value);
  if (!added.ok()) Fail(absl::InternalError(added.message()));
}

void AnswerHeaders::Fail(absl::Status what) {
  if (problem.ok()) problem = std::move(what);
}

}  // namespace ndx::transport
