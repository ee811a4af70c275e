#include "ndx/tests/support/error_reading.h"

#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"
#include "ndx/core/status_macros.h"

namespace ndx::tests {
namespace {

bool ReadDetail(const google::protobuf::Any& detail, ReadError& read) {
  google::rpc::ErrorInfo info;
  google::rpc::RequestInfo request;
  google::rpc::LocalizedMessage text;
  google::rpc::BadRequest bad;
  google::rpc::QuotaFailure quota;
  google::rpc::RetryInfo retry;
  if (detail.UnpackTo(&info)) {
    read.domains.push_back(info.domain());
    read.reasons.push_back(info.reason());
    read.metadata = {info.metadata().begin(), info.metadata().end()};
  } else if (detail.UnpackTo(&request)) {
    read.request_id = request.request_id();
  } else if (detail.UnpackTo(&text)) {
    read.texts[text.locale()] = text.message();
  } else if (detail.UnpackTo(&bad)) {
    for (const auto& violation : bad.field_violations()) {
      read.violations[violation.field()] = violation.description();
    }
  } else if (detail.UnpackTo(&quota)) {
    read.quota_subject = quota.violations(0).subject();
  } else if (detail.UnpackTo(&retry)) {
    read.retry_nanos = retry.retry_delay().seconds() * 1'000'000'000 + retry.retry_delay().nanos();
  } else {
    return false;
  }
  return true;
}

}  // namespace

ReadError ReadErrorOf(const transport::GrpcStatus& status) {
  google::rpc::Status details;
  NDX_CHECK(details.ParseFromString(status.details_bin));
  NDX_CHECK(details.code() == status.code || status.details_bin.empty());
  ReadError read{.code = status.code, .message = status.message};
  for (const auto& detail : details.details()) {
    ++read.details;
    if (!ReadDetail(detail, read)) ++read.unknown;
  }
  return read;
}

}  // namespace ndx::tests
