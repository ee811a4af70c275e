#include "ndx/tools/ledgerload/load_plan.h"

#include <catch2/catch.hpp>
#include <fstream>
#include <string>

#include "ndx/land/v1/land_service.pb.h"
#include "ndx/population/v1/population_service.pb.h"
#include "ndx/tests/support/temp_dir.h"

namespace ndx::tools::ledgerload {
namespace {

class Files {
 public:
  Files() {
    Write("people.csv",
          "number,citizen_id,full_name,birth_date,social_insurance_number\r\n"
          "1,999078000001,Trần Văn An,1978-01-02,9000000001\r\n"
          "2,999178000002,Lê Thị Hà,1978,9000000002\r\n");
    Write("parcels.csv",
          "parcel_id,version,commune_code\r\n91900_1_1,3,91900\r\n91900_1_2,1,91900\r\n");
  }

  void Write(const std::string& name, const std::string& text) const {
    std::ofstream(dir.File(name), std::ios::binary) << text;
  }

  PlanOptions Options(uint32_t changes_permille) const {
    return {dir.File("people.csv"), dir.File("parcels.csv"), changes_permille,
            "H55.990-20260105-0000001"};
  }

  tests::TempDir dir;
};

land::v1::RegisterChangeRequest ChangeIn(const PlannedExchange& exchange) {
  land::v1::RegisterChangeRequest request;
  REQUIRE(exchange.kind == ExchangeKind::kChange);
  REQUIRE(exchange.path == kRegisterPath);
  REQUIRE(request.ParseFromString(exchange.body));
  return request;
}

std::string Answer(land::v1::RegisterChangeOutcome outcome, uint64_t number, uint64_t version) {
  land::v1::RegisterChangeResponse response;
  response.set_outcome(outcome);
  response.set_change_number(number);
  response.set_parcel_version(version);
  return response.SerializeAsString();
}

TEST_CASE("plan: people are asked for in turn") {
  const Files files;
  auto plan = LoadPlan::Read(files.Options(0));
  REQUIRE(plan.ok());
  for (const std::string id : {"999078000001", "999178000002", "999078000001"}) {
    const PlannedExchange exchange = plan->Next();
    CHECK(exchange.kind == ExchangeKind::kRead);
    CHECK(exchange.path == kVerifyPath);
    population::v1::VerifyCitizenRequest request;
    REQUIRE(request.ParseFromString(exchange.body));
    CHECK(request.citizen_id() == id);
    CHECK(plan->Learn(exchange, "x").empty());
  }
}

TEST_CASE("plan: changes have their share, evenly") {
  const Files files;
  for (const uint32_t permille : {0U, 1U, 250U, 999U, 1000U}) {
    auto plan = LoadPlan::Read(files.Options(permille));
    REQUIRE(plan.ok());
    uint32_t changes = 0;
    for (uint32_t made = 1; made <= 2000; ++made) {
      const PlannedExchange exchange = plan->Next();
      if (exchange.kind == ExchangeKind::kChange) ++changes;
      CHECK(changes == made * permille / 1000);
      plan->Learn(exchange, "");
    }
  }
}

TEST_CASE("plan: a change goes on from the version that the last answer named") {
  const Files files;
  auto plan = LoadPlan::Read(files.Options(1000));
  REQUIRE(plan.ok());
  const PlannedExchange first = plan->Next();
  CHECK(ChangeIn(first).parcel_id() == "91900_1_1");
  CHECK(ChangeIn(first).expected_version() == 3);
  CHECK(ChangeIn(first).dossier_code() == "H55.990-20260105-0000001");
  const PlannedExchange second = plan->Next();
  CHECK(ChangeIn(second).parcel_id() == "91900_1_2");
  CHECK(plan->Learn(first, Answer(land::v1::REGISTER_CHANGE_OUTCOME_REGISTERED, 17, 4)) ==
        "registered=17");
  CHECK(plan->Learn(second, Answer(land::v1::REGISTER_CHANGE_OUTCOME_VERSION_CHANGED, 0, 9)) ==
        "outcome=3");
  const PlannedExchange third = plan->Next();
  CHECK(ChangeIn(third).expected_version() == 4);
  CHECK(plan->Learn(third, "").empty());  // lost: the version stays as it was last known
  CHECK(ChangeIn(plan->Next()).expected_version() == 9);
  CHECK(ChangeIn(plan->Next()).expected_version() == 4);
}

TEST_CASE("plan: while every parcel is under way, something else is asked") {
  const Files files;
  auto mixed = LoadPlan::Read(files.Options(999));
  REQUIRE(mixed.ok());
  CHECK(mixed->Next().kind == ExchangeKind::kRead);
  CHECK(mixed->Next().kind == ExchangeKind::kChange);
  CHECK(mixed->Next().kind == ExchangeKind::kChange);
  CHECK(mixed->Next().kind == ExchangeKind::kRead);
  auto changes_only = LoadPlan::Read(files.Options(1000));
  REQUIRE(changes_only.ok());
  for (int at = 0; at < 5; ++at) CHECK(changes_only->Next().kind == ExchangeKind::kChange);
}

TEST_CASE("plan: files that are no such lists are refused") {
  const Files files;
  CHECK(LoadPlan::Read(files.Options(1001)).status().code() == absl::StatusCode::kInvalidArgument);
  PlanOptions options = files.Options(500);
  options.people_file = files.dir.File("none");
  CHECK(LoadPlan::Read(options).status().code() == absl::StatusCode::kUnavailable);
  for (const std::string text : {"", "a,b,c,d\n", "a,b,c,d\n1,2,3\n"}) {
    options = files.Options(500);
    options.people_file = files.dir.File("bad");
    files.Write("bad", text);
    CHECK(LoadPlan::Read(options).status().code() == absl::StatusCode::kInvalidArgument);
  }
  options = files.Options(500);
  options.parcels_file = files.dir.File("bad");
  files.Write("bad", "parcel_id,version\nx,y\n");
  CHECK(LoadPlan::Read(options).status().code() == absl::StatusCode::kInvalidArgument);
  // A list that is not needed is not read.
  options = files.Options(0);
  options.parcels_file = "";
  CHECK(LoadPlan::Read(options).ok());
}

}  // namespace
}  // namespace ndx::tools::ledgerload
