// What the insurance adapter promises, on the database that this run is about.
#include <catch2/catch.hpp>
#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "ndx/adapters/social_insurance/social_insurance_adapter.h"
#include "ndx/core/system_clock.h"
#include "ndx/social_insurance/v1/social_insurance_service.pb.h"
#include "ndx/tests/support/adapter_caller.h"
#include "test_database.h"

namespace ndx::social_insurance {
namespace {

using tests::Ask;
using tests::CallOf;

class SocialInsurance {
 public:
  SocialInsurance() {
    auto made = MakeSocialInsuranceAdapter(clock_, database.FilesOf("social_insurance"));
    INFO(made.status());
    REQUIRE(made.ok());
    adapter = *std::move(made);
    REQUIRE(Check("0000000000", "Ai", "1990").value().result_code() == "050");
    database.Execute(
        "INSERT INTO insured (social_insurance_number, citizen_id, full_name, name_key, "
        "birth_date, gender, "
        "birth_province_code, birth_commune_code, status, household_number, relation_code) VALUES "
        "('9000000001', '000190000001', 'Nguyễn Thị Đào', 'NGUYENTHIDAO', '1990-05-17', 2, '01', "
        "'00001', 1, 'B1', "
        "'CH01'), "
        "('9000000002', '000090000002', 'Trần Văn Thử', 'TRANVANTHU', '1988-11-02', 1, '01', "
        "'00001', 2, 'B1', 'CH02'), "
        "('9000000003', NULL, 'Trần Văn Thu', 'TRANVANTHU', '1988-11-02', 1, '79', '26734', 3, "
        "NULL, NULL)");
    database.Execute(
        "INSERT INTO insured_households (household_number, province_code, commune_code, address) "
        "VALUES "
        "('B1', '01', '00001', 'Số 1')");
    Card("DN4010000000001", "9000000001", "2025-01-01", "2025-12-31", "000", "");
    database.Execute(
        "INSERT INTO treatment_visits (file_number, social_insurance_number, facility_code, "
        "from_date, to_date, disease, "
        "condition_code, result_code) VALUES "
        "('F1', '9000000001', '01001', '2025-02-01', '2025-02-03', 'Bệnh thử', '1', '2'), "
        "('F2', '9000000001', '01001', '2025-03-01', NULL, 'Bệnh thử khác', '1', '2')");
  }

  void Card(const std::string& number, const std::string& owner, const std::string& from,
            const std::string& to, const std::string& code, const std::string& replaced_by) {
    const std::string replaced = replaced_by.empty() ? "NULL" : absl::StrCat("'", replaced_by, "'");
    database.Execute(
        absl::StrCat("INSERT INTO health_cards (card_number, social_insurance_number, "
                     "registered_facility_code, valid_from, "
                     "valid_to, status_code, replaced_by) VALUES ('",
                     number, "', '", owner, "', '01001', '", from, "', '", to, "', '", code, "', ",
                     replaced, ")"));
  }

  template <typename Answer, typename Request>
  absl::StatusOr<Answer> Call(const std::string& method, const Request& request) {
    return Ask<Answer>(
        *adapter, CallOf("/ndx.social_insurance.v1.SocialInsuranceService/" + method, request));
  }

  absl::StatusOr<v1::CheckHealthCardResponse> Check(const std::string& number,
                                                    const std::string& name,
                                                    const std::string& born,
                                                    const std::string& day = "2025-07-01",
                                                    bool with_visits = false) {
    v1::CheckHealthCardRequest request;
    request.set_card_number(number);
    request.set_full_name(name);
    request.set_birth_date(born);
    request.set_on_date(day);
    request.set_with_visits(with_visits);
    return Call<v1::CheckHealthCardResponse>("CheckHealthCard", request);
  }

