#include "ndx/adapters/connectors/message_path.h"

#include <catch2/catch.hpp>
#include <limits>

#include "ndx/land/v1/land_service.pb.h"
#include "ndx/population/v1/population_service.pb.h"

namespace ndx::connectors {
namespace {

using land::v1::RegisterChangeRequest;
using population::v1::LookUpCitizenResponse;

TEST_CASE("fields are read by path; what is not set is empty") {
  land::v1::GetParcelRequest request;
  CHECK(ReadField(request, "position.map_sheet").value() == SqlValue(std::string()));
  request.mutable_position()->set_map_sheet("12");
  CHECK(ReadField(request, "position.map_sheet").value() == SqlValue(std::string("12")));
  CHECK(ReadField(request, "parcel_id").value() == SqlValue(std::string()));
  CHECK(ReadField(request, "position").status().code() == absl::StatusCode::kNotFound);
  CHECK(ReadField(request, "position.nothing").status().code() == absl::StatusCode::kNotFound);
  CHECK(ReadField(request, "nothing.at.all").status().code() == absl::StatusCode::kNotFound);

  RegisterChangeRequest change;
  change.set_kind(land::v1::CHANGE_KIND_ADDRESS);
  change.set_expected_version(static_cast<uint64_t>(std::numeric_limits<int64_t>::max()));
  CHECK(ReadField(change, "kind").value() == SqlValue(int64_t{2}));
  CHECK(ReadField(change, "expected_version").ok());
  change.set_expected_version(static_cast<uint64_t>(std::numeric_limits<int64_t>::max()) + 1);
  CHECK(ReadField(change, "expected_version").status().code() ==
        absl::StatusCode::kInvalidArgument);
  CHECK_FALSE(ReadField(change, "new_holders").ok());
}

TEST_CASE("given means there and not empty") {
  land::v1::GetParcelRequest request;
  CHECK_FALSE(IsGiven(request, "parcel_id").value());
  CHECK_FALSE(IsGiven(request, "position.map_sheet").value());
  request.set_parcel_id("");
  CHECK_FALSE(IsGiven(request, "parcel_id").value());
  request.mutable_position();
  CHECK(IsGiven(request, "position").value());
  CHECK_FALSE(IsGiven(request, "nothing").ok());
}

TEST_CASE("fields are written by path, from numbers and from text") {
  LookUpCitizenResponse answer;
  CHECK(WriteField(answer, "citizen.home_town.detail", std::string("Số 1")).ok());
  CHECK(WriteField(answer, "citizen.gender", int64_t{2}).ok());
  CHECK(WriteField(answer, "citizen.life_status", std::string("1")).ok());
  CHECK(WriteField(answer, "citizen.full_name", int64_t{7}).ok());
  CHECK(answer.citizen().home_town().detail() == "Số 1");
  CHECK(answer.citizen().gender() == population::v1::GENDER_FEMALE);
  CHECK(answer.citizen().life_status() == population::v1::LIFE_STATUS_ALIVE);
  CHECK(answer.citizen().full_name() == "7");
  CHECK(WriteField(answer, "citizen.father.full_name", SqlValue()).ok());
  CHECK_FALSE(answer.citizen().has_father());
  CHECK(WriteField(answer, "citizen.father.nothing", SqlValue()).code() ==
        absl::StatusCode::kNotFound);
  CHECK(WriteField(answer, "citizen.gender", std::string("two")).code() ==
        absl::StatusCode::kInvalidArgument);
  population::v1::ListCitizenListsRequest page;
  CHECK(WriteField(page, "limit", int64_t{4294967295}).ok());
  CHECK(WriteField(page, "limit", int64_t{4294967296}).code() ==
        absl::StatusCode::kInvalidArgument);
  CHECK(WriteField(page, "limit", int64_t{-1}).code() == absl::StatusCode::kInvalidArgument);
}

TEST_CASE("rows fill messages, elements and enums") {
  population::v1::GetHouseholdResponse answer;
  const std::vector<std::string> columns = {"citizen_id", "-ignored", "gender"};
  const std::vector<SqlValue> values = {std::string("000190000001"), std::string("x"), int64_t{2}};
  for (int i = 0; i < 2; ++i) {
    google::protobuf::Message* element = RowTarget(answer, "household.members").value();
    CHECK(WriteRow(*element, {columns, values}).ok());
  }
  REQUIRE(answer.household().members_size() == 2);
  CHECK(answer.household().members(1).citizen_id() == "000190000001");
  CHECK(RowTarget(answer, "").value() == &answer);
  CHECK(RowTarget(answer, "household.household_number").status().code() ==
        absl::StatusCode::kNotFound);
  CHECK(WriteEnum(answer, "outcome", "LOOKUP_OUTCOME_FOUND").ok());
  CHECK(answer.outcome() == population::v1::LOOKUP_OUTCOME_FOUND);
  CHECK(WriteEnum(answer, "outcome", "FOUND").code() == absl::StatusCode::kNotFound);
  CHECK(FieldAt(*answer.GetDescriptor(), "household.members").ok());
  CHECK_FALSE(FieldAt(*answer.GetDescriptor(), "household.members.citizen_id").ok());
}

}  // namespace
}  // namespace ndx::connectors
