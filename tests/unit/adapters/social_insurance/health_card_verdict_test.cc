#include "health_card_verdict.h"

#include <catch2/catch.hpp>
#include <set>

namespace ndx::social_insurance {
namespace {

TEST_CASE("the form of a number says how to look it up, or what is wrong with it") {
  CHECK(ReadCardNumber("9000000001").kind == CardNumberKind::kInsuranceNumber);
  CHECK(ReadCardNumber("000190000001").kind == CardNumberKind::kCitizenId);
  CHECK(ReadCardNumber("DN4010000000001").kind == CardNumberKind::kCard);
  CHECK(ReadCardNumber("DN4010000000001").result == v1::HEALTH_CARD_RESULT_VALID);
  CHECK(ReadCardNumber("DN0010000000001").result == v1::HEALTH_CARD_RESULT_BENEFIT_WRONG);
  CHECK(ReadCardNumber("DN5010000000001").result == v1::HEALTH_CARD_RESULT_VALID);
  CHECK(ReadCardNumber("DN6010000000001").result == v1::HEALTH_CARD_RESULT_BENEFIT_WRONG);
  CHECK(ReadCardNumber("DN4000000000001").result == v1::HEALTH_CARD_RESULT_PROVINCE_WRONG);
  CHECK(ReadCardNumber("DN4AB0000000001").result == v1::HEALTH_CARD_RESULT_PROVINCE_WRONG);
  for (const char* wrong : {"", "DN401000000000", "DN40100000000011", "dn4010000000001",
                            "D14010000000001", "DN401000000000X", "900000000A"}) {
    INFO(wrong);
    CHECK(ReadCardNumber(wrong).result == v1::HEALTH_CARD_RESULT_NUMBER_MALFORMED);
  }
}

TEST_CASE("there are 23 results, each with its code and remark") {
  const auto& type = *v1::HealthCardResult_descriptor();
  std::set<std::string> codes;
  for (int i = 0; i < type.value_count(); ++i) {
    if (type.value(i)->number() == 0) continue;
    const auto result = static_cast<v1::HealthCardResult>(type.value(i)->number());
    INFO(type.value(i)->name());
    CHECK_FALSE(ResultNote(result).empty());
    CHECK(ResultCode(result).size() == 3);
    codes.insert(ResultCode(result));
  }
  CHECK(codes == std::set<std::string>{"000", "001", "002", "003", "010", "050", "051", "052",
                                       "053", "060", "061", "070", "100", "101", "110", "120",
                                       "121", "122", "123", "124", "130", "401", "500"});
}

TEST_CASE("the first thing that is wrong wins, and another person's record stays closed") {
  v1::CheckHealthCardResponse record;
  record.set_full_name("Nguyễn Thị Đào");
  record.set_birth_date("1990-05-17");
  record.set_valid_from("2025-01-01");
  record.set_valid_to("2025-12-31");
  record.set_result_code("110");
  record.set_new_card_number("DN4010000000099");
  v1::CheckHealthCardRequest request;
  request.set_full_name("Trần");
  request.set_birth_date("1991");
  CHECK(VerdictOf(record, request, "2026-01-01") == v1::HEALTH_CARD_RESULT_NAME_WRONG);
  request.set_full_name("nguyen thi dao");
  CHECK(VerdictOf(record, request, "2026-01-01") == v1::HEALTH_CARD_RESULT_BIRTH_DATE_WRONG);
  request.set_birth_date("1990");
  CHECK(VerdictOf(record, request, "2026-01-01") == v1::HEALTH_CARD_RESULT_REPLACED);
  record.clear_new_card_number();
  CHECK(VerdictOf(record, request, "2026-01-01") == v1::HEALTH_CARD_RESULT_WITHDRAWN);
  record.set_result_code("000");
  CHECK(VerdictOf(record, request, "2026-01-01") == v1::HEALTH_CARD_RESULT_EXPIRED);
  CHECK(VerdictOf(record, request, "2025-12-31") == v1::HEALTH_CARD_RESULT_VALID);
  record.set_result_code("999");
  CHECK(VerdictOf(record, request, "2025-12-31") == v1::HEALTH_CARD_RESULT_DATA_ERROR);

  v1::CheckHealthCardResponse shown = record;
  Disclose(v1::HEALTH_CARD_RESULT_EXPIRED, shown);
  CHECK(shown.full_name() == "Nguyễn Thị Đào");
  CHECK(shown.result_code() == "010");
  Disclose(v1::HEALTH_CARD_RESULT_NAME_WRONG, shown);
  CHECK(shown.full_name().empty());
  CHECK(shown.valid_to().empty());
  CHECK(shown.result_code() == "060");
}

}  // namespace
}  // namespace ndx::social_insurance
