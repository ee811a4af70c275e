#include "ndx/adapters/connectors/configured_methods.h"

#include <catch2/catch.hpp>

#include "ndx/core/system_clock.h"
#include "ndx/land/v1/land_service.pb.h"
#include "ndx/settings/settings_loader.h"

namespace ndx::connectors {
namespace {

// What the mapping says about methods, given some statements; no database is asked.
absl::Status Add(const std::string& methods_yaml) {
  SqlDatabaseOptions options;
  const std::string yaml = R"(
statements:
  - {name: parcel, sql: "SELECT :parcel_id AS \"parcel_id\""}
  - {name: page, sql: "SELECT 1 AS \"total_count\" LIMIT :limit", parameters: [{name: limit, field: $limit}]}
)" + methods_yaml;
  const absl::Status read =
      settings::ParseSettings({{"mapping.yaml", yaml}}, options.mapping, nullptr);
  INFO(read);
  REQUIRE(read.ok());
  options.settings.mutable_sqlite()->set_file("/nowhere");
  const core::SystemClock clock;
  const connector::v1::SqlMapping mapping = options.mapping;
  const auto database = SqlDatabase::Open(clock, std::move(options)).value();
  sdk::MethodTable methods(
      *land::v1::GetParcelRequest::descriptor()->file()->FindServiceByName("LandService"));
  return AddConfiguredMethods(mapping, *database, nullptr, methods);
}

TEST_CASE("a mapping is held against the service before anything is served") {
  struct Case {
    const char* name;
    const char* methods;
    const char* says;  // null when it is good
  };
  const Case cases[] = {
      {"good", "{method: GetParcel, steps: [{statement: parcel, into: parcel}]}", nullptr},
      {"unknown method", "{method: Drop, steps: [{statement: parcel}]}", "is no method of"},
      {"unknown statement", "{method: GetParcel, steps: [{statement: x}]}", "no statement x"},
      {"into a text", "{method: GetParcel, steps: [{statement: parcel, into: parcel.parcel_id}]}",
       "is no message"},
      {"placeholder of another request", "{method: ListChanges, steps: [{statement: parcel}]}",
       "has no field parcel_id"},
      {"needs what is not there",
       "{method: GetParcel, needs_one_of: [x], steps: [{statement: parcel}]}",
       "no request field x"},
      {"outcome is no enum",
       "{method: GetParcel, outcome: {field: parcel, none: X}, steps: [{statement: parcel}]}",
       "is no enum"},
      {"outcome has no such value",
       "{method: GetParcel, outcome: {none: GONE}, steps: [{statement: parcel}]}",
       "has no value GONE"},
      {"page without limit",
       "{method: GetParcel, page: {rows: 1, rows_max: 2}, steps: [{statement: parcel}]}",
       "needs the request field limit"},
      {"served twice",
       "{method: GetParcel, steps: [{statement: parcel}]}, {method: GetParcel, steps: [{statement: "
       "parcel}]}",
       "served already"},
  };
  for (const Case& c : cases) {
    INFO(c.name);
    const absl::Status added = Add(std::string("methods: [") + c.methods + "]\n");
    INFO(added);
    CHECK(added.ok() == (c.says == nullptr));
    if (c.says != nullptr) CHECK(std::string(added.message()).find(c.says) != std::string::npos);
  }
}

TEST_CASE("a page has a default and two limits") {
  connector::v1::SqlPage page;
  page.set_rows(20);
  page.set_rows_max(100);
  land::v1::ListParcelsOfHolderRequest request;
  CHECK(PageValues(request, page).value() ==
        SqlValues{{"limit", int64_t{20}}, {"offset", int64_t{0}}});
  request.set_limit(100);
  request.set_offset(static_cast<uint32_t>(kPageOffsetMax));
  CHECK(PageValues(request, page).ok());
  request.set_limit(101);
  CHECK(PageValues(request, page).status().code() == absl::StatusCode::kInvalidArgument);
  request.set_limit(1);
  request.set_offset(static_cast<uint32_t>(kPageOffsetMax + 1));
  CHECK(PageValues(request, page).status().code() == absl::StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace ndx::connectors
