#include "catalogue_rules.h"

#include <catch2/catch.hpp>

#include "absl/strings/str_cat.h"

namespace ndx::shared_catalogues {
namespace {

google::protobuf::RepeatedPtrField<v1::CatalogueColumn> Columns() {
  google::protobuf::RepeatedPtrField<v1::CatalogueColumn> columns;
  const auto add = [&](const char* code, v1::ColumnType type, bool is_key) {
    auto* column = columns.Add();
    column->set_code(code);
    column->set_type(type);
    column->set_is_key(is_key);
  };
  add("nhom", v1::COLUMN_TYPE_TEXT, true);
  add("stt", v1::COLUMN_TYPE_INTEGER, true);
  add("tyle", v1::COLUMN_TYPE_DECIMAL, false);
  add("ngay", v1::COLUMN_TYPE_DATE, false);
  return columns;
}

v1::CatalogueRow Row(const std::string& number, const std::string& rate = "",
                     const std::string& day = "") {
  v1::CatalogueRow row;
  (*row.mutable_values())["nhom"] = "a";
  (*row.mutable_values())["stt"] = number;
  if (!rate.empty()) (*row.mutable_values())["tyle"] = rate;
  if (!day.empty()) (*row.mutable_values())["ngay"] = day;
  return row;
}

int Problems(const v1::CatalogueRow& row) {
  google::protobuf::RepeatedPtrField<v1::CatalogueRow> rows;
  *rows.Add() = row;
  v1::UpsertRowsResponse answer;
  FindProblems(Columns(), rows, answer);
  return answer.problems_size();
}

TEST_CASE("values must be of their column's type") {
  CHECK(Problems(Row("1", "99.98", "2024-02-29")) == 0);
  CHECK(Problems(Row("-1", "-0.5")) == 0);
  for (const char* number : {"1.5", "x", "+1", "1 ", "99999999999999999999"})
    CHECK(Problems(Row(number)) == 1);
  for (const char* rate : {".5", "5.", "1.2.3", "1,5", "-", "1e3"})
    CHECK(Problems(Row("1", rate)) == 1);
  for (const char* day : {"2025-02-29", "2025-1-1", "hôm nay"})
    CHECK(Problems(Row("1", "", day)) == 1);
}

TEST_CASE("no more problems are listed than the limit") {
  google::protobuf::RepeatedPtrField<v1::CatalogueRow> rows;
  for (int i = 0; i < kRowProblemsMax + 5; ++i) *rows.Add() = Row("x");
  v1::UpsertRowsResponse answer;
  FindProblems(Columns(), rows, answer);
  CHECK(answer.problems_size() == kRowProblemsMax);
}

TEST_CASE("a row is stored under its key, as JSON") {
  auto row = Row("7", "1.5");
  (*row.mutable_values())["nhom"] = "\"a\"\\\n";
  CHECK(RowKey(Columns(), row) == "\"a\"\\\n|7");
  const auto stored = StoredRow("x", Columns(), row);
  CHECK(std::get<std::string>(stored.find("values_json")->second) ==
        R"({"nhom":"\"a\"\\\u000a","stt":"7","tyle":"1.5"})");
}

}  // namespace
}  // namespace ndx::shared_catalogues
