// What the land adapter promises, on the database that this run is about.
#include <soci/soci.h>

#include <catch2/catch.hpp>
#include <memory>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "ndx/adapter/v1/adapter_service.pb.h"
#include "ndx/adapters/land/land_adapter.h"
#include "ndx/core/system_clock.h"
#include "ndx/land/v1/land_service.pb.h"
#include "ndx/tests/support/adapter_caller.h"
#include "test_database.h"

namespace ndx::land {
namespace {

using tests::Ask;
using tests::CallOf;

constexpr char kPath[] = "/ndx.land.v1.LandService/";
constexpr char kId[] = "01890000-0000-7000-8000-000000000001";

class Land {
 public:
  Land() {
    auto made = MakeLandAdapter(clock_, database.FilesOf("land"));
    INFO(made.status());
    REQUIRE(made.ok());
    adapter = *std::move(made);
    REQUIRE(StatusOf(kId).value().outcome() == adapter::v1::EXCHANGE_OUTCOME_NOT_DONE);
    database.Execute(
        "INSERT INTO parcels (parcel_id, province_code, commune_code, map_sheet, parcel_number, "
        "address, area_m2, "
        "status, certificate_serial, version, updated_at) VALUES "
        "('000-P1', '01', '00001', '12', '345', 'Tổ 1', '120.5', 1, 'ZZ 000001', 1, "
        "'2025-01-01T00:00:00Z'), "
        "('000-P2', '01', '00001', '12', '346', NULL, '80', 2, NULL, 7, '2025-01-01T00:00:00Z')");
    database.Execute(
        "INSERT INTO parcel_uses (parcel_id, position, land_type_code, area_m2, term) VALUES "
        "('000-P1', 2, 'CLN', '20.5', '2045-12-31'), ('000-P1', 1, 'ODT', '100', 'lâu dài')");
    database.Execute(
        "INSERT INTO parcel_holders (parcel_id, position, citizen_id, enterprise_code, name, role) "
        "VALUES "
        "('000-P1', 1, '000190000001', NULL, 'Nguyễn Thị Đào', 'chủ sử dụng'), "
        "('000-P2', 1, '000190000001', NULL, 'Nguyễn Thị Đào', 'đồng sử dụng'), "
        "('000-P2', 2, NULL, '0000000000', 'Công ty Thử', 'đồng sử dụng')");
    database.Execute(
        "INSERT INTO certificates (serial, register_number, issued_date, status, parcel_id) VALUES "
        "('ZZ 000001', 'VS 00001', '2020-02-29', 1, '000-P1')");
    database.Execute(
        "INSERT INTO certificate_holders (serial, position, citizen_id, name, role) VALUES "
        "('ZZ 000001', 1, '000190000001', 'Nguyễn Thị Đào', 'chủ sử dụng')");
  }

  template <typename Answer, typename Request>
  absl::StatusOr<Answer> Call(const std::string& method, const Request& request,
                              const std::string& id = "") {
    return Ask<Answer>(*adapter, CallOf(kPath + method, request, id));
  }

  absl::StatusOr<adapter::v1::GetExchangeStatusResponse> StatusOf(const std::string& id) {
    adapter::v1::GetExchangeStatusRequest request;
    request.set_exchange_id(id);
    return Ask<adapter::v1::GetExchangeStatusResponse>(
        *adapter, CallOf("/ndx.adapter.v1.AdapterService/GetExchangeStatus", request));
  }

  static v1::RegisterChangeRequest Move() {
    v1::RegisterChangeRequest request;
    request.set_parcel_id("000-P1");
    request.set_expected_version(1);
    request.set_kind(v1::CHANGE_KIND_ADDRESS);
    request.set_dossier_code("000.00.14.H20-250703-0001");
    request.set_content("Cập nhật địa chỉ theo đơn vị hành chính mới");
    request.set_new_commune_code("00004");
    request.set_new_province_code("01");
    request.set_new_address("Tổ 5, phường mới");
    return request;
  }

  v1::Parcel Parcel(const std::string& id) {
    v1::GetParcelRequest request;
    request.set_parcel_id(id);
    return Call<v1::GetParcelResponse>("GetParcel", request)->parcel();
  }

