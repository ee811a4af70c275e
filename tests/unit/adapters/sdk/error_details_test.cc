#include "ndx/adapters/sdk/error_details.h"

#include <catch2/catch.hpp>

#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"

namespace ndx::sdk {
namespace {

TEST_CASE("a field error carries a BadRequest that names the field") {
  const absl::Status error = FieldError("new_holders[1].name", "is required");
  CHECK(error.code() == absl::StatusCode::kInvalidArgument);
  CHECK(error.message() == "new_holders[1].name is required");
  google::rpc::Status details;
  REQUIRE(details.ParseFromString(StatusDetails(error)));
  CHECK(details.code() == 3);
  REQUIRE(details.details_size() == 1);
  google::rpc::BadRequest bad_request;
  REQUIRE(details.details(0).UnpackTo(&bad_request));
  REQUIRE(bad_request.field_violations_size() == 1);
  CHECK(bad_request.field_violations(0).field() == "new_holders[1].name");
  CHECK(bad_request.field_violations(0).description() == "is required");
}

TEST_CASE("a status without details has none") {
  CHECK(StatusDetails(absl::UnavailableError("down")).empty());
  CHECK(StatusDetails(absl::OkStatus()).empty());
}

}  // namespace
}  // namespace ndx::sdk
