#include "ndx/adapters/sdk/request_check.h"

#include <catch2/catch.hpp>
#include <string>

#include "ndx/land/v1/land_service.pb.h"
#include "ndx/population/v1/population_service.pb.h"

namespace ndx::sdk {
namespace {

land::v1::RegisterChangeRequest Good() {
  land::v1::RegisterChangeRequest request;
  request.set_parcel_id("000-P1");
  request.set_expected_version(1);
  request.set_kind(land::v1::CHANGE_KIND_ADDRESS);
  request.set_dossier_code("G09.20-20260609-0092637");
  request.set_content("x");
  return request;
}

TEST_CASE("required fields must be there, also inside messages") {
  CHECK(CheckRequest(Good()).ok());
  auto request = Good();
  request.clear_expected_version();
  CHECK(CheckRequest(request).message() == "expected_version is required");
  land::v1::GetParcelRequest parcel;
  CHECK(CheckRequest(parcel).ok());
  parcel.mutable_position()->set_commune_code("00001");
  CHECK(CheckRequest(parcel).message() == "position.map_sheet is required");
  population::v1::SubmitCitizenListRequest list;
  CHECK(CheckRequest(list).message() == "criteria is required");
}

TEST_CASE("text has no NUL byte and a limit, in repeated messages as well") {
  auto request = Good();
  request.set_content(std::string(kTextFieldBytesMax, 'x'));
  CHECK(CheckRequest(request).ok());
  request.set_content(std::string(kTextFieldBytesMax + 1, 'x'));
  CHECK(CheckRequest(request).code() == absl::StatusCode::kInvalidArgument);
  request = Good();
  request.add_new_holders()->set_name("x");
  request.add_new_holders()->set_name(std::string("x\0", 2));
  CHECK(CheckRequest(request).message() == "new_holders[1].name holds a NUL byte");
}

TEST_CASE("a repeated field has a limit") {
  auto request = Good();
  for (int i = 0; i < kRepeatedFieldMax; ++i) request.add_new_holders();
  CHECK(CheckRequest(request).ok());
  request.add_new_holders();
  CHECK(CheckRequest(request).code() == absl::StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace ndx::sdk