  core::SystemClock clock_;
  tests::TestDatabase database;
  std::unique_ptr<sdk::Adapter> adapter;
};

TEST_CASE_METHOD(Land, "a parcel is found by identifier and by its place on the map") {
  v1::GetParcelRequest by_id;
  by_id.set_parcel_id("000-P1");
  v1::GetParcelRequest by_place;
  by_place.mutable_position()->set_commune_code("00001");
  by_place.mutable_position()->set_map_sheet("12");
  by_place.mutable_position()->set_parcel_number("345");
  for (const auto& request : {by_id, by_place}) {
    const auto answer = Call<v1::GetParcelResponse>("GetParcel", request);
    INFO(answer.status());
    REQUIRE(answer.ok());
    CHECK(answer->outcome() == v1::LOOKUP_OUTCOME_FOUND);
    CHECK(answer->parcel().parcel_id() == "000-P1");
    CHECK(answer->parcel().version() == 1);
    REQUIRE(answer->parcel().uses_size() == 2);
    CHECK(answer->parcel().uses(0).land_type_code() == "ODT");
    REQUIRE(answer->parcel().holders_size() == 1);
    CHECK(answer->parcel().holders(0).citizen_id() == "000190000001");
  }
  v1::GetParcelRequest none;
  none.set_parcel_id("000-P9");
  const auto answer = Call<v1::GetParcelResponse>("GetParcel", none).value();
  CHECK(answer.outcome() == v1::LOOKUP_OUTCOME_NOT_FOUND);
  CHECK_FALSE(answer.has_parcel());
  none.mutable_position()->set_map_sheet("12");
  CHECK(Call<v1::GetParcelResponse>("GetParcel", none).status().code() ==
        absl::StatusCode::kInvalidArgument);
}

TEST_CASE_METHOD(Land, "a certificate is found by serial and by register number") {
  v1::GetCertificateRequest by_serial;
  by_serial.set_serial("ZZ 000001");
  v1::GetCertificateRequest by_register;
  by_register.set_register_number("VS 00001");
  for (const auto& request : {by_serial, by_register}) {
    const auto answer = Call<v1::GetCertificateResponse>("GetCertificate", request).value();
    CHECK(answer.outcome() == v1::LOOKUP_OUTCOME_FOUND);
    CHECK(answer.certificate().parcel_id() == "000-P1");
    CHECK(answer.certificate().holders_size() == 1);
  }
  v1::GetCertificateRequest none;
  none.set_serial("' OR 1=1 --");
  CHECK(Call<v1::GetCertificateResponse>("GetCertificate", none)->outcome() ==
        v1::LOOKUP_OUTCOME_NOT_FOUND);
}

TEST_CASE_METHOD(Land, "the parcels of a person and of an enterprise come in pages") {
  v1::ListParcelsOfHolderRequest person;
  person.set_citizen_id("000190000001");
  person.set_limit(1);
  auto answer = Call<v1::ListParcelsOfHolderResponse>("ListParcelsOfHolder", person).value();
  CHECK(answer.total_count() == 2);
  REQUIRE(answer.parcels_size() == 1);
  CHECK(answer.parcels(0).parcel_id() == "000-P1");
  person.set_offset(1);
  answer = Call<v1::ListParcelsOfHolderResponse>("ListParcelsOfHolder", person).value();
  REQUIRE(answer.parcels_size() == 1);
  CHECK(answer.parcels(0).parcel_id() == "000-P2");
  CHECK(answer.parcels(0).status() == v1::PARCEL_STATUS_BLOCKED);
  v1::ListParcelsOfHolderRequest enterprise;
  enterprise.set_enterprise_code("0000000000");
  CHECK(Call<v1::ListParcelsOfHolderResponse>("ListParcelsOfHolder", enterprise)->total_count() ==
        1);
  enterprise.set_limit(101);
  CHECK_FALSE(Call<v1::ListParcelsOfHolderResponse>("ListParcelsOfHolder", enterprise).ok());
}

TEST_CASE_METHOD(Land, "a change is registered once, and the same exchange gives the same answer") {
  const auto first = Call<v1::RegisterChangeResponse>("RegisterChange", Move(), kId);
  INFO(first.status());
  REQUIRE(first.ok());
  CHECK(first->outcome() == v1::REGISTER_CHANGE_OUTCOME_REGISTERED);
  CHECK(first->change_number() == 1);
  CHECK(first->parcel_version() == 2);
  CHECK(Parcel("000-P1").commune_code() == "00004");
  CHECK(Parcel("000-P1").address() == "Tổ 5, phường mới");
  CHECK(Parcel("000-P1").version() == 2);

  const auto again = Call<v1::RegisterChangeResponse>("RegisterChange", Move(), kId).value();
  CHECK(again.SerializeAsString() == first->SerializeAsString());
  CHECK(Parcel("000-P1").version() == 2);
  CHECK(database.Number("SELECT COUNT(*) FROM land_changes") == 1);

  const auto status = StatusOf(kId).value();
  CHECK(status.outcome() == adapter::v1::EXCHANGE_OUTCOME_DONE);
  CHECK(status.answer() == first->SerializeAsString());

  auto other = Move();
  other.set_content("Khác");
  CHECK(Call<v1::RegisterChangeResponse>("RegisterChange", other, kId).status().code() ==
        absl::StatusCode::kAborted);
  CHECK(Call<v1::RegisterChangeResponse>("RegisterChange", Move()).status().code() ==
        absl::StatusCode::kInvalidArgument);
}

TEST_CASE_METHOD(Land, "a transfer replaces the holders") {
  auto transfer = Move();
  transfer.set_kind(v1::CHANGE_KIND_TRANSFER);
  CHECK(Call<v1::RegisterChangeResponse>("RegisterChange", transfer, kId).status().code() ==
        absl::StatusCode::kInvalidArgument);
  auto* person = transfer.add_new_holders();
  person->set_citizen_id("000090000002");
  person->set_name("Trần Văn Thử; DROP TABLE parcels; --");
  person->set_role("chủ sử dụng");
  auto* enterprise = transfer.add_new_holders();
  enterprise->set_enterprise_code("0000000000");
  enterprise->set_name("Công ty Thử");
  enterprise->set_role("đồng sử dụng");
  REQUIRE(Call<v1::RegisterChangeResponse>("RegisterChange", transfer, kId)->outcome() ==
          v1::REGISTER_CHANGE_OUTCOME_REGISTERED);
  const v1::Parcel parcel = Parcel("000-P1");
  REQUIRE(parcel.holders_size() == 2);
  CHECK(parcel.holders(0).name() == "Trần Văn Thử; DROP TABLE parcels; --");
  CHECK(parcel.holders(1).enterprise_code() == "0000000000");
  CHECK(parcel.holders(1).citizen_id().empty());
}

TEST_CASE_METHOD(Land, "a change that cannot be made is answered, and its answer is kept") {
  struct Case {
    const char* name;
    const char* parcel;
    uint64_t version;
    v1::RegisterChangeOutcome outcome;
    uint64_t parcel_version;
  };
  const Case cases[] = {
      {"no such parcel", "000-P9", 1, v1::REGISTER_CHANGE_OUTCOME_PARCEL_NOT_FOUND, 0},
      {"changed meanwhile", "000-P1", 2, v1::REGISTER_CHANGE_OUTCOME_VERSION_CHANGED, 1},
      {"blocked", "000-P2", 7, v1::REGISTER_CHANGE_OUTCOME_PARCEL_BLOCKED, 7},
  };
  int number = 0;
  for (const Case& c : cases) {
    INFO(c.name);
    auto request = Move();
    request.set_parcel_id(c.parcel);
    request.set_expected_version(c.version);
    const std::string id = absl::StrCat("01890000-0000-7000-8000-00000000010", ++number);
    const auto answer = Call<v1::RegisterChangeResponse>("RegisterChange", request, id).value();
    CHECK(answer.outcome() == c.outcome);
    CHECK(answer.parcel_version() == c.parcel_version);
    CHECK(StatusOf(id)->outcome() == adapter::v1::EXCHANGE_OUTCOME_DONE);
  }
  CHECK(database.Number("SELECT COUNT(*) FROM land_changes") == 0);
}

TEST_CASE_METHOD(Land, "what is written is checked") {
  const auto code = [&](const v1::RegisterChangeRequest& request) {
    return Call<v1::RegisterChangeResponse>("RegisterChange", request, kId).status().code();
  };
  auto request = Move();
  request.set_new_commune_code("4");
  CHECK(code(request) == absl::StatusCode::kInvalidArgument);
  request = Move();
  request.set_content(std::string(2001, 'x'));
  CHECK(code(request) == absl::StatusCode::kInvalidArgument);
  request = Move();
  request.set_content(std::string("a\0b", 3));
  CHECK(code(request) == absl::StatusCode::kInvalidArgument);
  request = Move();
  request.add_new_holders()->set_name("không có số");
  CHECK(code(request) == absl::StatusCode::kInvalidArgument);
  request = Move();
  for (int i = 0; i < 51; ++i) {
    auto* holder = request.add_new_holders();
    holder->set_citizen_id("000090000002");
    holder->set_name("Người");
    holder->set_role("đồng sử dụng");
  }
  CHECK(code(request) == absl::StatusCode::kInvalidArgument);
  request.mutable_new_holders()->RemoveLast();
  request.set_content(std::string(2000, 'x'));
  CHECK(code(request) == absl::StatusCode::kOk);
}

TEST_CASE_METHOD(Land, "changes are listed from a day on, in order") {
  REQUIRE(Call<v1::RegisterChangeResponse>("RegisterChange", Move(), kId).ok());
  // 23:59:59 of 30 June and 00:00:00 of 1 July in Vietnam.
  database.Execute(
      "INSERT INTO land_changes (change_number, idempotency_key, parcel_id, commune_code, kind, "
      "registered_at, "
      "parcel_version, dossier_code, content) VALUES "
      "(101, 'k1', '000-P2', '00001', 5, '2025-06-30T16:59:59Z', 5, 'd', 'c'), "
      "(102, 'k2', '000-P2', '00001', 5, '2025-06-30T17:00:00Z', 6, 'd', 'c')");
  v1::ListChangesRequest request;
  request.set_since_date("2025-07-01");
  auto answer = Call<v1::ListChangesResponse>("ListChanges", request);
  INFO(answer.status());
  REQUIRE(answer.ok());
  REQUIRE(answer->changes_size() == 2);
  CHECK(answer->changes(0).change_number() == 1);
  CHECK(answer->changes(0).dossier_code() == "000.00.14.H20-250703-0001");
  CHECK(answer->changes(1).change_number() == 102);
  request.set_after_change_number(1);
  CHECK(Call<v1::ListChangesResponse>("ListChanges", request)->changes_size() == 1);
  request.set_commune_code("00009");
  CHECK(Call<v1::ListChangesResponse>("ListChanges", request)->changes_size() == 0);
  for (const char* day : {"2025-02-30", "hôm qua", "2025-7-1", "2025-07-01' OR '1'='1"}) {
    request.set_since_date(day);
    CHECK(Call<v1::ListChangesResponse>("ListChanges", request).status().code() ==
          absl::StatusCode::kInvalidArgument);
  }
  // Numbers go on behind those that somebody else has loaded.
  auto next = Move();
  next.set_expected_version(2);
  CHECK(Call<v1::RegisterChangeResponse>("RegisterChange", next,
                                         "01890000-0000-7000-8000-000000000002")
            ->change_number() == 103);
}

TEST_CASE_METHOD(Land, "many at once: one effect for one exchange, one winner for one version") {
  std::vector<std::shared_ptr<tests::KeptReply>> same;
  for (int i = 0; i < 8; ++i) {
    same.push_back(std::make_shared<tests::KeptReply>());
    adapter->Begin(CallOf(std::string(kPath) + "RegisterChange", Move(), kId), same.back());
  }
  std::set<std::string> answers;
  for (const auto& reply : same) {
    const absl::Status status = reply->Await();
    INFO(status);
    REQUIRE(status.ok());
    answers.insert(*reply->messages().at(0));
  }
  CHECK(answers.size() == 1);
  CHECK(database.Number("SELECT COUNT(*) FROM land_changes") == 1);
  CHECK(Parcel("000-P1").version() == 2);

  auto second = Move();
  second.set_expected_version(2);
  std::vector<std::shared_ptr<tests::KeptReply>> rivals;
  for (int i = 0; i < 8; ++i) {
    rivals.push_back(std::make_shared<tests::KeptReply>());
    adapter->Begin(CallOf(std::string(kPath) + "RegisterChange", second,
                          absl::StrCat("01890000-0000-7000-8000-00000000020", i)),
                   rivals.back());
  }
  int registered = 0;
  for (const auto& reply : rivals) {
    REQUIRE(reply->Await().ok());
    v1::RegisterChangeResponse answer;
    REQUIRE(answer.ParseFromString(*reply->messages().at(0)));
    registered += answer.outcome() == v1::REGISTER_CHANGE_OUTCOME_REGISTERED ? 1 : 0;
  }
  CHECK(registered == 1);
  CHECK(Parcel("000-P1").version() == 3);
}

TEST_CASE_METHOD(Land, "a change that meets a lock until its deadline has had no effect") {
  const auto blocker = database.Connect();
  *blocker << (tests::EngineUnderTest() == tests::Engine::kSqlite ? "BEGIN IMMEDIATE" : "BEGIN");
  *blocker << "UPDATE parcels SET assets = 'khoá' WHERE parcel_id = '000-P1'";
  sdk::AdapterCall call = CallOf(std::string(kPath) + "RegisterChange", Move(), kId);
  call.deadline_nanos = clock_.MonotonicNanos() + 200'000'000;
  CHECK(Ask<v1::RegisterChangeResponse>(*adapter, call).status().code() ==
        absl::StatusCode::kDeadlineExceeded);
  *blocker << "ROLLBACK";
  CHECK(StatusOf(kId)->outcome() == adapter::v1::EXCHANGE_OUTCOME_NOT_DONE);
  CHECK(Parcel("000-P1").version() == 1);
  CHECK(Call<v1::RegisterChangeResponse>("RegisterChange", Move(), kId)->outcome() ==
        v1::REGISTER_CHANGE_OUTCOME_REGISTERED);
}

TEST_CASE_METHOD(Land, "a change that waits is reported as running") {
  const auto blocker = database.Connect();
  *blocker << (tests::EngineUnderTest() == tests::Engine::kSqlite ? "BEGIN IMMEDIATE" : "BEGIN");
  *blocker << "UPDATE parcels SET assets = 'khoá' WHERE parcel_id = '000-P1'";
  auto reply = std::make_shared<tests::KeptReply>();
  adapter->Begin(CallOf(std::string(kPath) + "RegisterChange", Move(), kId), reply);
  CHECK(StatusOf(kId)->outcome() == adapter::v1::EXCHANGE_OUTCOME_RUNNING);
  *blocker << "ROLLBACK";
  CHECK(reply->Await().ok());
  CHECK(StatusOf(kId)->outcome() == adapter::v1::EXCHANGE_OUTCOME_DONE);
}

TEST_CASE_METHOD(Land,
                 "the database goes down and comes back with every change that was answered") {
  REQUIRE(Call<v1::RegisterChangeResponse>("RegisterChange", Move(), kId).ok());
  database.TakeDown();
  auto next = Move();
  next.set_expected_version(2);
  const std::string id = "01890000-0000-7000-8000-000000000002";
  CHECK(Call<v1::RegisterChangeResponse>("RegisterChange", next, id).status().code() ==
        absl::StatusCode::kUnavailable);
  CHECK(StatusOf(id).status().code() == absl::StatusCode::kUnavailable);
  database.BringBack();
  CHECK(StatusOf(id)->outcome() == adapter::v1::EXCHANGE_OUTCOME_NOT_DONE);
  CHECK(StatusOf(kId)->outcome() == adapter::v1::EXCHANGE_OUTCOME_DONE);
  CHECK(Call<v1::RegisterChangeResponse>("RegisterChange", next, id)->change_number() == 2);
}

}  // namespace
}  // namespace ndx::land
