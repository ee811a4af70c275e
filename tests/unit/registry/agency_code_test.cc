#include "ndx/registry/agency_code.h"

#include <catch2/catch.hpp>
#include <string>

#include "absl/strings/str_format.h"

namespace ndx::registry {
namespace {

std::string Canonical(const std::string& text) {
  const auto code = AgencyCode::Parse(text);
  return code.ok() ? code->text() : "refused";
}

TEST_CASE("both spellings of an agency code become one") {
  struct Case {
    const char* name;
    const char* text;
    const char* canonical;
  };
  const Case cases[] = {
      {"province, new", "H20", "H20"},
      {"province, legacy", "000.00.00.H20", "H20"},
      {"department, legacy", "000.00.14.H20", "H20.14"},
      {"department, new", "H20.14", "H20.14"},
      {"three levels, legacy", "000.05.14.H20", "H20.14.05"},
      {"four levels, legacy", "123.05.14.H20", "H20.14.05.123"},
      {"zero above a level that is there stays", "123.00.14.H20", "H20.14.00.123"},
      {"ministry's department of 2026", "G09.20", "G09.20"},
      {"three-digit group of 2026", "H55.242", "H55.242"},
      {"letters in lower groups", "G22.A1", "G22.A1"},
      {"enterprise", "0100109106", "0100109106"},
      {"branch", "0100109106-001", "0100109106-001"},
      {"household business", "999070000123", "999070000123"},
      {"nine groups, 35 characters", "G09.111.222.333.444.555.666.777.888",
       "G09.111.222.333.444.555.666.777.888"},
      {"ten groups", "G09.1.2.3.4.5.6.7.8.9", "refused"},
      {"36 characters", "G09.1111.222.333.444.555.666.777.888", "refused"},
      {"empty", "", "refused"},
      {"lower case", "h20", "refused"},
      {"no level one", "14.H20", "refused"},
      {"level one of four", "H205", "refused"},
      {"legacy of three groups", "00.14.H20", "refused"},
      {"legacy with short group", "00.00.14.H20", "refused"},
      {"trailing dot", "H20.", "refused"},
      {"double dot", "H20..1", "refused"},
      {"blank", "H20 ", "refused"},
      {"not ASCII", "H20.Đ", "refused"},
      {"letters in a legacy group", "0A0.00.14.H20", "refused"},
      {"nine digits", "010010910", "refused"},
      {"branch without dash", "0100109106001", "refused"},
  };
  for (const Case& c : cases) {
    INFO(c.name);
    CHECK(Canonical(c.text) == c.canonical);
  }
}

TEST_CASE("an error does not repeat the input") {
  CHECK(AgencyCode::Parse("secret").status().message().find("secret") == absl::string_view::npos);
}

TEST_CASE("the legacy spelling is given back where there is one") {
  CHECK(AgencyCode::Parse("H20")->LegacyText() == "000.00.00.H20");
  CHECK(AgencyCode::Parse("H55.242")->LegacyText().empty());
  CHECK(AgencyCode::Parse("G22.A1")->LegacyText().empty());
  CHECK(AgencyCode::Parse("0100109106")->LegacyText().empty());
  CHECK(AgencyCode::Parse("H20.14.05.123.1")->LegacyText().empty());
  CHECK(AgencyCode().LegacyText().empty());
  // Its zeros would vanish on the way back, so it has none.
  CHECK(AgencyCode::Parse("H20.00")->LegacyText().empty());
}

TEST_CASE("every legacy code round-trips") {
  for (int level2 = 0; level2 < 100; level2 += 7) {
    for (int level3 = 0; level3 < 100; level3 += 9) {
      for (int level4 = 0; level4 < 1000; level4 += 111) {
        const std::string text = absl::StrFormat("%03d.%02d.%02d.G22", level4, level3, level2);
        const auto code = AgencyCode::Parse(text);
        REQUIRE(code.ok());
        CHECK(code->LegacyText() == text);
        CHECK(AgencyCode::Parse(code->text())->text() == code->text());
      }
    }
  }
}

}  // namespace
}  // namespace ndx::registry
