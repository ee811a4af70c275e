#include "ndx/registry/calendar.h"

#include <catch2/catch.hpp>
#include <string>
#include <vector>

namespace ndx::registry {
namespace {

absl::Time At(const std::string& rfc3339) {
  absl::Time at;
  REQUIRE(absl::ParseTime(absl::RFC3339_full, rfc3339, &at, nullptr));
  return at;
}

v1::Hours MakeHours(const std::vector<v1::Day>& days, const std::string& from,
                    const std::string& to) {
  v1::Hours hours;
  for (const v1::Day day : days) hours.add_days(day);
  hours.set_from(from);
  hours.set_to(to);
  return hours;
}

TEST_CASE("days are those of Vietnam, whatever the clock's zone") {
  CHECK(VietnamDay(At("2026-11-21T16:59:59Z")) == absl::CivilDay(2026, 11, 21));
  CHECK(VietnamDay(At("2026-11-21T17:00:00Z")) == absl::CivilDay(2026, 11, 22));
}

TEST_CASE("only days that exist are read") {
  CHECK(*ParseDay("2024-02-29") == absl::CivilDay(2024, 2, 29));
  for (const char* bad :
       {"2025-02-29", "2025-13-01", "2025-00-01", "2025-01-00", "2025-1-01", "01/02/2025",
        "2025-01-01 ", "1899-12-31", "", "2025-01-0x", "-025-01-01", "2025-01--1"}) {
    INFO(bad);
    CHECK_FALSE(ParseDay(bad).ok());
  }
}

TEST_CASE("a range includes both its ends") {
  const DateRange range{.from = absl::CivilDay(2025, 7, 1), .to = absl::CivilDay(2025, 7, 31)};
  CHECK_FALSE(range.Contains(absl::CivilDay(2025, 6, 30)));
  CHECK(range.Contains(absl::CivilDay(2025, 7, 1)));
  CHECK(range.Contains(absl::CivilDay(2025, 7, 31)));
  CHECK_FALSE(range.Contains(absl::CivilDay(2025, 8, 1)));
  CHECK(range.FromText() == "2025-07-01");
  CHECK(DateRange().Contains(absl::CivilDay(1, 1, 1)));
  CHECK(DateRange().ToText() == "…");
}

TEST_CASE("hours begin at their first minute and end before their last") {
  WeeklyHours hours;
  REQUIRE(hours.Add(MakeHours({v1::DAY_MONDAY, v1::DAY_TUESDAY}, "07:30", "11:30")).ok());
  REQUIRE(hours.Add(MakeHours({v1::DAY_SUNDAY}, "22:00", "24:00")).ok());
  struct Case {
    const char* at;
    bool allowed;
  };
  const Case cases[] = {
      {"2026-11-23T07:29:59+07:00", false},  // a Monday
      {"2026-11-23T07:30:00+07:00", true},  {"2026-11-23T11:29:59+07:00", true},
      {"2026-11-23T11:30:00+07:00", false}, {"2026-11-23T00:30:00Z", true},
      {"2026-11-25T08:00:00+07:00", false},  // a Wednesday
      {"2026-11-22T21:59:59+07:00", false},  // a Sunday
      {"2026-11-22T23:59:59+07:00", true},  {"2026-11-23T00:00:00+07:00", false},
  };
  for (const Case& c : cases) {
    INFO(c.at);
    CHECK(hours.Allows(At(c.at)) == c.allowed);
  }
  CHECK(WeeklyHours().Allows(At("2026-11-23T03:00:00Z")));
}

TEST_CASE("hours are told in both languages") {
  WeeklyHours hours;
  const std::vector<v1::Day> working = {v1::DAY_MONDAY, v1::DAY_TUESDAY, v1::DAY_WEDNESDAY,
                                        v1::DAY_THURSDAY, v1::DAY_FRIDAY};
  REQUIRE(hours.Add(MakeHours(working, "07:30", "11:30")).ok());
  REQUIRE(hours.Add(MakeHours(working, "13:00", "17:00")).ok());
  REQUIRE(hours.Add(MakeHours({v1::DAY_SATURDAY}, "08:00", "11:00")).ok());
  CHECK(hours.TextVi() == "T2–T6 07:30–11:30, 13:00–17:00; T7 08:00–11:00");
  CHECK(hours.TextEn() == "Mon–Fri 07:30–11:30, 13:00–17:00; Sat 08:00–11:00");
  WeeklyHours always;
  REQUIRE(always.Add(MakeHours({}, "00:00", "24:00")).ok());
  CHECK(always.TextEn() == "Mon–Sun 00:00–24:00");
  WeeklyHours split;
  REQUIRE(split.Add(MakeHours({v1::DAY_MONDAY, v1::DAY_TUESDAY, v1::DAY_SUNDAY}, "08:00", "09:00"))
              .ok());
  CHECK(split.TextVi() == "T2,T3,CN 08:00–09:00");
}

TEST_CASE("hours that make no sense are refused") {
  WeeklyHours hours;
  CHECK_FALSE(hours.Add(MakeHours({}, "08:00", "08:00")).ok());
  CHECK_FALSE(hours.Add(MakeHours({}, "22:00", "05:00")).ok());
  CHECK_FALSE(hours.Add(MakeHours({}, "24:00", "24:00")).ok());
  CHECK_FALSE(hours.Add(MakeHours({}, "8:00", "09:00")).ok());
  CHECK_FALSE(hours.Add(MakeHours({}, "08:60", "09:00")).ok());
  CHECK_FALSE(hours.Add(MakeHours({}, "08:00", "24:01")).ok());
  CHECK_FALSE(hours.Add(MakeHours({}, "08-00", "09:00")).ok());
  CHECK_FALSE(hours.Add(MakeHours({v1::DAY_MONDAY, v1::DAY_MONDAY}, "08:00", "09:00")).ok());
  CHECK_FALSE(hours.Add(MakeHours({v1::DAY_UNSPECIFIED}, "08:00", "09:00")).ok());
  CHECK(hours.TextVi().empty());
}

}  // namespace
}  // namespace ndx::registry
