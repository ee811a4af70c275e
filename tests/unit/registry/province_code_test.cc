#include "ndx/registry/province_code.h"

#include <catch2/catch.hpp>
#include <fstream>
#include <map>
#include <set>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace ndx::registry {
namespace {

std::string NameOn(const char* code, absl::CivilDay day) {
  const auto meaning = ProvinceOn(code, day);
  return meaning.has_value() ? std::string(meaning->name) : "";
}

TEST_CASE("the seven codes that came to mean another province decode by date") {
  struct Case {
    const char* code;
    const char* before;
    const char* since;
    const char* before_is_part_of;  // code and name today
  };
  const Case cases[] = {
      {"15", "Yên Bái", "Lào Cai", "15 Lào Cai"},
      {"24", "Bắc Giang", "Bắc Ninh", "24 Bắc Ninh"},
      {"44", "Quảng Bình", "Quảng Trị", "44 Quảng Trị"},
      {"52", "Bình Định", "Gia Lai", "52 Gia Lai"},
      {"80", "Long An", "Tây Ninh", "80 Tây Ninh"},
      {"82", "Tiền Giang", "Đồng Tháp", "82 Đồng Tháp"},
      {"91", "Kiên Giang", "An Giang", "91 An Giang"},
  };
  std::set<std::string> changed;
  for (const Case& each : cases) {
    INFO(each.code);
    CHECK(NameOn(each.code, absl::CivilDay(2025, 6, 30)) == each.before);
    CHECK(NameOn(each.code, absl::CivilDay(2025, 7, 1)) == each.since);
    const auto before = ProvinceOn(each.code, absl::CivilDay(1999, 1, 1));
    REQUIRE(before.has_value());
    REQUIRE(before->joined_into != nullptr);
    CHECK(absl::StrCat(before->joined_into->code, " ", before->joined_into->name) ==
          each.before_is_part_of);
    changed.insert(each.code);
  }
  // And no others.
  for (const Province& province : Provinces()) {
    const auto meanings = MeaningsOfProvinceCode(province.code);
    const bool other = meanings.size() != 2 || meanings[0].name != meanings[1].name;
    CHECK(other == (changed.count(std::string(province.code)) > 0));
  }
}

TEST_CASE(
    "a code that went out of use leads to the province of today, and one that never was to "
    "nothing") {
  const auto before = ProvinceOn("06", absl::CivilDay(2025, 6, 30));
  REQUIRE(before.has_value());
  CHECK(before->name == "Bắc Kạn");
  CHECK(before->joined_into->code == "19");
  CHECK_FALSE(ProvinceOn("06", absl::CivilDay(2025, 7, 1)).has_value());
  CHECK(MeaningsOfProvinceCode("03").empty());
  CHECK(MeaningsOfProvinceCode("").empty());
}

TEST_CASE("codes, names and days are those of the shared catalogues") {
  std::ifstream csv(NDX_SOURCE_DIR "/adapters/shared_catalogues/data/provinces.csv");
  std::string line;
  REQUIRE(std::getline(csv, line));
  size_t rows = 0;
  while (std::getline(csv, line)) {
    INFO(line);
    const std::vector<std::string> cells =
        absl::StrSplit(absl::StripTrailingAsciiWhitespace(line), ',');
    REQUIRE(cells.size() == 4);
    const bool former = cells[2].empty();
    const auto meanings = MeaningsOfProvinceCode(cells[0]);
    REQUIRE_FALSE(meanings.empty());
    const ProvinceMeaning& meaning = former ? meanings.front() : meanings.back();
    CHECK(meaning.name == cells[1]);
    CHECK((former ? meaning.in_use.ToText() : meaning.in_use.FromText()) == cells[former ? 3 : 2]);
    CHECK((meaning.joined_into != nullptr) == former);
    ++rows;
  }
  CHECK(rows == 63 + 34);
}

}  // namespace
}  // namespace ndx::registry
