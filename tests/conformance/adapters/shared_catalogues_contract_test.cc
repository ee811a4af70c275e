// What the adapter of the shared catalogues promises, on the database that this run is about. The
// rows are the real ones that an empty database is filled with.
#include <catch2/catch.hpp>
#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "ndx/adapter/v1/adapter_service.pb.h"
#include "ndx/adapters/shared_catalogues/shared_catalogues_adapter.h"
#include "ndx/core/system_clock.h"
#include "ndx/shared_catalogues/v1/shared_catalogues_service.pb.h"
#include "ndx/tests/support/adapter_caller.h"
#include "test_database.h"

namespace ndx::shared_catalogues {
namespace {

using tests::Ask;
using tests::CallOf;

constexpr char kProvinces[] = "donvihanhchinhcap1";
constexpr char kId[] = "01890000-0000-7000-8000-000000000001";

class SharedCatalogues {
 public:
  SharedCatalogues() { Begin(); }

  void Begin() {
    connectors::AdapterFiles files = database.FilesOf("shared_catalogues");
    files.settings.set_seed_file(NDX_SOURCE_DIR "/adapters/shared_catalogues/seeds.yaml");
    auto made = MakeSharedCataloguesAdapter(clock_, files);
    INFO(made.status());
    REQUIRE(made.ok());
    adapter = *std::move(made);
  }

  template <typename Answer, typename Request>
  absl::StatusOr<Answer> Call(const std::string& method, const Request& request,
                              const std::string& id = "") {
    return Ask<Answer>(
        *adapter,
        CallOf("/ndx.shared_catalogues.v1.SharedCataloguesService/" + method, request, id));
  }

  v1::ListRowsResponse Rows(const std::string& key, const std::string& day) {
    v1::ListRowsRequest request;
    request.set_catalogue_code(kProvinces);
    request.set_key(key);
    request.set_valid_on(day);
    const auto answer = Call<v1::ListRowsResponse>("ListRows", request);
    INFO(answer.status());
    REQUIRE(answer.ok());
    return *answer;
  }

  static v1::UpsertRowsRequest Province(const std::string& code, const std::string& name) {
    v1::UpsertRowsRequest request;
    request.set_catalogue_code(kProvinces);
    auto* row = request.add_rows();
    row->set_valid_from("2030-01-01");
    (*row->mutable_values())["ma"] = code;
    (*row->mutable_values())["ten"] = name;
    return request;
  }

