// What the population adapter promises, on the database that this run is about.
#include <catch2/catch.hpp>
#include <memory>
#include <string>

#include "ndx/adapter/v1/adapter_service.pb.h"
#include "ndx/adapters/population/population_adapter.h"
#include "ndx/core/system_clock.h"
#include "ndx/population/v1/population_service.pb.h"
#include "ndx/tests/support/adapter_caller.h"
#include "test_database.h"

namespace ndx::population {
namespace {

using tests::Ask;
using tests::CallOf;
using tests::Collect;

constexpr char kPath[] = "/ndx.population.v1.PopulationService/";

// Three people of one household, and one alone whose birth day is not known. Prefix 000 belongs to
// no province.
constexpr char kPeople[] = R"(
INSERT INTO people (citizen_id, identity_card, full_name, name_key, gender, birth_date, birth_year, ethnicity_code,
  religion_code, marital_status, blood_group_code, nationality_code, permanent_province_code, permanent_commune_code,
  permanent_detail, father_name, father_citizen_id, household_number, relation_code, life_status) VALUES
 ('000190000001', '000000001', 'Nguyễn Thị Đào', 'NGUYENTHIDAO', 2, '1990-05-17', 1990, '01', '00', 2, '00', 'VN',
  '01', '00001', 'Số 1, ngõ 2', 'Nguyễn Văn Thử', '000060000009', 'H0001', 'CH01', 1),
 ('000090000002', NULL, 'Trần Văn Thử', 'TRANVANTHU', 1, '1988-11-02', 1988, '01', '00', 2, '00', 'VN',
  '01', '00001', NULL, NULL, NULL, 'H0001', 'CH02', 1),
 ('000215000003', NULL, 'Trần "Bé", An', 'TRANBEAN', 1, '2015-01-31', 2015, '01', '00', 1, '00', 'VN',
  '01', '00004', NULL, NULL, NULL, 'H0001', 'CH03', 1),
 ('000040000004', '000000004', 'Lê Ư Ơ', 'LEUO', 1, '1940', 1940, '05', '01', 4, '02', 'VN',
  '79', '26734', NULL, NULL, NULL, NULL, NULL, 2))";

class Population {
 public:
  Population() {
    auto made = MakePopulationAdapter(clock_, database.FilesOf("population"));
    INFO(made.status());
    REQUIRE(made.ok());
    adapter = *std::move(made);
    adapter::v1::CheckHealthRequest health;
    REQUIRE(Ask<adapter::v1::CheckHealthResponse>(
                *adapter, CallOf("/ndx.adapter.v1.AdapterService/CheckHealth", health))
                .value()
                .serving());
    database.Execute(kPeople);
    database.Execute(
        "INSERT INTO households (household_number, head_citizen_id, province_code, commune_code, "
        "detail, country_code) "
        "VALUES ('H0001', '000190000001', '01', '00001', 'Số 1', 'VN')");
  }

  absl::StatusOr<bool> Verify(const std::string& id, const std::string& name,
                              const std::string& born) {
    v1::VerifyCitizenRequest request;
    request.set_citizen_id(id);
    request.set_full_name(name);
    request.set_birth_date(born);
    auto answer = Ask<v1::VerifyCitizenResponse>(
        *adapter, CallOf(std::string(kPath) + "VerifyCitizen", request));
    if (!answer.ok()) return answer.status();
    return answer->matches();
  }

  template <typename Answer, typename Request>
  absl::StatusOr<Answer> Call(const std::string& method, const Request& request,
                              const std::string& id = "",
                              const std::string& consumer = "VN:GOV:H01:motcua") {
    sdk::AdapterCall call = CallOf(kPath + method, request, id);
    call.metadata.emplace_back(std::string(sdk::kConsumerKey), consumer);
    return Ask<Answer>(*adapter, std::move(call));
  }

  // Asks until the list is made or has failed; the work is in the background.
  v1::CitizenListState AwaitList(const std::string& number) {
    v1::GetCitizenListStatusRequest request;
    request.set_request_number(number);
    for (int i = 0; i < 100'000; ++i) {
      const auto answer =
          Call<v1::GetCitizenListStatusResponse>("GetCitizenListStatus", request).value();
      if (answer.state() > v1::CITIZEN_LIST_STATE_RUNNING) return answer.state();
    }
    return v1::CITIZEN_LIST_STATE_UNSPECIFIED;
  }

