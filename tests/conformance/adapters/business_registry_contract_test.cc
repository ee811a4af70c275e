// What the business registry adapter promises, on the database that this run is about.
#include <catch2/catch.hpp>
#include <memory>
#include <string>

#include "ndx/adapter/v1/adapter_service.pb.h"
#include "ndx/adapters/business_registry/business_registry_adapter.h"
#include "ndx/business_registry/v1/business_registry_service.pb.h"
#include "ndx/core/system_clock.h"
#include "ndx/tests/support/adapter_caller.h"
#include "test_database.h"

namespace ndx::business_registry {
namespace {

using tests::Ask;
using tests::CallOf;

class BusinessRegistry {
 public:
  BusinessRegistry() {
    auto made = MakeBusinessRegistryAdapter(clock_, database.FilesOf("business_registry"));
    INFO(made.status());
    REQUIRE(made.ok());
    adapter = *std::move(made);
    v1::GetEnterpriseRequest nobody;
    nobody.set_enterprise_code("0000000001");
    REQUIRE(Call<v1::GetEnterpriseResponse>("GetEnterprise", nobody).value().outcome() ==
            v1::LOOKUP_OUTCOME_NOT_FOUND);
    database.Execute(
        "INSERT INTO enterprises (enterprise_code, registry_number, type_name, name, "
        "founding_date, amendment_count, "
        "status, capital_vnd, office_province_code, office_full_text) VALUES "
        "('0000000000', '1', 'Công ty TNHH', 'CÔNG TY THỬ', '2015-03-01', 2, 1, '1500000000.500', "
        "'01', 'Số 1')");
    database.Execute(
        "INSERT INTO enterprise_representatives (enterprise_code, position, citizen_id, full_name, "
        "title) VALUES "
        "('0000000000', 1, '000190000001', 'Nguyễn Thị Đào', 'Giám đốc')");
    database.Execute(
        "INSERT INTO enterprise_activities (enterprise_code, position, code, name, is_main) VALUES "
        "('0000000000', 2, '4711', 'Bán lẻ', 0), ('0000000000', 1, '6201', 'Lập trình', 1)");
    database.Execute(
        "INSERT INTO enterprise_members (enterprise_code, position, citizen_id, name, amount_vnd, "
        "ratio_percent, "
        "country_code) VALUES ('0000000000', 1, NULL, 'Someone Abroad', '10', '100', 'JP')");
    database.Execute(
        "INSERT INTO dossiers (journal_number, enterprise_code, document_type, site_code, "
        "received_at, status, "
        "contact_name) VALUES "
        "('J-1', '0000000000', 'MOI', '01', '2025-07-01T00:00:00+07:00', 4, 'A'), "
        "('J-2', NULL, 'MOI', '01', '2025-07-01T09:30:59+07:00', 1, 'B'), "
        "('J-3', NULL, 'MOI', '01', '2025-07-01T23:59:59+07:00', 2, 'C'), "
        "('J-4', NULL, 'MOI', '01', '2025-07-02T08:00:00+07:00', 2, 'D'), "
        "('J-5', NULL, 'MOI', '01', '2025-07-05T23:59:59+07:00', 3, 'E'), "
        "('J-6', NULL, 'MOI', '01', '2025-07-06T00:00:00+07:00', 3, 'F')");
  }

  template <typename Answer, typename Request>
  absl::StatusOr<Answer> Call(const std::string& method, const Request& request) {
    return Ask<Answer>(
        *adapter, CallOf("/ndx.business_registry.v1.BusinessRegistryService/" + method, request));
  }