  core::SystemClock clock_;
  tests::TestDatabase database;
  std::unique_ptr<sdk::Adapter> adapter;
};

TEST_CASE_METHOD(SharedCatalogues, "an empty database is filled once with the published lists") {
  const auto listed =
      Call<v1::ListCataloguesResponse>("ListCatalogues", v1::ListCataloguesRequest());
  INFO(listed.status());
  REQUIRE(listed.ok());
  REQUIRE(listed->total_count() == 3);
  REQUIRE(listed->catalogues_size() == 3);
  CHECK(listed->catalogues(0).code() == "csdlhttt");
  CHECK(listed->catalogues(0).row_count() == 24);
  CHECK(listed->catalogues(1).code() == "dichvucongmuc4nam2019");
  CHECK(listed->catalogues(1).row_count() == 83);
  CHECK(listed->catalogues(2).code() == kProvinces);
  CHECK(listed->catalogues(2).row_count() == 97);
  adapter.reset();
  Begin();
  CHECK(Call<v1::ListCataloguesResponse>("ListCatalogues", v1::ListCataloguesRequest())
            ->catalogues(2)
            .row_count() == 97);
}

TEST_CASE_METHOD(SharedCatalogues, "columns have names and types") {
  v1::GetColumnsRequest request;
  request.set_catalogue_code("dichvucongmuc4nam2019");
  const auto answer = Call<v1::GetColumnsResponse>("GetColumns", request).value();
  CHECK(answer.outcome() == v1::CATALOGUE_OUTCOME_FOUND);
  REQUIRE(answer.columns_size() == 6);
  CHECK(answer.columns(0).is_key());
  CHECK(answer.columns(5).type() == v1::COLUMN_TYPE_DECIMAL);
  request.set_catalogue_code("khongco");
  CHECK(Call<v1::GetColumnsResponse>("GetColumns", request)->outcome() ==
        v1::CATALOGUE_OUTCOME_NOT_FOUND);
}

TEST_CASE_METHOD(SharedCatalogues, "a province code means what it meant on the day") {
  CHECK(Rows("", "2025-06-30").total_count() == 63);
  CHECK(Rows("", "2025-07-01").total_count() == 34);
  struct Case {
    const char* code;
    const char* before;
    const char* since;
  };
  for (const Case& each :
       {Case{"15", "Yên Bái", "Lào Cai"}, Case{"24", "Bắc Giang", "Bắc Ninh"},
        Case{"44", "Quảng Bình", "Quảng Trị"}, Case{"52", "Bình Định", "Gia Lai"},
        Case{"80", "Long An", "Tây Ninh"}, Case{"82", "Tiền Giang", "Đồng Tháp"},
        Case{"91", "Kiên Giang", "An Giang"}}) {
    INFO(each.code);
    CHECK(Rows(each.code, "2025-06-30").rows(0).values().at("ten") == each.before);
    CHECK(Rows(each.code, "2025-07-01").rows(0).values().at("ten") == each.since);
  }
  REQUIRE(Rows("24", "").rows_size() == 2);
  CHECK(Rows("24", "").rows(1).valid_from() == "2025-07-01");
  CHECK(Rows("99", "").total_count() == 0);
  v1::ListRowsRequest request;
  request.set_catalogue_code(kProvinces);
  request.set_limit(1000);
  CHECK(Call<v1::ListRowsResponse>("ListRows", request)->rows_size() == 97);
  request.set_limit(1001);
  CHECK(Call<v1::ListRowsResponse>("ListRows", request).status().code() ==
        absl::StatusCode::kInvalidArgument);
  request.set_limit(0);
  request.set_valid_on("2025-7-1");
  CHECK(Call<v1::ListRowsResponse>("ListRows", request).status().code() ==
        absl::StatusCode::kInvalidArgument);
  request.set_valid_on("");
  request.set_catalogue_code("' OR '1'='1");
  CHECK(Call<v1::ListRowsResponse>("ListRows", request)->outcome() ==
        v1::CATALOGUE_OUTCOME_NOT_FOUND);
}

TEST_CASE_METHOD(SharedCatalogues, "rows are added, replaced, and once only for one exchange") {
  auto request = Province("98", "Tỉnh \"thử\" \\ một\n");
  auto answer = Call<v1::UpsertRowsResponse>("UpsertRows", request, kId);
  INFO(answer.status());
  REQUIRE(answer.ok());
  CHECK(answer->outcome() == v1::UPSERT_OUTCOME_DONE);
  CHECK(answer->inserted_count() == 1);
  CHECK(Rows("98", "2030-01-01").rows(0).values().at("ten") == "Tỉnh \"thử\" \\ một\n");
  CHECK(Call<v1::UpsertRowsResponse>("UpsertRows", request, kId)->inserted_count() == 1);
  CHECK(Rows("", "").total_count() == 98);

  request = Province("98", "Tên khác");
  answer =
      Call<v1::UpsertRowsResponse>("UpsertRows", request, "01890000-0000-7000-8000-000000000002");
  CHECK(answer->updated_count() == 1);
  CHECK(answer->inserted_count() == 0);
  CHECK(Rows("98", "").rows(0).values().at("ten") == "Tên khác");
  CHECK(Rows("", "").total_count() == 98);

  adapter::v1::GetExchangeStatusRequest status;
  status.set_exchange_id(kId);
  CHECK(Ask<adapter::v1::GetExchangeStatusResponse>(
            *adapter, CallOf("/ndx.adapter.v1.AdapterService/GetExchangeStatus", status))
            ->outcome() == adapter::v1::EXCHANGE_OUTCOME_DONE);
}

TEST_CASE_METHOD(SharedCatalogues, "one wrong row and nothing is written") {
  const auto problem = [&](const v1::UpsertRowsRequest& request, int number) {
    const auto answer =
        Call<v1::UpsertRowsResponse>("UpsertRows", request,
                                     absl::StrCat("01890000-0000-7000-8000-00000000030", number))
            .value();
    CHECK(answer.outcome() == v1::UPSERT_OUTCOME_ROWS_REJECTED);
    REQUIRE(answer.problems_size() >= 1);
    CHECK(answer.problems(0).row_index() == 1);
    return answer.problems(0).kind();
  };
  auto request = Province("98", "Tốt");
  *request.add_rows() = request.rows(0);
  CHECK(problem(request, 1) == v1::ROW_PROBLEM_KIND_DUPLICATE);
  (*request.mutable_rows(1)->mutable_values())["ma"] = "99";
  (*request.mutable_rows(1)->mutable_values())["lạ"] = "x";
  CHECK(problem(request, 2) == v1::ROW_PROBLEM_KIND_COLUMN_UNKNOWN);
  request.mutable_rows(1)->mutable_values()->erase("lạ");
  (*request.mutable_rows(1)->mutable_values())["ma"] = "";
  CHECK(problem(request, 3) == v1::ROW_PROBLEM_KIND_KEY_MISSING);
  (*request.mutable_rows(1)->mutable_values())["ma"] = "9|9";
  CHECK(problem(request, 4) == v1::ROW_PROBLEM_KIND_VALUE_MALFORMED);
  (*request.mutable_rows(1)->mutable_values())["ma"] = "99";
  request.mutable_rows(1)->set_valid_to("2029-12-31");
  CHECK(problem(request, 5) == v1::ROW_PROBLEM_KIND_VALIDITY_WRONG);
  CHECK(Rows("98", "").total_count() == 0);
  request.set_catalogue_code("khongco");
  CHECK(Call<v1::UpsertRowsResponse>("UpsertRows", request, "01890000-0000-7000-8000-000000000309")
            ->outcome() == v1::UPSERT_OUTCOME_CATALOGUE_NOT_FOUND);
}

}  // namespace
}  // namespace ndx::shared_catalogues
