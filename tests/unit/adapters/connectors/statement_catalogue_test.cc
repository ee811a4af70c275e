#include "statement_catalogue.h"

#include <catch2/catch.hpp>

#include "ndx/land/v1/land_service.pb.h"
#include "ndx/settings/settings_loader.h"
#include "ndx/tests/support/fake_clock.h"

namespace ndx::connectors {
namespace {

connector::v1::SqlMapping Mapping(const std::string& yaml) {
  connector::v1::SqlMapping mapping;
  const absl::Status read = settings::ParseSettings({{"mapping.yaml", yaml}}, mapping, nullptr);
  INFO(read);
  REQUIRE(read.ok());
  return mapping;
}

TEST_CASE("each kind of database gets its own text where there is one") {
  const auto mapping = Mapping(R"(
statements:
  - {name: a, sql: SELECT 1, postgresql: SELECT 2}
  - {name: b, sqlite: UPDATE t SET x = 1, sql: SELECT 3})");
  const auto sqlite = StatementCatalogue::Build(mapping, Dialect::kSqlite).value();
  const auto postgresql = StatementCatalogue::Build(mapping, Dialect::kPostgresql).value();
  CHECK(sqlite.Find("a")->sql == "SELECT 1");
  CHECK(postgresql.Find("a")->sql == "SELECT 2");
  CHECK_FALSE(sqlite.Find("b")->returns_rows);
  CHECK(postgresql.Find("b")->returns_rows);
  CHECK(sqlite.Find("a")->rows_max == 1000);
  CHECK(sqlite.Find("c") == nullptr);
}

TEST_CASE("a mapping that cannot be right is refused with the statement's name") {
  struct Case {
    const char* name;
    const char* yaml;
    const char* says;
  };
  const Case cases[] = {
      {"twice", "statements: [{name: a, sql: SELECT 1}, {name: a, sql: SELECT 1}]",
       "a stands twice"},
      {"no text", "statements: [{name: a, sqlite: SELECT 1}]", "a has no text"},
      {"unused parameter",
       "statements: [{name: a, sql: SELECT 1, parameters: [{name: x, field: y}]}]",
       "does not use parameter x"},
      {"parameter twice",
       "statements: [{name: a, sql: 'SELECT :x', parameters: [{name: x, field: y}, {name: x, "
       "field: z}]}]",
       "gives parameter x twice"},
  };
  for (const Case& c : cases) {
    INFO(c.name);
    const auto built = StatementCatalogue::Build(Mapping(c.yaml), Dialect::kPostgresql);
    REQUIRE_FALSE(built.ok());
    CHECK(std::string(built.status().message()).find(c.says) != std::string::npos);
  }
}

TEST_CASE("values come from the request, the call and the code") {
  const auto mapping = Mapping(R"(
statements:
  - name: all
    sql: "SELECT :parcel_id, :content, :who, :day, :now, :key, :address, :size"
    parameters:
      - {name: content, field: content, transform: NAME_KEY}
      - {name: who, field: $consumer}
      - {name: day, field: $today}
      - {name: now, field: $now}
      - {name: key, field: $idempotency_key}
      - {name: address, field: new_address, empty_is_null: true}
      - {name: size, field: $size})");
  const auto catalogue = StatementCatalogue::Build(mapping, Dialect::kSqlite).value();
  const Statement& statement = *catalogue.Find("all");
  // 18:00 of 30 June in London is the next day in Hà Nội.
  absl::Time now;
  std::string error;
  REQUIRE(absl::ParseTime(absl::RFC3339_full, "2025-06-30T18:00:00Z", &now, &error));
  const tests::FakeClock clock(now);
  sdk::AdapterCall call;
  call.idempotency_key = "key";
  call.metadata = {{"ndx-consumer", "VN:GOV:H55:motcua"}};
  const sdk::CallContext context(call, nullptr, clock);
  land::v1::RegisterChangeRequest request;
  request.set_parcel_id("000-P1");
  request.set_content("Đào");
  const auto values = BindValues(statement, &request, {{"size", int64_t{5}}}, context).value();
  CHECK(values == std::vector<SqlValue>{std::string("000-P1"), std::string("DAO"),
                                        std::string("VN:GOV:H55:motcua"), std::string("2025-07-01"),
                                        std::string("2025-06-30T18:00:00Z"), std::string("key"),
                                        std::monostate(), int64_t{5}});
  CHECK(BindValues(statement, &request, {}, context).status().code() ==
        absl::StatusCode::kInternal);
  CHECK(BindValues(statement, nullptr, {{"size", int64_t{5}}}, context).status().code() ==
        absl::StatusCode::kInternal);
  request.set_parcel_id(std::string("a\0b", 3));
  CHECK(BindValues(statement, &request, {{"size", int64_t{5}}}, context).status().code() ==
        absl::StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace ndx::connectors