  core::SystemClock clock_;
  tests::TestDatabase database;
  std::unique_ptr<sdk::Adapter> adapter;
};

TEST_CASE_METHOD(BusinessRegistry, "an enterprise comes with its people and lines of business") {
  v1::GetEnterpriseRequest request;
  request.set_enterprise_code("0000000000");
  const auto answer = Call<v1::GetEnterpriseResponse>("GetEnterprise", request).value();
  CHECK(answer.outcome() == v1::LOOKUP_OUTCOME_FOUND);
  const v1::Enterprise& enterprise = answer.enterprise();
  CHECK(enterprise.name() == "CÔNG TY THỬ");
  CHECK(enterprise.status() == v1::ENTERPRISE_STATUS_ACTIVE);
  CHECK(enterprise.amendment_count() == 2);
  CHECK(enterprise.capital_vnd() == "1500000000.500");
  CHECK(enterprise.head_office().province_code() == "01");
  REQUIRE(enterprise.activities_size() == 2);
  CHECK(enterprise.activities(0).code() == "6201");
  CHECK(enterprise.activities(0).is_main());
  CHECK_FALSE(enterprise.activities(1).is_main());
  REQUIRE(enterprise.legal_representatives_size() == 1);
  CHECK(enterprise.legal_representatives(0).citizen_id() == "000190000001");
  REQUIRE(enterprise.members_size() == 1);
  CHECK(enterprise.members(0).citizen_id().empty());

  for (const char* hostile :
       {"0000000000' OR '1'='1", "'; DELETE FROM enterprises; --", "%", "0000000000 "}) {
    request.set_enterprise_code(hostile);
    CHECK(Call<v1::GetEnterpriseResponse>("GetEnterprise", request)->outcome() ==
          v1::LOOKUP_OUTCOME_NOT_FOUND);
  }
  request.clear_enterprise_code();
  CHECK(Call<v1::GetEnterpriseResponse>("GetEnterprise", request).status().code() ==
        absl::StatusCode::kInvalidArgument);
  CHECK(database.Number("SELECT COUNT(*) FROM enterprises") == 1);
}

TEST_CASE_METHOD(BusinessRegistry, "the dossiers of a day, whole or between two times, in pages") {
  struct Case {
    const char* name;
    const char* date;
    const char* from;
    const char* to;
    int dossiers;
  };
  const Case cases[] = {
      {"whole day", "2025-07-01", "", "", 3},
      {"up to a minute, its seconds included", "2025-07-01", "", "09:30", 2},
      {"up to the minute before", "2025-07-01", "", "09:29", 1},
      {"from a minute on", "2025-07-01", "09:30", "", 2},
      {"from the next on", "2025-07-01", "09:31", "", 1},
      {"last minute", "2025-07-01", "23:59", "23:59", 1},
      {"another day", "2025-07-03", "", "", 0},
  };
  for (const Case& c : cases) {
    INFO(c.name);
    v1::ListDossiersOfDayRequest request;
    request.set_date(c.date);
    request.set_from_time(c.from);
    request.set_to_time(c.to);
    const auto answer = Call<v1::ListDossiersOfDayResponse>("ListDossiersOfDay", request);
    INFO(answer.status());
    REQUIRE(answer.ok());
    CHECK(answer->dossiers_size() == c.dossiers);
    CHECK(answer->total_count() == static_cast<uint64_t>(c.dossiers));
  }
  v1::ListDossiersOfDayRequest page;
  page.set_date("2025-07-01");
  page.set_limit(2);
  page.set_offset(2);
  const auto answer = Call<v1::ListDossiersOfDayResponse>("ListDossiersOfDay", page).value();
  REQUIRE(answer.dossiers_size() == 1);
  CHECK(answer.dossiers(0).journal_number() == "J-3");
  CHECK(answer.total_count() == 3);
  for (const char* wrong : {"9:30", "24:00", "09:60", "09:30:00", "' OR 1"}) {
    page.set_from_time(wrong);
    CHECK(Call<v1::ListDossiersOfDayResponse>("ListDossiersOfDay", page).status().code() ==
          absl::StatusCode::kInvalidArgument);
  }
}

TEST_CASE_METHOD(BusinessRegistry, "a range of days has five at most") {
  v1::ListDossiersRequest request;
  request.set_from_date("2025-07-01");
  request.set_to_date("2025-07-05");
  const auto answer = Call<v1::ListDossiersResponse>("ListDossiers", request).value();
  CHECK(answer.total_count() == 5);
  REQUIRE(answer.dossiers_size() == 5);
  CHECK(answer.dossiers(4).journal_number() == "J-5");
  struct Case {
    const char* from;
    const char* to;
  };
  for (const Case& c : {Case{"2025-07-01", "2025-07-06"}, Case{"2025-07-02", "2025-07-01"},
                        Case{"01/07/2025", "02/07/2025"}, Case{"2025-02-29", "2025-03-01"},
                        Case{"", "2025-07-01"}}) {
    request.set_from_date(c.from);
    request.set_to_date(c.to);
    CHECK(Call<v1::ListDossiersResponse>("ListDossiers", request).status().code() ==
          absl::StatusCode::kInvalidArgument);
  }
}

TEST_CASE_METHOD(BusinessRegistry, "a dossier's status is found by its journal number") {
  v1::GetDossierStatusRequest request;
  request.set_journal_number("J-1");
  const auto answer = Call<v1::GetDossierStatusResponse>("GetDossierStatus", request).value();
  CHECK(answer.outcome() == v1::LOOKUP_OUTCOME_FOUND);
  CHECK(answer.dossier().status() == v1::DOSSIER_PROCESS_STATUS_APPROVED);
  CHECK(answer.dossier().received_at() == "2025-07-01T00:00:00+07:00");
  request.set_journal_number("J-9");
  CHECK(Call<v1::GetDossierStatusResponse>("GetDossierStatus", request)->outcome() ==
        v1::LOOKUP_OUTCOME_NOT_FOUND);
}

TEST_CASE_METHOD(BusinessRegistry, "an adapter that changes nothing says that nothing was done") {
  adapter::v1::GetExchangeStatusRequest request;
  request.set_exchange_id("01890000-0000-7000-8000-000000000001");
  CHECK(Ask<adapter::v1::GetExchangeStatusResponse>(
            *adapter, CallOf("/ndx.adapter.v1.AdapterService/GetExchangeStatus", request))
            ->outcome() == adapter::v1::EXCHANGE_OUTCOME_NOT_DONE);
}

TEST_CASE_METHOD(BusinessRegistry, "the registry goes down and comes back") {
  v1::GetDossierStatusRequest request;
  request.set_journal_number("J-1");
  database.TakeDown();
  CHECK(Call<v1::GetDossierStatusResponse>("GetDossierStatus", request).status().code() ==
        absl::StatusCode::kUnavailable);
  database.BringBack();
  CHECK(Call<v1::GetDossierStatusResponse>("GetDossierStatus", request)->outcome() ==
        v1::LOOKUP_OUTCOME_FOUND);
}

}  // namespace
}  // namespace ndx::business_registry
