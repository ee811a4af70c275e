#include "ndx/console/refusal_status.h"

#include <catch2/catch.hpp>

#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"

namespace ndx::console {
namespace {

TEST_CASE("a refusal keeps code, reason, fault, both texts, violations and retry on the wire") {
  const absl::Status status = RefusalStatus(
      {.reason = exchange::v1::ERROR_REASON_OPERATOR_ROLE_MISSING,
       .parameters = {{"method", "ReplayExchange"}, {"role", "replayer"}, {"user", "lan"}},
       .violations = {{.field = "reason", .description_vi = "thiếu", .description_en = "missing"}},
       .retry_after = absl::Seconds(3)});
  CHECK(absl::IsPermissionDenied(status));
  const transport::GrpcStatus wire = ToWireStatus(status);
  CHECK(wire.code == 7);
  CHECK(wire.message ==
        "ReplayExchange needs the role replayer, which lan does not have; ask an administrator "
        "for it.");
  google::rpc::Status details;
  REQUIRE(details.ParseFromString(wire.details_bin));
  CHECK(details.code() == 7);
  REQUIRE(details.details_size() == 5);
  google::rpc::ErrorInfo info;
  REQUIRE(details.details(0).UnpackTo(&info));
  CHECK(info.domain() == "ndx");
  CHECK(info.reason() == "OPERATOR_ROLE_MISSING");
  CHECK(info.metadata().at("fault") == "consumer");
  google::rpc::LocalizedMessage vi;
  REQUIRE(details.details(1).UnpackTo(&vi));
  CHECK(vi.locale() == "vi");
  CHECK(vi.message() == "ReplayExchange cần vai trò replayer, lan chưa có; nhờ quản trị viên cấp.");
  google::rpc::BadRequest bad;
  REQUIRE(details.details(3).UnpackTo(&bad));
  CHECK(bad.field_violations(0).field() == "reason");
  google::rpc::RetryInfo retry;
  REQUIRE(details.details(4).UnpackTo(&retry));
  CHECK(retry.retry_delay().seconds() == 3);
}

TEST_CASE("any other status goes out as it is") {
  const transport::GrpcStatus wire = ToWireStatus(absl::InvalidArgumentError("page_size"));
  CHECK(wire.code == 3);
  CHECK(wire.message == "page_size");
  CHECK(wire.details_bin.empty());
}

}  // namespace
}  // namespace ndx::console
