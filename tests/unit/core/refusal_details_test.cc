#include "ndx/core/refusal_details.h"

#include <catch2/catch.hpp>

#include "google/rpc/error_details.pb.h"

namespace ndx::core {
namespace {

template <typename Detail>
Detail Find(const google::rpc::Status& status) {
  Detail found;
  for (const auto& detail : status.details()) {
    if (detail.UnpackTo(&found)) return found;
  }
  FAIL("no detail " << Detail::descriptor()->full_name());
  return found;
}

TEST_CASE("a refusal's details say reason, fault and node, and help where there is help") {
  const google::rpc::Status status = RefusalDetails(
      {.reason = exchange::v1::ERROR_REASON_QUOTA_USED,
       .parameters = {{"limit", "5"}, {"node", "trực ban"}},
       .violations = {{.field = "f", .description_vi = "thiếu", .description_en = "missing"}},
       .retry_after = absl::Milliseconds(2500),
       .quota_subject = "grant/day"},
      "VN:GOV:G01:node");
  CHECK(status.code() == 8);
  const auto info = Find<google::rpc::ErrorInfo>(status);
  CHECK(info.domain() == "ndx");
  CHECK(info.reason() == "QUOTA_USED");
  CHECK(info.metadata().at("fault") == "consumer");
  CHECK(info.metadata().at("node") == "VN:GOV:G01:node");
  CHECK(info.metadata().at("limit") == "5");
  CHECK(info.metadata().at("contact") == "trực ban");
  CHECK(Find<google::rpc::LocalizedMessage>(status).locale() == "vi");
  CHECK(Find<google::rpc::BadRequest>(status).field_violations(0).description() ==
        "thiếu / missing");
  CHECK(Find<google::rpc::QuotaFailure>(status).violations(0).subject() == "grant/day");
  CHECK(Find<google::rpc::RetryInfo>(status).retry_delay().nanos() == 500'000'000);
}

TEST_CASE("without help, node or code of its own: three details and the reason's code") {
  const google::rpc::Status status =
      RefusalDetails({.reason = exchange::v1::ERROR_REASON_CERTIFICATE_EXPIRED}, "");
  CHECK(status.code() == 16);
  CHECK(status.details_size() == 3);
  CHECK(Find<google::rpc::ErrorInfo>(status).metadata().count("node") == 0);
  CHECK(RefusalDetails({.reason = exchange::v1::ERROR_REASON_CERTIFICATE_EXPIRED, .grpc_code = 13},
                       "")
            .code() == 13);
}

TEST_CASE("violations are named up to the limit") {
  Refusal refusal{.reason = exchange::v1::ERROR_REASON_QUOTA_USED};
  refusal.violations.resize(kViolationsMax + 1);
  CHECK(Find<google::rpc::BadRequest>(RefusalDetails(refusal, "")).field_violations_size() ==
        kViolationsMax);
}

}  // namespace
}  // namespace ndx::core