  core::SystemClock clock_;
  tests::TestDatabase database;
  std::unique_ptr<sdk::Adapter> adapter;
};

TEST_CASE_METHOD(Population, "verification answers one bit, whatever way the name is written") {
  struct Case {
    const char* name;
    const char* id;
    const char* full_name;
    const char* born;
    bool matches;
  };
  const Case cases[] = {
      {"as registered", "000190000001", "Nguyễn Thị Đào", "1990-05-17", true},
      {"decomposed (NFD)", "000190000001", "Nguye\u0302\u0303n Thi\u0323 \u0110a\u0300o",
       "1990-05-17", true},
      {"no tone marks", "000190000001", "NGUYEN THI DAO", "1990-05-17", true},
      {"no spaces", "000190000001", "nguyenthidao", "1990-05-17", true},
      {"year alone", "000190000001", "Nguyễn Thị Đào", "1990", true},
      {"year and month", "000190000001", "Nguyễn Thị Đào", "1990-05", true},
      {"other day", "000190000001", "Nguyễn Thị Đào", "1990-05-18", false},
      {"other name", "000190000001", "Nguyễn Thị Đảo Lê", "1990-05-17", false},
      {"other person's number", "000090000002", "Nguyễn Thị Đào", "1990-05-17", false},
      {"nobody's number", "000190000099", "Nguyễn Thị Đào", "1990-05-17", false},
      {"day not known, year asked", "000040000004", "Lê Ư Ơ", "1940", true},
      {"day not known, day asked", "000040000004", "Lê Ư Ơ", "1940-01-01", false},
      {"any year", "000190000001", "Nguyễn Thị Đào", "%", false},
      {"a name of no letters", "000190000001", "...", "1990-05-17", false},
  };
  for (const Case& c : cases) {
    INFO(c.name);
    const auto answer = Verify(c.id, c.full_name, c.born);
    INFO(answer.status());
    REQUIRE(answer.ok());
    CHECK(*answer == c.matches);
  }
  v1::VerifyCitizenRequest by_card;
  by_card.set_identity_card("000000001");
  by_card.set_full_name("Nguyễn Thị Đào");
  by_card.set_birth_date("1990-05-17");
  CHECK(Call<v1::VerifyCitizenResponse>("VerifyCitizen", by_card).value().matches());
}

TEST_CASE_METHOD(Population, "a look-up gives the whole record, or says that there is none") {
  v1::LookUpCitizenRequest request;
  request.set_citizen_id("000090000002");
  auto answer = Call<v1::LookUpCitizenResponse>("LookUpCitizen", request);
  INFO(answer.status());
  REQUIRE(answer.ok());
  CHECK(answer->outcome() == v1::LOOKUP_OUTCOME_FOUND);
  CHECK(answer->citizen().full_name() == "Trần Văn Thử");
  CHECK(answer->citizen().gender() == v1::GENDER_MALE);
  CHECK(answer->citizen().householder().citizen_id() == "000190000001");
  CHECK(answer->citizen().permanent_address().commune_code() == "00001");
  CHECK_FALSE(answer->citizen().has_father());
  CHECK(answer->citizen().life_status() == v1::LIFE_STATUS_ALIVE);

  request.set_full_name("Tran Van Thu");
  request.set_birth_date("1988");
  CHECK(Call<v1::LookUpCitizenResponse>("LookUpCitizen", request)->outcome() ==
        v1::LOOKUP_OUTCOME_FOUND);
  request.set_full_name("Tran Van Khac");
  answer = Call<v1::LookUpCitizenResponse>("LookUpCitizen", request);
  CHECK(answer->outcome() == v1::LOOKUP_OUTCOME_NOT_FOUND);
  CHECK_FALSE(answer->has_citizen());
  request.set_full_name("!!!");
  CHECK(Call<v1::LookUpCitizenResponse>("LookUpCitizen", request)->outcome() ==
        v1::LOOKUP_OUTCOME_NOT_FOUND);

  CHECK(Call<v1::LookUpCitizenResponse>("LookUpCitizen", v1::LookUpCitizenRequest())
            .status()
            .code() == absl::StatusCode::kInvalidArgument);
}

TEST_CASE_METHOD(Population, "a household is found by its number and by any member") {
  v1::GetHouseholdRequest by_number;
  by_number.set_household_number("H0001");
  v1::GetHouseholdRequest by_member;
  by_member.set_citizen_id("000215000003");
  for (const auto& request : {by_number, by_member}) {
    const auto answer = Call<v1::GetHouseholdResponse>("GetHousehold", request).value();
    CHECK(answer.outcome() == v1::LOOKUP_OUTCOME_FOUND);
    CHECK(answer.household().household_number() == "H0001");
    REQUIRE(answer.household().members_size() == 3);
    CHECK(answer.household().members(0).relation_code() == "CH01");
    CHECK(answer.household().members(2).citizen_id() == "000215000003");
  }
  v1::GetHouseholdRequest alone;
  alone.set_citizen_id("000040000004");
  CHECK(Call<v1::GetHouseholdResponse>("GetHousehold", alone)->outcome() ==
        v1::LOOKUP_OUTCOME_NOT_FOUND);
}

TEST_CASE_METHOD(Population, "hostile values find nobody and break nothing") {
  const std::string hostile[] = {"000190000001' OR '1'='1",
                                 "'; DROP TABLE people; --",
                                 "\" OR \"\"=\"",
                                 "000190000001 --",
                                 ":citizen_id",
                                 "$1",
                                 "\\'; SELECT 1",
                                 "%",
                                 "000190000001/**/",
                                 std::string(4096, '9'),
                                 "\xEF\xBC\x87 OR 1=1"};
  for (const std::string& value : hostile) {
    INFO(value.substr(0, 40));
    CHECK_FALSE(Verify(value, "Nguyễn Thị Đào", "1990-05-17").value());
    CHECK_FALSE(Verify("000190000001", "Nguyễn Thị Đào", value).value());
    CHECK_FALSE(Verify("000190000001", value, "1990-05-17").value());
    v1::GetHouseholdRequest household;
    household.set_household_number(value);
    CHECK(Call<v1::GetHouseholdResponse>("GetHousehold", household)->outcome() ==
          v1::LOOKUP_OUTCOME_NOT_FOUND);
  }
  CHECK(database.Number("SELECT COUNT(*) FROM people") == 4);
  const std::string refused[] = {std::string("000190000001\0' OR 1=1", 20), std::string(4097, '9')};
  for (const std::string& value : refused) {
    CHECK(Verify(value, "Nguyễn Thị Đào", "1990-05-17").status().code() ==
          absl::StatusCode::kInvalidArgument);
  }
  CHECK(Verify("000190000001", "", "1990-05-17").status().code() ==
        absl::StatusCode::kInvalidArgument);
}

TEST_CASE_METHOD(Population,
                 "a list is asked for, made in the background, read, streamed and deleted") {
  v1::SubmitCitizenListRequest submit;
  submit.mutable_criteria()->set_province_code("01");
  submit.mutable_criteria()->set_birth_year_from(1988);
  const std::string id = "01890000-0000-7000-8000-000000000001";
  const auto submitted =
      Call<v1::SubmitCitizenListResponse>("SubmitCitizenList", submit, id).value();
  CHECK(submitted.state() == v1::CITIZEN_LIST_STATE_WAITING);
  const std::string number = submitted.request_number();
  REQUIRE(AwaitList(number) == v1::CITIZEN_LIST_STATE_DONE);

  // The same exchange again is the same request.
  CHECK(Call<v1::SubmitCitizenListResponse>("SubmitCitizenList", submit, id)->request_number() ==
        number);
  CHECK(database.Number("SELECT COUNT(*) FROM citizen_lists") == 1);

  v1::GetCitizenListResultRequest page;
  page.set_request_number(number);
  page.set_limit(2);
  auto result = Call<v1::GetCitizenListResultResponse>("GetCitizenListResult", page).value();
  CHECK(result.state() == v1::CITIZEN_LIST_STATE_DONE);
  CHECK(result.total_count() == 3);
  REQUIRE(result.citizens_size() == 2);
  CHECK(result.citizens(0).citizen_id() == "000090000002");
  page.set_offset(2);
  result = Call<v1::GetCitizenListResultResponse>("GetCitizenListResult", page).value();
  REQUIRE(result.citizens_size() == 1);
  CHECK(result.citizens(0).citizen_id() == "000215000003");

  v1::GetCitizenListFileRequest file;
  file.set_request_number(number);
  sdk::AdapterCall call = CallOf(std::string(kPath) + "GetCitizenListFile", file);
  call.metadata.emplace_back(std::string(sdk::kConsumerKey), "VN:GOV:H01:motcua");
  const auto pieces = Collect<v1::GetCitizenListFileResponse>(*adapter, std::move(call)).value();
  std::string csv;
  for (const auto& piece : pieces) csv += piece.csv_text();
  CHECK(csv ==
        "citizen_id,full_name,gender,birth_date,province_code,commune_code\r\n"
        "000090000002,Trần Văn Thử,1,1988-11-02,01,00001\r\n"
        "000190000001,Nguyễn Thị Đào,2,1990-05-17,01,00001\r\n"
        "000215000003,\"Trần \"\"Bé\"\", An\",1,2015-01-31,01,00004\r\n");

  v1::DeleteCitizenListRequest remove;
  remove.set_request_number(number);
  const std::string other = "01890000-0000-7000-8000-000000000002";
  CHECK(Call<v1::DeleteCitizenListResponse>("DeleteCitizenList", remove, other)->deleted());
  CHECK(AwaitList(number) == v1::CITIZEN_LIST_STATE_NOT_FOUND);
  CHECK(database.Number("SELECT COUNT(*) FROM citizen_list_items") == 0);
}

TEST_CASE_METHOD(Population, "a caller sees its own list requests only") {
  v1::SubmitCitizenListRequest submit;
  submit.mutable_criteria()->set_gender(v1::GENDER_FEMALE);
  const auto submitted = Call<v1::SubmitCitizenListResponse>("SubmitCitizenList", submit,
                                                             "01890000-0000-7000-8000-00000000000a")
                             .value();
  REQUIRE(AwaitList(submitted.request_number()) == v1::CITIZEN_LIST_STATE_DONE);
  CHECK(Call<v1::ListCitizenListsResponse>("ListCitizenLists", v1::ListCitizenListsRequest())
            ->requests_size() == 1);

  const std::string stranger = "VN:GOV:H02:motcua";
  CHECK(Call<v1::ListCitizenListsResponse>("ListCitizenLists", v1::ListCitizenListsRequest(), "",
                                           stranger)
            ->requests_size() == 0);
  v1::GetCitizenListResultRequest result;
  result.set_request_number(submitted.request_number());
  const auto seen =
      Call<v1::GetCitizenListResultResponse>("GetCitizenListResult", result, "", stranger).value();
  CHECK(seen.state() == v1::CITIZEN_LIST_STATE_NOT_FOUND);
  CHECK(seen.citizens_size() == 0);
  v1::DeleteCitizenListRequest remove;
  remove.set_request_number(submitted.request_number());
  CHECK_FALSE(Call<v1::DeleteCitizenListResponse>("DeleteCitizenList", remove,
                                                  "01890000-0000-7000-8000-00000000000b", stranger)
                  ->deleted());
}

TEST_CASE_METHOD(Population, "list requests have limits") {
  v1::SubmitCitizenListRequest empty;
  empty.mutable_criteria();
  CHECK(Call<v1::SubmitCitizenListResponse>("SubmitCitizenList", empty,
                                            "01890000-0000-7000-8000-000000000003")
            .status()
            .code() == absl::StatusCode::kInvalidArgument);
  v1::SubmitCitizenListRequest unkeyed;
  unkeyed.mutable_criteria()->set_province_code("01");
  CHECK(Call<v1::SubmitCitizenListResponse>("SubmitCitizenList", unkeyed).status().code() ==
        absl::StatusCode::kInvalidArgument);
  v1::ListCitizenListsRequest page;
  page.set_limit(100);
  CHECK(Call<v1::ListCitizenListsResponse>("ListCitizenLists", page).ok());
  page.set_limit(101);
  CHECK(Call<v1::ListCitizenListsResponse>("ListCitizenLists", page).status().code() ==
        absl::StatusCode::kInvalidArgument);
}

TEST_CASE_METHOD(Population, "a list has a limit of people") {
  const auto submit = [&](const std::string& id) {
    v1::SubmitCitizenListRequest request;
    request.mutable_criteria()->set_province_code("96");
    return AwaitList(
        Call<v1::SubmitCitizenListResponse>("SubmitCitizenList", request, id)->request_number());
  };
  database.Execute(
      "WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 50000) "
      "INSERT INTO people (citizen_id, full_name, name_key, gender, birth_date, birth_year, "
      "marital_status, permanent_province_code, life_status) "
      "SELECT '0000' || CAST(10000000 + n AS TEXT), 'A', 'A', 1, '1990', 1990, 1, '96', 1 "
      "FROM numbers");
  CHECK(submit("01890000-0000-7000-8000-000000000011") == v1::CITIZEN_LIST_STATE_DONE);
  CHECK(database.Number("SELECT MAX(citizen_count) FROM citizen_lists") == 50'000);
  database.Execute(
      "INSERT INTO people (citizen_id, full_name, name_key, gender, birth_date, birth_year, "
      "marital_status, permanent_province_code, life_status) "
      "VALUES ('000020000000', 'A', 'A', 1, '1990', 1990, 1, '96', 1)");
  CHECK(submit("01890000-0000-7000-8000-000000000012") == v1::CITIZEN_LIST_STATE_TOO_MANY);
  CHECK(database.Number("SELECT COUNT(*) FROM citizen_list_items") == 50'000);
}

TEST_CASE_METHOD(Population,
                 "a list that was running when the process ended is made after the restart") {
  v1::SubmitCitizenListRequest submit;
  submit.mutable_criteria()->set_province_code("79");
  const auto submitted = Call<v1::SubmitCitizenListResponse>("SubmitCitizenList", submit,
                                                             "01890000-0000-7000-8000-000000000004")
                             .value();
  REQUIRE(AwaitList(submitted.request_number()) == v1::CITIZEN_LIST_STATE_DONE);
  adapter.reset();
  database.Execute("DELETE FROM citizen_list_items");
  database.Execute("UPDATE citizen_lists SET state = 2, citizen_count = 0");
  adapter = MakePopulationAdapter(clock_, database.FilesOf("population")).value();
  CHECK(AwaitList(submitted.request_number()) == v1::CITIZEN_LIST_STATE_DONE);
  CHECK(database.Number("SELECT COUNT(*) FROM citizen_list_items") == 1);
}

TEST_CASE_METHOD(Population, "the database goes down and comes back, and so does the service") {
  CHECK(Verify("000190000001", "Nguyễn Thị Đào", "1990-05-17").value());
  database.TakeDown();
  CHECK(Verify("000190000001", "Nguyễn Thị Đào", "1990-05-17").status().code() ==
        absl::StatusCode::kUnavailable);
  const auto health = [&] {
    return Ask<adapter::v1::CheckHealthResponse>(
               *adapter, CallOf("/ndx.adapter.v1.AdapterService/CheckHealth",
                                adapter::v1::CheckHealthRequest()))
        .value();
  };
  CHECK_FALSE(health().serving());
  CHECK_FALSE(health().detail().empty());
  database.BringBack();
  CHECK(Verify("000190000001", "Nguyễn Thị Đào", "1990-05-17").value());
  CHECK(health().serving());
  CHECK(health().calls().at("ndx.population.v1.PopulationService.VerifyCitizen") == 2);
}

TEST_CASE_METHOD(Population, "a call after its deadline, or given up, is not run") {
  v1::VerifyCitizenRequest request;
  request.set_citizen_id("000190000001");
  request.set_full_name("Nguyễn Thị Đào");
  request.set_birth_date("1990");
  sdk::AdapterCall late = CallOf(std::string(kPath) + "VerifyCitizen", request);
  late.deadline_nanos = clock_.MonotonicNanos() - 1;
  CHECK(Ask<v1::VerifyCitizenResponse>(*adapter, late).status().code() ==
        absl::StatusCode::kDeadlineExceeded);
  auto reply = std::make_shared<tests::KeptReply>();
  reply->Cancel();
  adapter->Begin(CallOf(std::string(kPath) + "VerifyCitizen", request), reply);
  CHECK(reply->Await().code() == absl::StatusCode::kCancelled);
  CHECK(Ask<v1::VerifyCitizenResponse>(
            *adapter, CallOf("/ndx.population.v1.PopulationService/Nothing", request))
            .status()
            .code() == absl::StatusCode::kUnimplemented);
}

}  // namespace
}  // namespace ndx::population