  core::SystemClock clock_;
  tests::TestDatabase database;
  std::unique_ptr<sdk::Adapter> adapter;
};

TEST_CASE_METHOD(SocialInsurance, "a number is found when the criteria name one person") {
  v1::FindInsuranceNumberRequest request;
  request.set_full_name("nguyen thi dao");
  request.set_birth_date("1990-05");
  auto answer = Call<v1::FindInsuranceNumberResponse>("FindInsuranceNumber", request);
  INFO(answer.status());
  REQUIRE(answer.ok());
  CHECK(answer->outcome() == v1::LOOKUP_OUTCOME_FOUND);
  CHECK(answer->social_insurance_number() == "9000000001");
  CHECK(answer->status() == v1::INSURED_STATUS_ACTIVE);

  request.set_full_name("Trần Văn Thử");
  request.set_birth_date("1988-11-02");
  answer = Call<v1::FindInsuranceNumberResponse>("FindInsuranceNumber", request);
  CHECK(answer->outcome() == v1::LOOKUP_OUTCOME_AMBIGUOUS);
  CHECK(answer->social_insurance_number().empty());
  request.set_birth_province_code("79");
  answer = Call<v1::FindInsuranceNumberResponse>("FindInsuranceNumber", request);
  CHECK(answer->social_insurance_number() == "9000000003");
  request.set_gender(v1::GENDER_FEMALE);
  CHECK(Call<v1::FindInsuranceNumberResponse>("FindInsuranceNumber", request)->outcome() ==
        v1::LOOKUP_OUTCOME_NOT_FOUND);
  request.clear_gender();
  request.clear_birth_province_code();
  request.set_citizen_id("000090000002");
  CHECK(Call<v1::FindInsuranceNumberResponse>("FindInsuranceNumber", request)
            ->social_insurance_number() == "9000000002");
  request.set_citizen_id("' OR '1'='1");
  CHECK(Call<v1::FindInsuranceNumberResponse>("FindInsuranceNumber", request)->outcome() ==
        v1::LOOKUP_OUTCOME_NOT_FOUND);
}

TEST_CASE_METHOD(SocialInsurance, "a household is found by a member's number") {
  v1::GetHouseholdRequest request;
  request.set_social_insurance_number("9000000002");
  const auto answer = Call<v1::GetHouseholdResponse>("GetHousehold", request).value();
  CHECK(answer.outcome() == v1::LOOKUP_OUTCOME_FOUND);
  CHECK(answer.household().household_number() == "B1");
  REQUIRE(answer.household().members_size() == 2);
  CHECK(answer.household().members(0).social_insurance_number() == "9000000001");
  CHECK(answer.household().members(1).status() == v1::INSURED_STATUS_PAUSED);
  request.set_social_insurance_number("9000000003");
  CHECK(Call<v1::GetHouseholdResponse>("GetHousehold", request)->outcome() ==
        v1::LOOKUP_OUTCOME_NOT_FOUND);
}

TEST_CASE_METHOD(SocialInsurance, "a good card is good by any of its three numbers") {
  for (const char* number : {"DN4010000000001", "9000000001", "000190000001"}) {
    INFO(number);
    const auto answer = Check(number, "Nguyen Thi Dao", "1990-05-17").value();
    CHECK(answer.result_code() == "000");
    CHECK(answer.result() == v1::HEALTH_CARD_RESULT_VALID);
    CHECK(answer.card_number() == "DN4010000000001");
    CHECK(answer.full_name() == "Nguyễn Thị Đào");
    CHECK(answer.visits_size() == 0);
  }
  const auto with_visits =
      Check("9000000001", "Nguyễn Thị Đào", "1990", "2025-07-01", true).value();
  REQUIRE(with_visits.visits_size() == 2);
  CHECK(with_visits.visits(0).file_number() == "F2");
  CHECK(with_visits.visits(0).social_insurance_number() == "9000000001");
}

TEST_CASE_METHOD(SocialInsurance, "what a check finds is an answer, with its code") {
  Card("DN4010000000002", "9000000002", "2025-01-01", "2025-12-31", "000", "DN4010000000099");
  struct Case {
    const char* name;
    const char* number;
    const char* full_name;
    const char* born;
    const char* day;
    const char* code;
  };
  const Case cases[] = {
      {"no such card", "DN4010000000009", "Nguyễn Thị Đào", "1990", "2025-07-01", "050"},
      {"malformed", "DN401000000001", "Nguyễn Thị Đào", "1990", "2025-07-01", "051"},
      {"hostile", "' OR 1=1 --    ", "Nguyễn Thị Đào", "1990", "2025-07-01", "051"},
      {"province", "DN4000000000001", "Nguyễn Thị Đào", "1990", "2025-07-01", "052"},
      {"benefit", "DN6010000000001", "Nguyễn Thị Đào", "1990", "2025-07-01", "053"},
      {"name", "DN4010000000001", "Trần Thị Đào", "1990", "2025-07-01", "060"},
      {"name, initial right", "DN4010000000001", "Ngô Thị Đào", "1990", "2025-07-01", "061"},
      {"birth date", "DN4010000000001", "Nguyễn Thị Đào", "1991", "2025-07-01", "070"},
      {"replaced", "DN4010000000002", "Trần Văn Thử", "1988", "2025-07-01", "003"},
      {"last day", "DN4010000000001", "Nguyễn Thị Đào", "1990", "2025-12-31", "000"},
      {"expired", "DN4010000000001", "Nguyễn Thị Đào", "1990", "2026-01-01", "010"},
      {"not yet valid", "DN4010000000001", "Nguyễn Thị Đào", "1990", "2024-12-31", "010"},
  };
  for (const Case& c : cases) {
    INFO(c.name);
    const auto answer = Check(c.number, c.full_name, c.born, c.day);
    INFO(answer.status());
    REQUIRE(answer.ok());
    CHECK(answer->result_code() == c.code);
    CHECK_FALSE(answer->note().empty());
    const bool other_person = answer->result_code() >= "050" && answer->result_code() <= "070";
    CHECK(answer->full_name().empty() == other_person);
  }
  CHECK(Check("DN4010000000002", "Trần Văn Thử", "1988")->new_card_number() == "DN4010000000099");
  CHECK(Check("DN4010000000001", "Nguyễn Thị Đào", "1990", "hôm nay").status().code() ==
        absl::StatusCode::kInvalidArgument);
}

TEST_CASE_METHOD(SocialInsurance, "the card's own codes come through") {
  int number = 100;
  for (const char* code : {"001", "002", "010", "100", "101", "110", "120", "121", "122", "123",
                           "124", "130", "401", "500"}) {
    const std::string card = absl::StrCat("HT3010000000", ++number);
    Card(card, "9000000002", "2025-01-01", "2025-12-31", code, "");
    CHECK(Check(card, "Trần Văn Thử", "1988-11-02")->result_code() == code);
  }
  Card("HT3010000000999", "9000000002", "2025-01-01", "2025-12-31", "xyz", "");
  CHECK(Check("HT3010000000999", "Trần Văn Thử", "1988-11-02")->result_code() == "100");
}

}  // namespace
}  // namespace ndx::social_insurance
